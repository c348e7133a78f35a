"""Messages of campaigns that are sent again: claimed by account, and their outcomes recorded."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Outbound
from store import batch
from store.batch import Outcome, Taken
from store.cipher import Cipher
from store.outbox import TAKEN, to_outbound


async def find_places(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return the channels and accounts at which messages are due again."""
    return [(row.channel, row.account) for row in await connection.execute(_PLACES)]


async def claim(
    connection: AsyncConnection,
    cipher: Cipher,
    worker: str,
    place: tuple[str, str],
    *,
    limit: int,
) -> list[Outbound]:
    """Claim messages that are due again at one channel and account, and commit them as `sending`.

    None of a campaign that is stopped, and none while the account's circuit is open.
    """
    parameters = {"worker": worker, "limit": limit, "channel": place[0], "account": place[1]}
    rows = (await connection.execute(_CLAIM, parameters)).mappings().all()
    return [to_outbound(cipher, row) for row in rows]


async def record(
    connection: AsyncConnection,
    campaign_id: UUID,
    place: tuple[str, str],
    taken: Taken,
    outcomes: Sequence[Outcome],
) -> None:
    """Record how calls for claimed messages ended, as `batch.record` does for first ones."""
    await batch.record(connection, campaign_id, place, taken, outcomes)
    ids = [*taken.ids, *(one.outbox_id for one in outcomes if one.state != "queued")]
    if ids:
        await connection.execute(_DONE, {"ids": ids})


_DUE = """queue JOIN outbox ON outbox.id = queue.outbox_id
  WHERE queue.lane = 'bulk' AND outbox.campaign_id IS NOT NULL
    AND queue.not_before <= now() AND queue.lease_until IS NULL
    AND (outbox.not_after IS NULL OR outbox.not_after > now())
    AND NOT EXISTS (SELECT 1 FROM campaign WHERE campaign.id = outbox.campaign_id
      AND campaign.state IN ('paused', 'cancelled'))
    AND NOT EXISTS (SELECT 1 FROM throttle WHERE throttle.channel = outbox.channel
      AND throttle.account = outbox.account AND throttle.open_until > now())"""

_PLACES = text(f"""
SELECT DISTINCT channel, account FROM (
  SELECT outbox.channel, outbox.account FROM {_DUE}
  ORDER BY queue.not_before LIMIT 5000) AS waiting
ORDER BY channel, account
""")  # noqa: S608  (constants)

_CLAIM = text(f"""
WITH due AS (
  SELECT queue.outbox_id FROM {_DUE}
    AND outbox.channel = :channel AND outbox.account = :account
  ORDER BY queue.not_before LIMIT :limit FOR UPDATE OF queue SKIP LOCKED
), {TAKEN}
""")  # noqa: S608  (constants)

_DONE = text("""
WITH done AS (
  SELECT id, state, attempts FROM outbox
  WHERE id = ANY(CAST(:ids AS uuid[])) AND state NOT IN ('queued', 'sending')
), gone AS (
  DELETE FROM queue USING done WHERE queue.outbox_id = done.id
)
UPDATE attempt SET result = CASE WHEN done.state IN ('delivered', 'read') THEN 'accepted'
  ELSE done.state END
FROM done WHERE attempt.outbox_id = done.id AND attempt.n = done.attempts
  AND attempt.result IS NULL
""")
"""What somebody has queued again meanwhile, who took us for dead, stays in the queue."""
