"""Every yes and no of a client, by the identity that said it; the newest of a category counts.

A stranger has an identity only, so that is what a consent belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import SUBSCRIBED, UNSUBSCRIBED, Happening
from kernel.ids import new_id
from kernel.message import Address
from store import audit

YES = "yes"
NO = "no"
ALL = "all"
"""The category of a word that holds for everything from this address: the carrier enforces it."""
MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class Word:
    """A client's word on a category at one of their addresses, from where and when."""

    identity_id: UUID
    channel: str
    account: str
    category: str
    state: str
    source: str
    at: datetime


async def record(
    connection: AsyncConnection, address: Address, *, category: str, state: str, source: str
) -> bool:
    """Keep a client's word once for each `source`; False if it was kept before.

    `source` names the very message or deed, so that a repeated callback of an old word does not
    undo a newer one. The identity is made if nobody was known at this address.
    """
    place = {"identity": new_id(), **asdict(address)}
    identity_id: UUID = (await connection.execute(_WHO, place)).scalar_one()
    before = await find(connection, address, category)
    word = {"category": category, "state": state, "source": source}
    kept = await connection.execute(_RECORD, {"id": new_id(), "identity": identity_id, **word})
    if kept.first() is None:
        return False
    if before == state:
        return True
    verb = SUBSCRIBED if state == YES else UNSUBSCRIBED
    told = Happening("client", verb, "identity", identity_id, before={"state": before}, after=word)
    await audit.record(connection, [told])
    return True


async def record_book(
    connection: AsyncConnection, words: Mapping[UUID, str], *, category: str, source: str
) -> None:
    """Keep what the broker's book says that clients agree to, at all of their addresses.

    A word that the client gave us at an address outweighs a yes of the book, not a no.
    """
    parameters = {
        "clients": list(words),
        "states": list(words.values()),
        "category": category,
        "source": source,
    }
    await connection.execute(_BOOK, parameters)


async def record_refused(connection: AsyncConnection, address: Address, outbox_id: UUID) -> None:
    """Believe a provider that refused a message because its client wants none of ours."""
    source = f"provider:{outbox_id}"
    await record(connection, address, category=ALL, state=NO, source=source)


async def find(connection: AsyncConnection, address: Address, category: str) -> str | None:
    """Return the newest word of an address on a category, `yes` or `no`; None if there is none."""
    parameters = {**asdict(address), "category": category}
    found: str | None = (await connection.execute(_FIND, parameters)).scalar_one_or_none()
    return found


async def find_of_client(connection: AsyncConnection, client_id: UUID) -> list[Word]:
    """Return the newest word of each of a client's addresses on each category, newest first."""
    rows = await connection.execute(_OF_CLIENT, {"client": client_id})
    return [Word(*row) for row in rows]


_WHO = text("""
INSERT INTO identity (id, channel, account, address)
VALUES (:identity, :channel, :account, :address)
ON CONFLICT (channel, account, address) DO UPDATE SET address = EXCLUDED.address
RETURNING id
""")
"""The update locks the row, so that two words at the same moment come one after the other."""

_RECORD = text("""
INSERT INTO consent (id, identity_id, category, state, source, at)
SELECT :id, :identity, :category, :state, :source, clock_timestamp() WHERE NOT EXISTS (
  SELECT 1 FROM consent WHERE identity_id = :identity AND category = :category
    AND source = :source)
RETURNING id
""")

_BOOK = text("""
INSERT INTO consent (id, identity_id, category, state, source, at)
SELECT row_id(), identity.id, :category, told.state, :source, clock_timestamp()
FROM unnest(CAST(:clients AS uuid[]), CAST(:states AS text[])) AS told (client_id, state)
JOIN identity ON identity.client_id = told.client_id
WHERE identity.consents->>:category IS DISTINCT FROM told.state AND (told.state = 'no'
  OR NOT identity.consents ? :category AND identity.consents->>'all' IS DISTINCT FROM 'no')
""")

_FIND = text("""
SELECT consent.state FROM consent JOIN identity ON identity.id = consent.identity_id
WHERE identity.channel = :channel AND identity.account = :account
  AND identity.address = :address AND consent.category = :category
ORDER BY consent.at DESC LIMIT 1
""")
_OF_CLIENT = text("""
SELECT * FROM (
  SELECT DISTINCT ON (identity.id, category) identity.id, channel, account, category, state,
    source, at
  FROM identity JOIN consent ON consent.identity_id = identity.id
  WHERE identity.client_id = :client ORDER BY identity.id, category, at DESC) AS word
ORDER BY at DESC
""")
