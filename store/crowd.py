"""Generated nobodies in any number, made by the database itself: for benchmarks and trials.

Everything follows from a client's number, so two crowds of one size are alike. Nobody in it has
a name or a phone; the numbers are sealed with no key and open for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from store.engine import Connection, Database

CHUNK = 50_000
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Place:
    """An account of ours, and the share of the crowd that it reaches."""

    channel: str
    account: str
    share: float


PLACES = (
    Place("wechat", "crowd", 0.5),
    Place("sms", "crowd", 0.8),
    Place("email", "crowd", 0.5),
    Place("push", "crowd", 0.3),
)


async def record_crowd(
    connection: Connection, *, first: int, last: int, places: Sequence[Place]
) -> None:
    """Insert the clients numbered `first` to `last` with all that is known of them.

    Foreign keys are not checked for these rows, which takes a superuser: everything is made in
    the same transaction. Consents have no history.
    """
    numbers = {"first": first, "last": last}
    for statement in _BEFORE:
        await connection.execute(statement)
    await connection.execute(_CLIENTS, numbers)
    await connection.execute(_FIGURES, numbers)
    for number, place in enumerate(places):
        chosen = {"place": number, "share": place.share}
        where = {"channel": place.channel, "account": place.account}
        await connection.execute(_IDENTITIES, numbers | chosen | where)
    parameters = numbers | {"channels": [one.channel for one in places]}
    await connection.execute(_PREFERENCES, parameters)


async def settle(database: Database) -> None:
    """Bring the planner's statistics up to date after a crowd has come."""
    async with database.once(within=SECONDS) as connection:
        await connection.execute(text("SET statement_timeout = 0"))
        for table in ("client", "client_figure", "identity", "preference"):
            await connection.execute(text(f"VACUUM (ANALYZE) {table}"))
        await connection.execute(text("RESET statement_timeout"))


async def count(connection: Connection) -> int:
    """Return how many of the crowd are there already."""
    found: int = (await connection.execute(_COUNT)).scalar_one()
    return found


def _chance(salt: int) -> str:
    """Return SQL for a number from 0 to 1 that follows from the client's number `n`."""
    return f"((hashint8extended(n, {salt}) & 1048575) / 1048576.0)"


_ID = "CAST('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0') AS uuid)"
_PLACE_ID = (
    "CAST('01900000-0000-7' || lpad(to_hex(CAST(:place AS integer) + 1), 3, '0') || '-8000-' || "
    "lpad(to_hex(n), 12, '0') AS uuid)"
)
_ALL = "generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n"
_BEFORE = (
    text("SET LOCAL session_replication_role = replica"),
    text("SET LOCAL synchronous_commit = off"),
    text("SET LOCAL statement_timeout = 0"),
)
_CLIENTS = text(f"""
INSERT INTO client (id, client_no_hash, client_no_enc, risk_level, suitability_valid_until,
  investor_class, stage, manager, instruments, refreshed_at)
SELECT {_ID}, sha256(convert_to('crowd:' || n, 'UTF8')), '\\x00',
  'C' || 1 + floor(5 * {_chance(1)}), CURRENT_DATE + CAST(400 * {_chance(2)} - 40 AS integer),
  CASE WHEN {_chance(3)} < 0.9 THEN 'ordinary' ELSE 'professional' END,
  (ARRAY['new','active','active','active','silent'])[1 + floor(5 * {_chance(4)})],
  '经理' || lpad(CAST(floor(40 * {_chance(5)}) AS text), 2, '0'),
  ARRAY[(ARRAY['IF','IC','rb','au','cu','510300','600519','m'])[1 + floor(8 * {_chance(6)})],
    (ARRAY['IH','IM','hc','ag','al','510500','000001','y'])[1 + floor(8 * {_chance(7)})]], now()
FROM {_ALL} ON CONFLICT DO NOTHING
""")  # noqa: S608  (constants)
_LOT = f"""(
  SELECT n, {_chance(10)} < 0.9 AS is_funded, {_chance(11)} AS wealth, {_chance(12)} AS margin,
    {_chance(13)} AS usage, {_chance(14)} AS loss, {_chance(15)} AS depth, {_chance(16)} AS credit,
    {_chance(17)} AS debt, {_chance(18)} AS habit, {_chance(19)} AS trades, {_chance(20)} AS hold,
    {_chance(21)} AS deposits, {_chance(22)} AS anger, {_chance(23)} AS complaints,
    5 + 3000 * {_chance(24)} AS age, {_chance(25)} AS ago, {_chance(26)} AS visit
  FROM {_ALL}
) AS lot"""  # noqa: S608  (constants)
"""What falls to each client; six in ten have traded within 90 days, two in ten never."""
_FIGURES = text(f"""
INSERT INTO client_figure (client_id, assets, margin_usage, risk_ratio, drawdown, financing_ratio,
  trades_90d, turnover_90d, holding_days, deposits, complaints_90d, opened_at, first_deposit_at,
  last_trade_at, last_active_at)
SELECT {_ID}, CASE WHEN is_funded THEN round(CAST(exp(6 + 10 * wealth) AS numeric), 2) END,
  CASE WHEN margin < 0.4 THEN usage END, CASE WHEN margin < 0.4 THEN 1.1 * usage END,
  CASE WHEN loss < 0.3 THEN 0.4 * depth END, CASE WHEN credit < 0.15 THEN debt END,
  CASE WHEN habit < 0.6 THEN CAST(exp(5 * trades) AS integer) ELSE 0 END,
  CASE WHEN habit < 0.6 THEN round(CAST(exp(8 + 9 * trades) AS numeric), 2) ELSE 0 END,
  CASE WHEN habit < 0.6 THEN 90 * hold END,
  CASE WHEN is_funded THEN 1 + CAST(9 * deposits AS integer) ELSE 0 END,
  CASE WHEN anger < 0.02 THEN 1 + CAST(2 * complaints AS integer) ELSE 0 END,
  now() - age * interval '1 day', CASE WHEN is_funded THEN now() - age * interval '23 hours' END,
  CASE WHEN habit < 0.6 THEN now() - 89 * ago * interval '1 day'
    WHEN habit < 0.8 THEN now() - (90 + 400 * ago) * interval '1 day' END,
  CASE WHEN habit < 0.6 THEN now() - 89 * ago * visit * interval '1 day'
    WHEN habit < 0.9 THEN now() - (30 + 400 * ago) * interval '1 day' END
FROM {_LOT} ON CONFLICT DO NOTHING
""")  # noqa: S608  (constants)
_IDENTITIES = text(f"""
INSERT INTO identity (id, client_id, channel, account, address, consents, bound_at)
SELECT {_PLACE_ID}, {_ID}, CAST(:channel AS text), CAST(:account AS text),
  CASE CAST(:channel AS text) WHEN 'sms' THEN '+999' || lpad(CAST(n AS text), 9, '0')
    WHEN 'email' THEN 'nobody' || n || '@crowd.invalid' ELSE 'nobody-' || n END,
  CASE WHEN {_chance(30)} >= 0.8 THEN '{{}}' WHEN {_chance(31)} < 0.95
    THEN '{{"marketing": "yes"}}' ELSE '{{"marketing": "no"}}' END::jsonb, now()
FROM {_ALL}
WHERE (hashint8extended(n, 100 + CAST(:place AS integer)) & 1048575) / 1048576.0
  < CAST(:share AS double precision)
ON CONFLICT DO NOTHING
""")  # noqa: S608  (constants)
_PREFERENCES = text(f"""
INSERT INTO preference (client_id, category, channel, weight, origin)
SELECT {_ID}, 'marketing',
  (CAST(:channels AS text[]))[1 + floor(cardinality(CAST(:channels AS text[])) * {_chance(41)})],
  CAST(100 * {_chance(42)} AS integer),
  CASE WHEN {_chance(43)} < 0.2 THEN 'stated' ELSE 'learned' END
FROM {_ALL} WHERE {_chance(40)} < 0.3
ON CONFLICT DO NOTHING
""")  # noqa: S608  (constants)
_COUNT = text("SELECT count(*) FROM client WHERE client_no_enc = '\\x00'")
