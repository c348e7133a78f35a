"""Tiers of all clients at once, in SQL made from the rules; only what changes is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection
from store.tier_rule import Rules
from store.tier_sql import COLUMNS, Lines, make_lines_sql, make_score_sql

LOCK = 0x7469_6572
"""The advisory lock that makes the computation one at a time."""


@dataclass(frozen=True, slots=True)
class TierRow:
    """A client's tiers."""

    recency: int
    frequency: int
    monetary: int
    layer: str
    asset_band: str
    frequency_band: str
    risk_band: str
    loyalty_band: str
    credit_risk: str | None
    credit_term: str | None
    credit_size: str | None
    credit_style: str | None
    stage: str
    churn_risk: float
    churn_reasons: tuple[str, ...]
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """How many clients went from one layer to another."""

    before: str
    after: str
    clients: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a computation came to: clients in all, rows that changed, clients a layer, moves."""

    clients: int
    changed: int
    layers: Mapping[str, int]
    moves: tuple[Move, ...]


async def prepare(connection: Connection) -> None:
    """Let this transaction take its time and some memory."""
    for statement in _SETTINGS:
        await connection.execute(statement)


async def claim(connection: Connection) -> bool:
    """Take the only place at the computation until the transaction ends, with its own settings."""
    await prepare(connection)
    return bool((await connection.execute(_LOCK, {"key": LOCK})).scalar_one())


async def find_lines(connection: Connection, rules: Rules) -> Lines:
    """Return where the fifths of all clients lie; who has no figure counts as nothing."""
    row = (await connection.execute(text(make_lines_sql(rules)))).one()
    return Lines(*(tuple(map(float, one or (0, 0, 0, 0))) for one in row))


async def score(connection: Connection, rules: Rules, lines: Lines, *, now: datetime) -> None:
    """Compute the tiers of every client; what changes goes to a table of this transaction."""
    await connection.execute(text(make_score_sql(rules, lines, now)))


async def write(connection: Connection, *, now: datetime) -> Outcome:
    """Write the tiers that changed, and each change of a layer; call `score` before."""
    changes = {"now": now}
    moves = tuple(Move(*row) for row in await connection.execute(_CHANGES, changes))
    changed = (await connection.execute(_WRITE, changes)).rowcount
    await connection.execute(_SWEEP)
    layers = {row.layer: row.n for row in await connection.execute(_LAYERS)}
    return Outcome(sum(layers.values()), changed, layers, moves)


async def find(connection: Connection, client_id: UUID) -> TierRow | None:
    """Return a client's tiers, or None before they were computed first."""
    row = (await connection.execute(_FIND, {"id": client_id})).one_or_none()
    if row is None:
        return None
    kept = {name: getattr(row, name) for name in (*COLUMNS, "computed_at")}
    return TierRow(**kept | {"churn_reasons": tuple(row.churn_reasons)})


_SETTINGS = (
    text("SET LOCAL statement_timeout = 0"),
    text("SET LOCAL work_mem = '96MB'"),
    text("SET LOCAL synchronous_commit = off"),
)
_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)")
_KEYS = ", ".join(COLUMNS)
_CHANGES = text("""
WITH made AS (
  INSERT INTO tier_change (client_id, at, before, after)
  SELECT client_id, :now, old_layer, layer FROM fresh WHERE old_layer <> layer
  ON CONFLICT DO NOTHING RETURNING before, after
)
SELECT before, after, count(*) FROM made GROUP BY before, after ORDER BY 3 DESC, before, after
""")
_WRITE = text(f"""
INSERT INTO client_tier (client_id, {_KEYS}, computed_at)
SELECT client_id, {_KEYS}, :now FROM fresh
ON CONFLICT (client_id) DO UPDATE SET
  {", ".join(f"{one} = EXCLUDED.{one}" for one in COLUMNS)}, computed_at = EXCLUDED.computed_at
""")  # noqa: S608  (constants)
_SWEEP = text("""
DELETE FROM client_tier USING client
WHERE client.id = client_tier.client_id AND client.merged_into IS NOT NULL
""")
_LAYERS = text("SELECT layer, count(*) AS n FROM client_tier GROUP BY layer ORDER BY layer")
_FIND = text(f"SELECT {_KEYS}, computed_at FROM client_tier WHERE client_id = :id")  # noqa: S608
