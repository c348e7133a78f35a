"""Each computation of tiers: by whom, by which rules, how far it is and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import Text, text

from kernel.ids import new_id
from kernel.message import Json
from store.engine import Connection
from store.tables.profile import tier_run
from store.tier import Outcome
from store.tier_sql import Lines


@dataclass(frozen=True, slots=True)
class TierRun:
    """One computation of everybody's tiers; `lines` says where the fifths lay.

    `person` is who asked for it, None where the night did. `moves` go from one layer to another.
    """

    id: UUID
    actor: str
    person: str | None
    state: str
    step: str
    version: int
    clients: int | None
    changed: int | None
    lines: Mapping[str, Json]
    layers: Mapping[str, int]
    moves: Sequence[Mapping[str, Json]]
    at: datetime
    ended_at: datetime | None


async def record(connection: Connection, *, actor: str, version: int) -> UUID:
    """Note that a computation begins; one whose process died an hour ago has failed."""
    run_id = new_id()
    await connection.execute(_BEGIN, {"id": run_id, "actor": actor, "version": version})
    return run_id


async def record_step(connection: Connection, run_id: UUID, step: str) -> None:
    """Note how far a computation is."""
    await connection.execute(_STEP, {"id": run_id, "step": step})


async def record_done(connection: Connection, run_id: UUID, outcome: Outcome, lines: Lines) -> None:
    """Note what came of a computation."""
    parameters = {
        "id": run_id,
        "clients": outcome.clients,
        "changed": outcome.changed,
        "lines": orjson.dumps(asdict(lines)).decode(),
        "layers": orjson.dumps(outcome.layers).decode(),
        "moves": orjson.dumps([asdict(one) for one in outcome.moves]).decode(),
    }
    await connection.execute(_DONE, parameters)


async def record_failed(connection: Connection, run_id: UUID) -> None:
    """Note that a computation came to nothing: no tier has changed."""
    await connection.execute(_FAILED, {"id": run_id})


async def find_newest(connection: Connection, limit: int = 10) -> list[TierRun]:
    """Return the newest computations, newest first."""
    rows = await connection.execute(_NEWEST, {"limit": limit})
    return [TierRun(**row) for row in rows.mappings()]


async def find_last_end(connection: Connection) -> datetime | None:
    """Return when tiers were computed last, or None if they never were."""
    found: datetime | None = (await connection.execute(_LAST)).scalar_one_or_none()
    return found


_COLUMNS = "id actor state step version clients changed lines layers moves at ended_at".split()
_BEGIN = text("""
WITH over AS (
  UPDATE tier_run SET state = 'failed', ended_at = at
  WHERE state = 'running' AND at < now() - interval '1 hour'
)
INSERT INTO tier_run (id, actor, version) VALUES (:id, :actor, :version)
""")
_STEP = text("UPDATE tier_run SET step = :step WHERE id = :id")
_DONE = text("""
UPDATE tier_run SET state = 'done', step = 'done', clients = :clients, changed = :changed,
  lines = CAST(:lines AS jsonb), layers = CAST(:layers AS jsonb), moves = CAST(:moves AS jsonb),
  ended_at = clock_timestamp()
WHERE id = :id
""")
_FAILED = text("UPDATE tier_run SET state = 'failed', ended_at = clock_timestamp() WHERE id = :id")
_NEWEST = text(f"""
SELECT {", ".join(f"tier_run.{one}" for one in _COLUMNS)}, person.name AS person
FROM tier_run LEFT JOIN person ON tier_run.actor = 'person:' || person.id
ORDER BY at DESC LIMIT :limit
""").columns(*(tier_run.c[one] for one in _COLUMNS), person=Text)  # noqa: S608  (constants)
_LAST = text("SELECT max(ended_at) FROM tier_run WHERE state = 'done'")
