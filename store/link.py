"""Links in contents that were followed: to where, in which message, how often."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from kernel.happening import Happening
from kernel.ids import new_id
from kernel.message import Address
from store import audit, campaign_slice, outcome
from store.engine import Connection

FOLLOWED = "link_followed"


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that carries a content: which, to whom, and what the content is about."""

    outbox_id: UUID
    content_id: UUID
    category: str
    address: Address


async def find_sending(connection: Connection, outbox_id: UUID) -> Sending | None:
    """Return the message of an outbox id, if it carries a content."""
    await campaign_slice.put_out(connection, outbox_id)
    row = (await connection.execute(_SENDING, {"outbox": outbox_id})).one_or_none()
    if row is None:
        return None
    address = Address(row.channel, row.account, row.address)
    return Sending(row.id, row.content_id, row.category, address)


async def record_click(connection: Connection, sending: Sending, url: str) -> bool:
    """Count that a link was followed; True the first time, which makes the message read."""
    parameters = {"id": new_id(), "content": sending.content_id, "url": url}
    link_id = (await connection.execute(_LINK, parameters)).scalar_one()
    clicked = {"outbox": sending.outbox_id, "link": link_id}
    if (await connection.execute(_CLICK, clicked)).scalar_one() > 1:
        return False
    told = Happening("client", FOLLOWED, "outbox", sending.outbox_id, after={"link": str(link_id)})
    await audit.record(connection, [told])
    # Who follows a link has the message, whatever became of the call.
    await outcome.record_moved(connection, sending.outbox_id, "accepted", code="link")
    await outcome.advance(connection, sending.outbox_id, "read")
    return True


_SENDING = text("""
SELECT outbox.id, outbox.channel, outbox.account, outbox.address, content.id AS content_id,
  content.category
FROM outbox JOIN content ON content.id = outbox.content_id WHERE outbox.id = :outbox
""")
_LINK = text("""
INSERT INTO link (id, content_id, url) VALUES (:id, :content, :url)
ON CONFLICT (content_id, url) DO UPDATE SET url = EXCLUDED.url RETURNING id
""")
_CLICK = text("""
INSERT INTO click (outbox_id, link_id) VALUES (:outbox, :link)
ON CONFLICT (outbox_id, link_id) DO UPDATE SET times = click.times + 1 RETURNING times
""")
