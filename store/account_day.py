"""What accounts may still send today, where their provider takes only so many a day.

The day is China's, as it is for the providers. What is not processed after all was counted all the
same, so the quota is never passed.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def take(
    connection: AsyncConnection, channel: str, account: str, *, wanted: int, quota: int
) -> int:
    """Take up to `wanted` of an account's messages of today; return how many there were."""
    parameters = {"channel": channel, "account": account, "wanted": wanted, "quota": quota}
    taken: int = (await connection.execute(_TAKE, parameters)).scalar_one()
    return taken


async def spend(connection: AsyncConnection, channel: str, account: str, n: int) -> None:
    """Count messages that ask nobody: replies and notices."""
    await connection.execute(_SPEND, {"channel": channel, "account": account, "n": n})


async def give_back(connection: AsyncConnection, channel: str, account: str, n: int) -> None:
    """Give back what was taken and not sent."""
    await connection.execute(_BACK, {"channel": channel, "account": account, "n": n})


_TODAY = "CAST(now() AT TIME ZONE 'Asia/Shanghai' AS date)"

_TAKE = text(f"""
INSERT INTO account_day AS known (channel, account, day, n)
VALUES (:channel, :account, {_TODAY}, LEAST(CAST(:wanted AS integer), CAST(:quota AS integer)))
ON CONFLICT (channel, account, day) DO UPDATE SET n = known.n
  + LEAST(CAST(:wanted AS integer), GREATEST(0, CAST(:quota AS integer) - known.n))
RETURNING new.n - COALESCE(old.n, 0)
""")  # noqa: S608  (constants of this file)

_SPEND = text(f"""
INSERT INTO account_day AS known (channel, account, day, n)
VALUES (:channel, :account, {_TODAY}, :n)
ON CONFLICT (channel, account, day) DO UPDATE SET n = known.n + EXCLUDED.n
""")  # noqa: S608

_BACK = text(f"""
UPDATE account_day SET n = GREATEST(0, n - :n)
WHERE channel = :channel AND account = :account AND day = {_TODAY}
""")  # noqa: S608
