"""Two rows of clients who are one person: what is alive moves to one row, and can move back.

History stays where it happened; whoever reads it looks at the whole family (FAMILY). What
changes hands is noted by id, so that undoing moves back these rows and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text

from kernel.ids import new_id
from store.engine import Connection
from store.tables.client import client_merge

FAMILY = "IN (SELECT id FROM client WHERE id = :client OR merged_into = :client)"
"""Whose history a client's is: their own row's and those of all rows merged into it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that are to be one, as they stand, locked; hashes are of the phones."""

    kept_merged: bool
    gone_merged: bool
    kept_phone: bytes | None
    gone_phone: bytes | None
    shared_topics: int

    @property
    def is_alike(self) -> bool:
        """Tell whether nothing speaks against it that both are the same person."""
        return None in {self.kept_phone, self.gone_phone} or self.kept_phone == self.gone_phone


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge on record."""

    id: UUID
    kept_id: UUID
    gone_id: UUID
    actor: str
    reason: str
    at: datetime
    undone_at: datetime | None


async def find_pair(
    connection: Connection, kept_id: UUID, gone_id: UUID, *, locked: bool = True
) -> Pair | None:
    """Tell how both rows stand; None if one is missing. They are locked in order of their ids."""
    parameters = {"kept": kept_id, "gone": gone_id}
    statement = _LOCK if locked else _LOOK
    rows = {row.id: row for row in await connection.execute(statement, parameters)}
    if len(rows) < 2:
        return None
    shared = (await connection.execute(_SHARED_TOPICS, parameters)).scalar_one()
    kept, gone = rows[kept_id], rows[gone_id]
    return Pair(
        kept.merged_into is not None,
        gone.merged_into is not None,
        kept.phone_hash,
        gone.phone_hash,
        shared,
    )


async def record(
    connection: Connection, kept_id: UUID, gone_id: UUID, *, actor: str, reason: str
) -> tuple[UUID, Mapping[str, int]]:
    """Merge `gone` into `kept`; return the merge's id and how many rows of each kind moved."""
    parameters: dict[str, object] = {"kept": kept_id, "gone": gone_id}
    moved: dict[str, list[str]] = {}
    for name, statement in _MOVES.items():
        moved[name] = [
            str(one) for one in (await connection.execute(statement, parameters)).scalars()
        ]
    await connection.execute(_EVENTS, parameters)
    await connection.execute(_GO, parameters)
    merge_id = new_id()
    kept = {"id": merge_id, "moved": orjson.dumps(moved).decode(), "actor": actor, "reason": reason}
    await connection.execute(_RECORD, parameters | kept)
    return merge_id, {name: len(ids) for name, ids in moved.items() if ids}


async def count_moves(connection: Connection, kept_id: UUID, gone_id: UUID) -> Mapping[str, int]:
    """Return how many rows of each kind `record` would move; nothing is written."""
    parameters = {"kept": kept_id, "gone": gone_id}
    counts = {
        name: (await connection.execute(statement, parameters)).scalar_one()
        for name, statement in _COUNTS.items()
    }
    return {name: n for name, n in counts.items() if n}


async def find(connection: Connection, merge_id: UUID) -> Merge | None:
    """Return a merge, locked until the transaction ends, or None."""
    row = (await connection.execute(_FIND, {"id": merge_id})).one_or_none()
    return Merge(*row) if row else None


async def find_of_client(connection: Connection, client_id: UUID) -> list[Merge]:
    """Return the merges that a client took part in, newest first."""
    rows = await connection.execute(_OF_CLIENT, {"client": client_id})
    return [Merge(*row) for row in rows]


async def undo(connection: Connection, merge: Merge) -> None:
    """Give back what moved and is still there; what came to the kept row since stays with it."""
    parameters: dict[str, object] = {"kept": merge.kept_id, "gone": merge.gone_id}
    row = (await connection.execute(_MOVED, {"id": merge.id})).one()
    await connection.execute(_COME_BACK, parameters)
    for name, statement in _BACK.items():
        await connection.execute(statement, parameters | {"ids": row.moved.get(name, [])})
    await connection.execute(_EVENTS_BACK, parameters)
    await connection.execute(_UNDONE, {"id": merge.id})


async def find_doubles(connection: Connection, limit: int = 100) -> list[tuple[UUID, ...]]:
    """Return clients who have one phone between them, the row that was made first in front."""
    rows = await connection.execute(_DOUBLES, {"limit": limit})
    return [tuple(row.ids) for row in rows]


_PAIR = "SELECT id, merged_into, phone_hash FROM client WHERE id IN (:kept, :gone) ORDER BY id"
_LOOK = text(_PAIR)
_LOCK = text(_PAIR + " FOR NO KEY UPDATE")
_SHARED_TOPICS = text("""
SELECT count(*) FROM notice AS one JOIN notice AS other ON other.topic = one.topic
WHERE one.client_id = :kept AND other.client_id = :gone
  AND one.state IN ('open','in_progress') AND other.state IN ('open','in_progress')
""")
_TABLES = {
    "identity": "true",
    "verification": "revoked_at IS NULL",
    "ticket": "true",
    "task": "state = 'open'",
    "notice": "state IN ('open','in_progress')",
}
"""What moves: addresses and proofs, tickets, and what somebody is still to do or to learn."""
_RUN = """client_id = :gone AND state = 'waiting'
  AND NOT EXISTS (SELECT 1 FROM journey_run AS own WHERE own.client_id = :kept
    AND own.journey_id = journey_run.journey_id AND own.entry_key = journey_run.entry_key)"""
_TAG = """client_id = :gone AND NOT EXISTS (
  SELECT 1 FROM client_tag AS own WHERE own.client_id = :kept AND own.tag = client_tag.tag)"""
_STATED = """client_id = :gone AND origin = 'stated' AND NOT EXISTS (
  SELECT 1 FROM preference AS own WHERE own.client_id = :kept
    AND own.category = preference.category
    AND (own.origin = 'stated' OR own.channel = preference.channel))"""
_MOVES = {
    name: text(
        f"UPDATE {name} SET client_id = :kept WHERE client_id = :gone AND {where} "  # noqa: S608
        "RETURNING id"
    )
    for name, where in _TABLES.items()
} | {
    "run": text(
        f"UPDATE journey_run SET client_id = :kept WHERE {_RUN} "  # noqa: S608  (constants)
        "RETURNING journey_id || '/' || entry_key"
    ),
    "tag": text(f"""
INSERT INTO client_tag (client_id, tag, source, at, expires_at)
SELECT :kept, tag, source, at, expires_at FROM client_tag WHERE {_TAG}
ON CONFLICT DO NOTHING RETURNING tag
"""),  # noqa: S608  (constants)
    "preference": text(f"""
INSERT INTO preference (client_id, category, channel, weight, origin)
SELECT :kept, category, channel, weight, origin FROM preference WHERE {_STATED}
ON CONFLICT DO NOTHING RETURNING category || '/' || channel
"""),  # noqa: S608  (constants)
    "client": text("UPDATE client SET merged_into = :kept WHERE merged_into = :gone RETURNING id"),
}
_COUNTS = {
    name: text(
        f"SELECT count(*) FROM {name} WHERE client_id = :gone AND {where} "  # noqa: S608
        "AND CAST(:kept AS uuid) IS NOT NULL"
    )
    for name, where in _TABLES.items()
} | {
    "run": text(f"SELECT count(*) FROM journey_run WHERE {_RUN}"),  # noqa: S608  (constants)
    "tag": text(f"SELECT count(*) FROM client_tag WHERE {_TAG}"),  # noqa: S608  (constants)
    "preference": text(f"SELECT count(*) FROM preference WHERE {_STATED}"),  # noqa: S608
    "client": text(
        "SELECT count(*) FROM client WHERE merged_into = :gone AND CAST(:kept AS uuid) IS NOT NULL"
    ),
}
"""How many rows of each kind would move."""
_BACK = {
    name: text(
        f"UPDATE {name} SET client_id = :gone WHERE client_id = :kept "  # noqa: S608  (constants)
        "AND id = ANY(CAST(:ids AS uuid[]))"
    )
    for name in _TABLES
} | {
    "run": text("""
UPDATE journey_run SET client_id = :gone WHERE client_id = :kept
  AND journey_id || '/' || entry_key = ANY(CAST(:ids AS text[]))
"""),
    "tag": text(
        "DELETE FROM client_tag WHERE client_id = :kept AND tag = ANY(CAST(:ids AS text[])) "
        "AND CAST(:gone AS uuid) IS NOT NULL"
    ),
    "preference": text("""
DELETE FROM preference WHERE client_id = :kept AND origin = 'stated'
  AND category || '/' || channel = ANY(CAST(:ids AS text[])) AND CAST(:gone AS uuid) IS NOT NULL
"""),
    "client": text(
        "UPDATE client SET merged_into = :gone WHERE merged_into = :kept "
        "AND id = ANY(CAST(:ids AS uuid[]))"
    ),
}
_EVENTS = text(
    "UPDATE client_event SET client_id = :kept WHERE client_id = :gone AND state = 'new'"
)
_EVENTS_BACK = text("""
UPDATE client_event SET client_id = :gone FROM client
WHERE client.id = :gone AND client_event.client_no_hash = client.client_no_hash
  AND client_event.client_id = :kept AND client_event.state = 'new'
""")
_GO = text("UPDATE client SET merged_into = :kept WHERE id = :gone")
_COME_BACK = text("UPDATE client SET merged_into = NULL WHERE id = :gone AND merged_into = :kept")
_RECORD = text("""
INSERT INTO client_merge (id, kept_id, gone_id, moved, actor, reason)
VALUES (:id, :kept, :gone, CAST(:moved AS jsonb), :actor, :reason)
""")
_UNDONE = text("UPDATE client_merge SET undone_at = clock_timestamp() WHERE id = :id")
_COLUMNS = "id, kept_id, gone_id, actor, reason, at, undone_at"
_FIND = text(f"SELECT {_COLUMNS} FROM client_merge WHERE id = :id FOR UPDATE")  # noqa: S608
_MOVED = text("SELECT moved FROM client_merge WHERE id = :id").columns(client_merge.c.moved)
_OF_CLIENT = text(
    f"SELECT {_COLUMNS} FROM client_merge "  # noqa: S608  (constants)
    "WHERE kept_id = :client OR gone_id = :client ORDER BY at DESC"
)
_DOUBLES = text("""
SELECT array_agg(id ORDER BY created_at, id) AS ids FROM client
WHERE phone_hash IS NOT NULL AND merged_into IS NULL
GROUP BY phone_hash HAVING count(*) > 1 ORDER BY min(created_at) LIMIT :limit
""")
