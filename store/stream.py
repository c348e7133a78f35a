"""Reads what happened, in order and without skipping, for a room that hears of a lower one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables.audit import event


@dataclass(frozen=True, slots=True)
class Told:
    """A sealed happening at its `position` in the stream."""

    position: int
    id: UUID
    at: datetime
    actor: str
    verb: str
    subject_kind: str
    subject_id: str
    before: Mapping[str, object]
    after: Mapping[str, object]


async def read_next(
    connection: AsyncConnection,
    reader: str,
    verbs: Sequence[str],
    limit: int = 100,
    *,
    since: int = 0,
) -> list[Told]:
    """Return the next happenings for `reader`, whose cursor stays locked until the commit.

    Those up to the position `since` are passed over, however far the cursor is behind.

    Call `record_read` in the same transaction once the work is done; a crash in between
    reads them again, so the work must be idempotent by `Told.id`.
    """
    await connection.execute(_ENSURE, {"reader": reader})
    position = (await connection.execute(_LOCK, {"reader": reader})).scalar_one_or_none()
    if position is None:
        return []
    parameters = {"after": max(position, since), "verbs": list(verbs), "limit": limit}
    rows = (await connection.execute(_NEXT, parameters)).mappings().all()
    return [Told(**{name: row[name] for name in Told.__slots__}) for row in rows]


async def record_read(connection: AsyncConnection, reader: str, position: int) -> None:
    """Move the cursor of `reader` to `position`."""
    await connection.execute(_MOVE, {"reader": reader, "position": position})


_ENSURE = text("INSERT INTO event_cursor (reader) VALUES (:reader) ON CONFLICT DO NOTHING")
_LOCK = text("SELECT position FROM event_cursor WHERE reader = :reader FOR UPDATE SKIP LOCKED")
_NEXT = text(
    "SELECT position, id, at, actor, verb, subject_kind, subject_id, before, after FROM event "
    "WHERE position > :after AND verb = ANY(:verbs) ORDER BY position LIMIT :limit"
).columns(
    event.c.position,
    event.c.id,
    event.c.at,
    event.c.actor,
    event.c.verb,
    event.c.subject_kind,
    event.c.subject_id,
    event.c.before,
    event.c.after,
)
_MOVE = text("UPDATE event_cursor SET position = :position WHERE reader = :reader")
