"""Journeys in versions: written by one person, approved by another, at most one of a key active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.errors import Conflict, NotFound
from kernel.happening import JOURNEY_MOVED, Happening
from kernel.ids import new_id
from kernel.machine import JOURNEY
from kernel.message import Json
from store import audit
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """One version of a journey."""

    id: UUID
    key: str
    version: int
    title: str
    definition: str
    state: str
    author_id: UUID | None
    approver_id: UUID | None
    created_at: datetime
    activated_at: datetime | None
    swept_at: datetime | None


@dataclass(frozen=True, slots=True)
class Live:
    """A version on which somebody may be under way, without its words."""

    id: UUID
    key: str
    version: int
    state: str
    swept_at: datetime | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many clients are at a step of a version, or ended there with an outcome."""

    journey_id: UUID
    step: str
    state: str
    outcome: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Done:
    """How often something was done at a step of a version."""

    journey_id: UUID
    step: str
    result: str
    n: int


async def record_draft(
    connection: Connection, *, key: str, title: str, definition: str, author_id: UUID | None
) -> JourneyRow:
    """Write the next version of a journey as a draft and return it."""
    await connection.execute(_LOCK_KEY, {"key": key})
    parameters = {"id": new_id(), "key": key, "title": title, "text": definition}
    row = (await connection.execute(_DRAFT, parameters | {"author": author_id})).one()
    draft = JourneyRow(*row)
    await _tell(connection, author_id, draft, before=None, after="draft")
    return draft


async def find_all(connection: Connection) -> list[JourneyRow]:
    """Return every version that is not retired, newest versions first."""
    return [JourneyRow(*row) for row in await connection.execute(_ALL)]


async def find_versions(connection: Connection, key: str) -> list[JourneyRow]:
    """Return all versions of a journey, newest first."""
    return [JourneyRow(*row) for row in await connection.execute(_VERSIONS, {"key": key})]


async def find(connection: Connection, journey_id: UUID) -> JourneyRow:
    """Return one version; raise NotFound."""
    row = (await connection.execute(_ONE, {"id": journey_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such journey.", zh="没有这个流程。")
    return JourneyRow(*row)


async def find_live(connection: Connection) -> list[Live]:
    """Return the versions on which somebody may be under way, drafts left out."""
    return [Live(*row) for row in await connection.execute(_LIVE)]


async def find_words(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the definitions of these versions."""
    rows = await connection.execute(_WORDS, {"ids": list(ids)})
    return {row.id: row.definition for row in rows}


async def record_moved(
    connection: Connection, journey_id: UUID, after: str, person_id: UUID | None
) -> JourneyRow:
    """Move a version to another state; becoming active supersedes the one that was.

    Raises:
        NotFound, Conflict: there is no such version, or it cannot become that.
    """
    before = await _lock(connection, journey_id)
    JOURNEY.check_move(before.state, after)
    if after == "active" and before.author_id and not before.approver_id:
        raise Conflict("Somebody else approves it first.", zh="请先由他人审批。")
    if after == "active":
        for old in await connection.execute(_SUPERSEDE, {"key": before.key}):
            await _tell(connection, person_id, JourneyRow(*old), before="active")
    row = (await connection.execute(_MOVE, {"id": journey_id, "state": after})).one()
    moved = JourneyRow(*row)
    await _tell(connection, person_id, moved, before=before.state)
    return moved


async def record_approved(connection: Connection, journey_id: UUID, person_id: UUID) -> JourneyRow:
    """Note who approves a version in review.

    Raises:
        NotFound, Conflict: it is not in review, or this person wrote it.
    """
    before = await _lock(connection, journey_id)
    if before.state != "review":
        raise Conflict(
            f"Version {before.version} is {before.state}; only what is in review is approved.",
            zh="只有待审批的版本可以审批。",
        )
    if before.author_id == person_id:
        raise Conflict("Somebody else than the author approves.", zh="须由作者以外的人审批。")
    row = (await connection.execute(_APPROVE, {"id": journey_id, "person": person_id})).one()
    approved = JourneyRow(*row)
    await _tell(connection, person_id, approved, before="review", after="approved")
    return approved


async def claim_sweep(connection: Connection, journey_id: UUID, *, since: datetime) -> bool:
    """Take the sweep that is due since a moment; false if somebody else has it."""
    parameters = {"id": journey_id, "since": since}
    return (await connection.execute(_SWEEP, parameters)).rowcount == 1


async def count_runs(connection: Connection, journey_ids: Sequence[UUID]) -> list[Count]:
    """Return who is where: clients at each step, and how those who ended did."""
    rows = await connection.execute(_RUNS, {"ids": list(journey_ids)})
    return [Count(*row) for row in rows]


async def count_done(connection: Connection, journey_ids: Sequence[UUID]) -> list[Done]:
    """Return how often what was done at each step."""
    rows = await connection.execute(_DONE, {"ids": list(journey_ids)})
    return [Done(*row) for row in rows]


async def _lock(connection: Connection, journey_id: UUID) -> JourneyRow:
    found = await find(connection, journey_id)
    await connection.execute(_LOCK_KEY, {"key": found.key})
    return await find(connection, journey_id)


async def _tell(
    connection: Connection,
    person_id: UUID | None,
    row: JourneyRow,
    *,
    before: str | None,
    after: str | None = None,
) -> None:
    actor = f"person:{person_id}" if person_id else "house"
    said: dict[str, Json] = {"state": after or row.state, "key": row.key, "version": row.version}
    happening = Happening(actor, JOURNEY_MOVED, "journey", row.id, {"state": before}, said)
    await audit.record(connection, [happening])


_COLUMNS = (
    "id, key, version, title, definition, state, author_id, approver_id, created_at, "
    "activated_at, swept_at"
)
_LOCK_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended('journey:' || :key, 0))")
_DRAFT = text(f"""
INSERT INTO journey (id, key, version, title, definition, author_id)
SELECT :id, :key, COALESCE(max(version), 0) + 1, :title, :text, :author
FROM journey WHERE key = :key
RETURNING {_COLUMNS}
""")  # noqa: S608  (constants, here and below)
_ALL = text(f"SELECT {_COLUMNS} FROM journey WHERE state <> 'retired' ORDER BY key, version DESC")  # noqa: S608
_VERSIONS = text(f"SELECT {_COLUMNS} FROM journey WHERE key = :key ORDER BY version DESC")  # noqa: S608
_ONE = text(f"SELECT {_COLUMNS} FROM journey WHERE id = :id")  # noqa: S608
_LIVE = text("""
SELECT id, key, version, state, swept_at FROM journey
WHERE state IN ('active','superseded','retired') ORDER BY key, version
""")
_WORDS = text("SELECT id, definition FROM journey WHERE id = ANY(CAST(:ids AS uuid[]))")
_SUPERSEDE = text(f"""
UPDATE journey SET state = 'superseded' WHERE key = :key AND state = 'active' RETURNING {_COLUMNS}
""")  # noqa: S608
_MOVE = text(f"""
UPDATE journey SET state = :state,
  approver_id = CASE WHEN :state = 'draft' THEN NULL ELSE approver_id END,
  activated_at = CASE WHEN :state = 'active' THEN now() ELSE activated_at END
WHERE id = :id RETURNING {_COLUMNS}
""")  # noqa: S608
_APPROVE = text(f"UPDATE journey SET approver_id = :person WHERE id = :id RETURNING {_COLUMNS}")  # noqa: S608
_SWEEP = text("""
UPDATE journey SET swept_at = :since
WHERE id = :id AND state = 'active' AND (swept_at IS NULL OR swept_at < :since)
""")
_RUNS = text("""
SELECT journey_id, step, state, outcome, count(*) FROM journey_run
WHERE journey_id = ANY(CAST(:ids AS uuid[])) GROUP BY journey_id, step, state, outcome
ORDER BY journey_id, step, state, outcome
""")
_DONE = text("""
SELECT journey_id, step, result, count(*) FROM journey_step
WHERE journey_id = ANY(CAST(:ids AS uuid[])) GROUP BY journey_id, step, result
ORDER BY journey_id, step, result
""")
