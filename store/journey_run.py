"""Clients under way on journeys: rows that enter by the thousand and are moved in batches.

Locks are taken in the order of the key (journey, client, entry). Moments are given by the caller,
so that a year may be played through in a minute; nothing here looks at the database's clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, TextClause, text

from store.audience_sql import Where
from store.engine import Connection

Rule = Literal["once", "not_running", "after", "always"]


@dataclass(frozen=True, slots=True)
class Run:
    """A client under way: at which step, until when, for which event; `vars` let them in.

    `trouble` says why it stands where it is, and could not be walked.
    """

    journey_id: UUID
    client_id: UUID
    entry_key: str
    step: str
    due_at: datetime
    awaits: str | None = None
    vars: Mapping[str, object] = field(default_factory=dict)
    outcome: str | None = None
    is_ended: bool = False
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody who enters: why (`key`, the same cause enters once), when, and with what."""

    client_id: UUID
    key: str
    at: datetime
    vars: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Door:
    """Into which version entries go, and whom its other `versions` keep from entering again."""

    journey_id: UUID
    versions: Sequence[UUID]
    rule: Rule
    gap: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What was done at a step of a run, and when."""

    run: Run
    step: str
    result: str
    at: datetime


async def enter_many(connection: Connection, door: Door, entries: Sequence[Entry]) -> int:
    """Let clients in, each cause once, in one statement; return how many are new.

    Of one client there is one entry at most, unless the rule is `always`.
    """
    if not entries:
        return 0
    parameters: dict[str, Any] = {
        "clients": [one.client_id for one in entries],
        "keys": [one.key for one in entries],
        "ats": [one.at for one in entries],
        "vars": [orjson.dumps(one.vars).decode() for one in entries],
    }
    entered = await connection.execute(_enter(door.rule, _GIVEN), parameters | _door(door))
    return entered.rowcount


async def enter_where(connection: Connection, door: Door, where: Where, at: datetime) -> int:
    """Let in every client of an audience as it is at a moment, in one statement.

    What an audience says of the last days is counted from that moment, so that a sweep that comes
    late finds whom it would have found in time.
    """
    key = "once" if door.rule == "once" else at.isoformat()
    condition = where.sql.replace("now()", _AT).replace("CURRENT_DATE", f"CAST({_AT} AS date)")
    source = _FOUND.format(where=condition)
    values = {**where.parameters, **_door(door), "key": key, "at": at}
    entered = await connection.execute(_enter(door.rule, source), values)
    return entered.rowcount


async def claim_due(connection: Connection, now: datetime, limit: int) -> list[Run]:
    """Return runs whose rest is over, longest first, locked until the commit."""
    rows = await connection.execute(_DUE, {"now": now, "limit": limit})
    return [_read(row) for row in rows.mappings()]


async def lock_waiting(
    connection: Connection, journeys: Sequence[UUID], clients: Sequence[UUID]
) -> list[Run]:
    """Return what these clients have under way on these journeys, as it is now, locked."""
    if not journeys or not clients:
        return []
    parameters = {"journeys": list(journeys), "clients": sorted(set(clients))}
    rows = await connection.execute(_WAITING, parameters)
    return [_read(row) for row in rows.mappings()]


async def record_moved(connection: Connection, runs: Sequence[Run], marks: Sequence[Mark]) -> None:
    """Write where runs are now and what was done on the way; the caller holds their locks."""
    if runs:
        parameters = {
            **_keys(runs),
            "steps": [one.step for one in runs],
            "states": ["ended" if one.is_ended else "waiting" for one in runs],
            "awaits": [one.awaits for one in runs],
            "dues": [None if one.is_ended else one.due_at for one in runs],
            "ends": [one.due_at if one.is_ended else None for one in runs],
            "outcomes": [one.outcome for one in runs],
            "troubles": [one.trouble for one in runs],
        }
        await connection.execute(_MOVE, parameters)
    if marks:
        parameters = {
            **_keys([one.run for one in marks]),
            "steps": [one.step for one in marks],
            "results": [one.result for one in marks],
            "ats": [one.at for one in marks],
        }
        await connection.execute(_MARK, parameters)


async def find_next_due(connection: Connection) -> datetime | None:
    """Return when the next rest is over, if anybody is under way."""
    found: datetime | None = (await connection.execute(_NEXT)).scalar_one_or_none()
    return found


async def end_all(
    connection: Connection, journey_ids: Sequence[UUID], outcome: str, now: datetime, limit: int
) -> int:
    """End up to `limit` runs that are under way on these versions; return how many."""
    parameters = {"journeys": list(journey_ids), "outcome": outcome, "now": now, "limit": limit}
    return (await connection.execute(_END_ALL, parameters)).rowcount


async def find_lateness(connection: Connection, journey_id: UUID) -> list[float]:
    """Return by how many seconds each ended run's tag came after the moment it was due."""
    rows = await connection.execute(_LATENESS, {"journey": journey_id})
    return [float(row.late) for row in rows]


async def go_by_index(connection: Connection) -> None:
    """Have the rest of this transaction find rows by index, whatever the statistics say.

    A storm of entries makes a large table of an empty one in a minute. Plans of before, and plans
    by statistics of before, read all of it for every batch until the next ANALYZE.
    """
    await connection.execute(_BY_INDEX)


async def allow_long(connection: Connection, seconds: float) -> None:
    """Let the statements of this transaction take longer than usual."""
    await connection.execute(_LONG, {"limit": f"{int(seconds * 1000)}ms"})


def _keys(runs: Sequence[Run]) -> dict[str, Any]:
    return {
        "journeys": [one.journey_id for one in runs],
        "clients": [one.client_id for one in runs],
        "keys": [one.entry_key for one in runs],
    }


def _door(door: Door) -> dict[str, object]:
    values: dict[str, object] = {"journey": door.journey_id}
    if door.rule != "always":
        values["versions"] = list(door.versions)
    if door.rule == "after":
        values["gap"] = door.gap
    return values


def _read(row: RowMapping) -> Run:
    return Run(
        row["journey_id"],
        row["client_id"],
        row["entry_key"],
        row["step"],
        row["due_at"],
        row["awaits"],
        row["vars"],
    )


_GIVEN = """SELECT * FROM unnest(CAST(:clients AS uuid[]), CAST(:keys AS text[]),
  CAST(:ats AS timestamptz[]), CAST(:vars AS text[])) AS entry (client_id, key, at, vars)"""
_AT = "CAST(:at AS timestamptz)"
_FOUND = """SELECT client.id AS client_id, CAST(:key AS text) AS key,
    CAST(:at AS timestamptz) AS at, '{{}}' AS vars
  FROM client LEFT JOIN client_figure AS figure ON figure.client_id = client.id
  LEFT JOIN client_tier AS tier ON tier.client_id = client.id
  WHERE client.merged_into IS NULL AND ({where})"""

_BEFORE = """WHERE (SELECT count(*){which} FROM journey_run AS other
    WHERE other.journey_id = ANY(CAST(:versions AS uuid[]))
      AND other.client_id = entry.client_id) = 0"""
_RULES: Mapping[Rule, str] = {
    "always": "",
    "once": _BEFORE.format(which=""),
    "not_running": _BEFORE.format(which=" FILTER (WHERE other.state = 'waiting')"),
    "after": _BEFORE.format(
        which=" FILTER (WHERE other.state = 'waiting'"
        " OR other.entered_at > entry.at - CAST(:gap AS interval))"
    ),
}
"""Counted and not asked with EXISTS: that would be joined, and a join may read all that wait."""


def _enter(rule: Rule, source: str) -> TextClause:
    return text(f"""
    INSERT INTO journey_run (journey_id, client_id, entry_key, step, vars, due_at, entered_at)
    SELECT :journey, entry.client_id, entry.key, 'start', CAST(entry.vars AS jsonb), entry.at,
      entry.at
    FROM ({source}) AS entry {_RULES[rule]}
    ORDER BY entry.client_id, entry.key
    ON CONFLICT DO NOTHING
    """)  # noqa: S608  (constants, and a where that store/audience_sql.py made of parameters)


_COLUMNS = "journey_id, client_id, entry_key, step, due_at, awaits, vars"
_DUE = text(f"""
SELECT {_COLUMNS} FROM journey_run WHERE state = 'waiting' AND due_at <= :now
ORDER BY due_at LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
""")  # noqa: S608  (constants)
_WAITING = text(f"""
SELECT {_COLUMNS} FROM journey_run
WHERE journey_id = ANY(CAST(:journeys AS uuid[])) AND client_id = ANY(CAST(:clients AS uuid[]))
  AND state = 'waiting'
ORDER BY journey_id, client_id, entry_key FOR NO KEY UPDATE
""")  # noqa: S608
"""What a run awaits is not asked here: it may be changing, and a lock shows what it changed to."""

_MOVE = text("""
UPDATE journey_run AS run SET step = moved.step, state = moved.state, awaits = moved.awaits,
  due_at = moved.due_at, ended_at = moved.ended_at, outcome = moved.outcome,
  trouble = moved.trouble
FROM unnest(CAST(:journeys AS uuid[]), CAST(:clients AS uuid[]), CAST(:keys AS text[]),
  CAST(:steps AS text[]), CAST(:states AS text[]), CAST(:awaits AS text[]),
  CAST(:dues AS timestamptz[]), CAST(:ends AS timestamptz[]), CAST(:outcomes AS text[]),
  CAST(:troubles AS text[])) AS moved (journey_id, client_id, entry_key, step, state, awaits,
  due_at, ended_at, outcome, trouble)
WHERE run.journey_id = moved.journey_id AND run.client_id = moved.client_id
  AND run.entry_key = moved.entry_key
""")
_MARK = text("""
INSERT INTO journey_step (journey_id, client_id, entry_key, step, result, at)
SELECT * FROM unnest(CAST(:journeys AS uuid[]), CAST(:clients AS uuid[]), CAST(:keys AS text[]),
  CAST(:steps AS text[]), CAST(:results AS text[]), CAST(:ats AS timestamptz[]))
""")
_NEXT = text(
    "SELECT due_at FROM journey_run WHERE state = 'waiting' AND due_at IS NOT NULL "
    "ORDER BY due_at LIMIT 1"
)
_END_ALL = text("""
WITH chosen AS (
  SELECT journey_id, client_id, entry_key FROM journey_run
  WHERE journey_id = ANY(CAST(:journeys AS uuid[])) AND state = 'waiting'
  LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE journey_run AS run SET state = 'ended', outcome = :outcome, ended_at = :now, due_at = NULL,
  awaits = NULL, trouble = NULL
FROM chosen WHERE run.journey_id = chosen.journey_id AND run.client_id = chosen.client_id
  AND run.entry_key = chosen.entry_key
""")
_LONG = text("SELECT set_config('statement_timeout', :limit, true)")
_BY_INDEX = text("""
SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
  set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
  set_config('enable_sort', 'off', true)
""")
_LATENESS = text("""
SELECT CAST(extract(epoch FROM tag.at - run.ended_at) AS double precision) AS late
FROM journey_run AS run JOIN client_tag AS tag ON tag.client_id = run.client_id
WHERE run.journey_id = :journey AND run.state = 'ended' AND tag.source = 'journey'
""")
