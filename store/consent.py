"""Every yes and no of a client, by the identity that said it; the newest of a category counts.

A stranger has an identity only, so that is what a consent belongs to. What a client tells staff
is kept like what they tell a channel, with who wrote it down and how it can be proven.
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
from store.ticket_view import Viewer, viewer_parameters
from store.timeline import VISIBLE

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
    person: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """A word that a client told staff: at one address, at those of a channel, or at every one.

    `way` is how it came, `note` how it can be proven; `at` is when it was said, None for now.
    """

    identity_id: UUID | None
    channel: str | None
    category: str
    state: str
    way: str
    note: str
    at: datetime | None


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


async def record_said(
    connection: AsyncConnection, viewer: Viewer, client_id: UUID, said: Said
) -> bool:
    """Keep what a client told a person who may see them; False if there is no such address.

    Each word is on the audit log in that person's name, also one that changes nothing.
    """
    deed = new_id()
    source = f"{said.way}:{deed}"
    parameters = viewer_parameters(viewer) | {
        "client": client_id,
        "identity": said.identity_id,
        "channel": said.channel,
        "category": said.category,
        "state": said.state,
        "source": source,
        "note": said.note,
        "at": said.at,
    }
    kept = (await connection.execute(_RECORD_SAID, parameters)).all()
    verb = SUBSCRIBED if said.state == YES else UNSUBSCRIBED
    actor = f"person:{viewer.person_id}"
    word = {"category": said.category, "state": said.state, "source": source}
    happenings = [
        Happening(
            actor,
            verb,
            "identity",
            row.identity_id,
            before={"state": row.before},
            after={**word, "said_at": row.at.isoformat()},
        )
        for row in kept
    ]
    if happenings:
        await audit.record(connection, happenings)
    return bool(happenings)


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
_RECORD_SAID = text(f"""
WITH place AS (
  SELECT identity.id, identity.consents->>:category AS before FROM identity
  WHERE identity.client_id = :client AND {VISIBLE}
    AND (CAST(:identity AS uuid) IS NULL OR identity.id = CAST(:identity AS uuid))
    AND (CAST(:channel AS text) IS NULL OR identity.channel = CAST(:channel AS text))
  ORDER BY identity.id FOR UPDATE OF identity
), kept AS (
  INSERT INTO consent (id, identity_id, category, state, source, at, person_id, note)
  SELECT row_id(), id, :category, :state, :source,
    LEAST(CAST(:at AS timestamptz), clock_timestamp()), CAST(:person AS uuid), :note FROM place
  RETURNING identity_id, at
)
SELECT kept.identity_id, kept.at, place.before FROM kept JOIN place ON place.id = kept.identity_id
""")  # noqa: S608  (constants)

_FIND = text("""
SELECT consent.state FROM consent JOIN identity ON identity.id = consent.identity_id
WHERE identity.channel = :channel AND identity.account = :account
  AND identity.address = :address AND consent.category = :category
ORDER BY consent.at DESC LIMIT 1
""")
_OF_CLIENT = text("""
SELECT * FROM (
  SELECT DISTINCT ON (identity.id, category) identity.id, channel, account, category,
    consent.state, source, at, person.name, note
  FROM identity JOIN consent ON consent.identity_id = identity.id
  LEFT JOIN person ON person.id = consent.person_id
  WHERE identity.client_id = :client ORDER BY identity.id, category, at DESC) AS word
ORDER BY at DESC
""")
