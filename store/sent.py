"""Looks up one message that left the house, by our own name for it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Address, Content
from store import campaign_slice
from store.body import open_content
from store.cipher import Cipher


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the outbox: where it went, what it said, how it stands."""

    outbox_id: UUID
    address: Address
    content: Content
    state: str


async def find(connection: AsyncConnection, cipher: Cipher, outbox_id: UUID) -> Sent | None:
    """Return a message that left, or None if there is none of this name."""
    row = (await connection.execute(_FIND, {"outbox": outbox_id})).one_or_none()
    if row is None:
        return None
    content = open_content(cipher, row.body_enc, row.message_id)
    return Sent(outbox_id, Address(row.channel, row.account, row.address), content, row.state)


async def find_address(connection: AsyncConnection, outbox_id: UUID) -> Address | None:
    """Return where a message went, or None; one of a campaign may be under way still."""
    await campaign_slice.put_out(connection, outbox_id)
    row = (await connection.execute(_ADDRESS, {"outbox": outbox_id})).one_or_none()
    return Address(row.channel, row.account, row.address) if row else None


_ADDRESS = text("SELECT channel, account, address FROM outbox WHERE id = :outbox")
_FIND = text("""
SELECT outbox.channel, outbox.account, outbox.address, outbox.state, message.body_enc,
  message.id AS message_id
FROM outbox JOIN message ON message.id = outbox.message_id WHERE outbox.id = :outbox
""")
