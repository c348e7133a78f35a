"""What an account may send, shared by all workers: tokens, and a circuit that opens by itself.

`free_at` is the moment at which all that was granted is spent (the generic cell rate algorithm,
ITU-T I.371 annex A): one UPDATE grants, and no worker needs to know of another. An account
without a row has no limit and has not failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

AHEAD_SECONDS = 0.25
"""How far ahead of time tokens are granted: the longest burst, and how long a grant lasts."""
UNLIMITED = 1_000_000.0
"""Messages a second of an account that got its row because it failed."""
FAILURES = 20
"""Failed calls in a row that open the circuit."""
TRIAL = 5
"""Messages that may go when an open circuit's time is over, to see whether it works again."""
OPEN_SECONDS, MOST_SECONDS = 5.0, 60.0
"""How long it stays open first, and at most; it doubles while a trial fails. So what waits for a
provider goes on within a minute of its return."""
CAMPAIGN = "campaign"
"""The channel under which a campaign's own limit stands, by its id."""


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may go now; `wait` seconds until more may, if none."""

    n: int
    wait: float = 0.0
    has_failed: bool = False
    is_open: bool = False


async def set_limit(
    connection: AsyncConnection, channel: str, account: str, per_second: float
) -> None:
    """Say how many messages a second an account may send."""
    parameters = {"channel": channel, "account": account, "per_second": per_second}
    await connection.execute(_SET, parameters)


async def set_limits(
    connection: AsyncConnection, limits: Mapping[tuple[str, str], float | None]
) -> None:
    """Say how many messages a second accounts may send, all at once; None is no limit."""
    parameters = {
        "channels": [channel for channel, _ in limits],
        "accounts": [account for _, account in limits],
        "rates": list(limits.values()),
        "unlimited": UNLIMITED,
    }
    await connection.execute(_SET_ALL, parameters)


async def spend(connection: AsyncConnection, channel: str, account: str, n: int) -> None:
    """Spend an account's tokens for messages that do not wait for them: others wait instead."""
    await connection.execute(_SPEND, {"channel": channel, "account": account, "n": n})


async def grant(connection: AsyncConnection, channel: str, account: str, *, wanted: int) -> Grant:
    """Grant up to `wanted` messages of an account; none while its circuit is open."""
    parameters = {"channel": channel, "account": account, "wanted": wanted}
    row = (
        await connection.execute(
            _GRANT, {**parameters, "ahead": AHEAD_SECONDS, "most": FAILURES, "trial": TRIAL}
        )
    ).one_or_none()
    if row is None:
        return Grant(wanted)
    if row.is_open:
        return Grant(0, row.wait, has_failed=True, is_open=True)
    return Grant(row.granted, row.wait, has_failed=row.failures > 0)


async def find_open(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return the channels and accounts whose circuit is open."""
    return [(row.channel, row.account) for row in await connection.execute(_OPEN)]


async def record_calls(
    connection: AsyncConnection, channel: str, account: str, *, failed: Sequence[bool]
) -> None:
    """Take the outcomes of calls, in their order; too many failures in a row open the circuit."""
    trailing = next((n for n, one in enumerate(reversed(failed)) if not one), len(failed))
    parameters = {
        "channel": channel,
        "account": account,
        "trailing": trailing,
        "is_whole": trailing == len(failed),
        "most": FAILURES,
        "first": OPEN_SECONDS,
        "longest": MOST_SECONDS,
        "per_second": UNLIMITED,
    }
    await connection.execute(_RECORD, parameters)


async def set_campaign_limit(
    connection: AsyncConnection, campaign_id: UUID, per_second: float
) -> None:
    """Say how many messages a second a campaign may send, over all its accounts."""
    await set_limit(connection, CAMPAIGN, str(campaign_id), per_second)


_SET = text("""
INSERT INTO throttle (channel, account, per_second) VALUES (:channel, :account, :per_second)
ON CONFLICT (channel, account) DO UPDATE SET per_second = EXCLUDED.per_second
""")

_SET_ALL = text("""
INSERT INTO throttle AS known (channel, account, per_second)
SELECT said.channel, said.account, COALESCE(said.rate, :unlimited)
FROM unnest(CAST(:channels AS text[]), CAST(:accounts AS text[]), CAST(:rates AS float8[]))
  AS said (channel, account, rate)
WHERE said.rate IS NOT NULL OR EXISTS (SELECT 1 FROM throttle AS old
  WHERE old.channel = said.channel AND old.account = said.account)
ORDER BY said.channel, said.account
ON CONFLICT (channel, account) DO UPDATE SET per_second = EXCLUDED.per_second
  WHERE known.per_second <> EXCLUDED.per_second
""")

_SPEND = text("""
UPDATE throttle SET free_at = GREATEST(free_at, clock_timestamp())
  + make_interval(secs => CAST(:n AS float8) / per_second)
WHERE channel = :channel AND account = :account
""")

_GRANT = text("""
WITH old AS (
  SELECT free_at, per_second, failures, GREATEST(free_at, clock_timestamp()) AS begins,
    COALESCE(open_until > clock_timestamp(), false) AS is_open, open_until
  FROM throttle WHERE channel = :channel AND account = :account FOR NO KEY UPDATE
), room AS (
  SELECT *, CASE WHEN is_open THEN 0 ELSE LEAST(CAST(:wanted AS integer),
    CASE WHEN failures >= :most THEN CAST(:trial AS integer) END, GREATEST(
    CASE WHEN free_at <= clock_timestamp() THEN 1 ELSE 0 END,
    floor((CAST(:ahead AS float8)
      - extract(epoch FROM begins - clock_timestamp())::float8) * per_second)
  ))::integer END AS granted FROM old
), taken AS (
  UPDATE throttle SET free_at = room.begins + make_interval(secs => room.granted / room.per_second)
  FROM room WHERE channel = :channel AND account = :account AND room.granted > 0
)
SELECT granted, failures, is_open, GREATEST(0, extract(epoch FROM
  CASE WHEN is_open THEN open_until - clock_timestamp()
    WHEN granted = 0 THEN begins - clock_timestamp() ELSE interval '0' END))::float8 AS wait
FROM room
""")

_OPEN = text("SELECT channel, account FROM throttle WHERE open_until > clock_timestamp()")

_RECORD = text("""
WITH known AS (
  SELECT COALESCE(max(failures), 0) AS failures FROM throttle
  WHERE channel = :channel AND account = :account AND :is_whole
), now_ AS (
  SELECT failures + :trailing AS failures FROM known
), judged AS (
  SELECT failures, CASE WHEN failures >= :most THEN clock_timestamp() + make_interval(secs =>
    LEAST(CAST(:longest AS float8), CAST(:first AS float8)
      * 2 ^ LEAST(8, failures / :most - 1))) END AS open_until FROM now_
)
INSERT INTO throttle (channel, account, per_second, failures, open_until)
SELECT :channel, :account, :per_second, failures, open_until FROM judged
ON CONFLICT (channel, account) DO UPDATE SET failures = EXCLUDED.failures,
  open_until = EXCLUDED.open_until
""")
