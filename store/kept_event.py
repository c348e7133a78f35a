"""Events that nobody could handle: seen and mended by supervisors, the permission in the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from kernel.masking import show_name, show_number
from kernel.message import Json
from store.cipher import Cipher
from store.client import open_cells
from store.engine import Connection

WAITING_MOST = 100_000
"""Events that wait are counted up to here."""


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """An event that nobody can handle yet, and why; client number and name are masked."""

    id: UUID
    source: str
    source_key: str
    type: str
    state: str
    reason: str | None
    at: datetime
    received_at: datetime
    figures: Mapping[str, Json]
    client_id: UUID | None
    client_no: str
    name: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What a kept event is from now on: whose, of which type; None leaves it as it was.

    `types` are all types that are known.
    """

    types: Sequence[str]
    client_no: str | None = None
    type: str | None = None


async def find(
    connection: Connection,
    cipher: Cipher,
    person_id: UUID,
    *,
    limit: int,
    before: UUID | None = None,
) -> list[KeptEvent]:
    """Return a page of events that are kept or failed, newest first, after the one `before`."""
    parameters = {"person": person_id, "limit": limit, "before": before}
    rows = (await connection.execute(_FIND, parameters)).mappings()
    return [_read(cipher, row) for row in rows]


async def find_one(connection: Connection, person_id: UUID, event_id: UUID) -> RowMapping | None:
    """Return type, state and figures of a kept event, locked; None if this person may not."""
    parameters = {"person": person_id, "id": event_id}
    return (await connection.execute(_ONE, parameters)).mappings().one_or_none()


async def count(connection: Connection, person_id: UUID) -> dict[str, int]:
    """Return how many events are kept in each state; `new` are those that wait to be handled."""
    parameters = {"person": person_id, "most": WAITING_MOST}
    rows = await connection.execute(_COUNT, parameters)
    return {row.state: row.n for row in rows}


async def correct(
    connection: Connection, cipher: Cipher, person_id: UUID, event_id: UUID, fix: Fix
) -> tuple[str, UUID | None] | None:
    """Mend a kept event; return its state now and its client. None: it is not there to be mended.

    It is `new` as soon as its client and its type are known.
    """
    number = fix.client_no
    parameters = {
        "person": person_id,
        "id": event_id,
        "hash": cipher.blind("client_no", number) if number else None,
        "shown": show_number(number) if number else None,
        "type": fix.type,
        "types": list(fix.types),
    }
    row = (await connection.execute(_CORRECT, parameters)).one_or_none()
    return (row.state, row.client_id) if row else None


async def replay(connection: Connection, person_id: UUID, event_ids: Sequence[UUID]) -> int:
    """Make failed events new again, because a person says so; return how many they were."""
    parameters = {"person": person_id, "ids": list(event_ids)}
    return (await connection.execute(_REPLAY, parameters)).rowcount


def _read(cipher: Cipher, row: RowMapping) -> KeptEvent:
    known = row["client_no_enc"] is not None
    cells = open_cells(cipher, {**row, "id": row["client_id"]}) if known else {}
    name = cells.get("name")
    return KeptEvent(
        **{part: row[part] for part in _PLAIN},
        client_no=show_number(cells["client_no"]) if known else row["shown"] or "",
        name=show_name(name) if name else "",
    )


_PLAIN = "id source source_key type state reason at received_at figures client_id".split()
_MAY = """EXISTS (SELECT 1 FROM person WHERE person.id = :person AND person.is_active
    AND person.roles && ARRAY['supervisor','admin'])"""
_KEPT = "client_event.state IN ('unknown_client','unknown_type','failed')"
_FIND = text(f"""
SELECT client_event.id, source, source_key, type, client_event.state, reason, at, received_at,
  figures, client_event.client_id, shown, client_no_enc, name_enc, phone_enc
FROM client_event LEFT JOIN client ON client.id = client_event.client_id
WHERE {_KEPT} AND {_MAY}
  AND (CAST(:before AS uuid) IS NULL OR client_event.id < CAST(:before AS uuid))
ORDER BY client_event.id DESC LIMIT :limit
""")  # noqa: S608  (constants)
_ONE = text(f"""
SELECT type, state, figures FROM client_event WHERE id = :id AND {_KEPT} AND {_MAY} FOR UPDATE
""")  # noqa: S608
_COUNT = text(f"""
SELECT state, count(*) AS n FROM client_event WHERE {_KEPT} AND {_MAY} GROUP BY state
UNION ALL
SELECT 'new', count(*) FROM (
  SELECT 1 FROM client_event WHERE state = 'new' AND {_MAY} LIMIT :most) AS waiting
HAVING count(*) > 0
""")  # noqa: S608
_CORRECT = text(f"""
WITH told AS (
  SELECT client_event.id, COALESCE(CAST(:hash AS bytea), client_no_hash) AS hash,
    COALESCE(CAST(:type AS text), type) AS type
  FROM client_event WHERE client_event.id = :id AND {_KEPT} AND {_MAY} FOR UPDATE
), whose AS (
  SELECT told.*, COALESCE(client.merged_into, client.id) AS client_id
  FROM told LEFT JOIN client ON client.client_no_hash = told.hash
)
UPDATE client_event SET client_no_hash = whose.hash, client_id = whose.client_id,
  type = whose.type, reason = NULL,
  shown = CASE WHEN whose.client_id IS NULL THEN COALESCE(CAST(:shown AS text), shown) END,
  state = CASE WHEN NOT whose.type = ANY(CAST(:types AS text[])) THEN 'unknown_type'
    WHEN whose.client_id IS NULL THEN 'unknown_client' ELSE 'new' END
FROM whose WHERE client_event.id = whose.id
RETURNING client_event.state, client_event.client_id
""")  # noqa: S608
_REPLAY = text(f"""
UPDATE client_event SET state = 'new', reason = NULL
WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'failed' AND {_MAY}
""")  # noqa: S608
