"""Messages of campaigns that came to nothing: read by a person, mended, and sent again.

What nobody knows the outcome of may have arrived, so it is sent again only if a person says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_REPLAYED, Happening
from kernel.message import Json
from store import audit

PAGE = 100


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that ended `rejected` or `failed`; `is_doubtful`: it may have arrived all the same.

    `is_mended`: the client's address is another one by now, or is not blocked any more.
    """

    outbox_id: UUID
    client_id: UUID
    channel: str
    account: str
    state: str
    reason: str | None
    attempts: int
    ended_at: datetime | None
    is_doubtful: bool
    is_mended: bool


async def find_dead(
    connection: AsyncConnection, campaign_id: UUID, *, after: UUID | None = None, limit: int = PAGE
) -> list[DeadLetter]:
    """Return a page of a campaign's dead letters, in the order of their ids."""
    parameters = {"campaign": campaign_id, "after": after or UUID(int=0), "limit": limit}
    return [DeadLetter(*row) for row in await connection.execute(_DEAD, parameters)]


async def replay(
    connection: AsyncConnection,
    campaign_id: UUID,
    outbox_ids: Sequence[UUID],
    *,
    actor: str,
    doubtful: bool = False,
) -> int:
    """Queue dead letters again, to the address that the client has now; return how many.

    One that may have arrived stays where it is unless `doubtful`; one whose client is blocked,
    left or said no meanwhile stays in any case.
    """
    parameters = {
        "campaign": campaign_id,
        "ids": list(outbox_ids),
        "doubtful": doubtful,
        "refusals": list(_REFUSALS),
    }
    rows = (await connection.execute(_REPLAY, parameters)).all()
    if rows:
        after: dict[str, Json] = {"queued": len(rows), "doubtful": doubtful}
        told = Happening(actor, CAMPAIGN_REPLAYED, "campaign", campaign_id, after=after)
        await audit.record(connection, [told])
    return len(rows)


_REFUSALS = ("consent:",)
"""How the reasons begin after which nothing is sent again: it was the client who refused."""

_DOUBTFUL = "outbox.state = 'failed' AND outbox.reason IN ('outcome_unknown', 'worker_died')"

_DEAD = text(f"""
SELECT outbox.id, outbox.client_id, outbox.channel, outbox.account, outbox.state, outbox.reason,
  outbox.attempts, outbox.ended_at, {_DOUBTFUL} AS is_doubtful,
  COALESCE(identity.address <> outbox.address AND NOT identity.is_blocked, false) AS is_mended
FROM outbox LEFT JOIN campaign_recipient AS recipient ON recipient.campaign_id = outbox.campaign_id
  AND recipient.client_id = outbox.client_id
LEFT JOIN identity ON identity.id = recipient.identity_id
WHERE outbox.campaign_id = :campaign AND outbox.state IN ('rejected', 'failed')
  AND outbox.id > :after
ORDER BY outbox.id LIMIT :limit
""")  # noqa: S608  (constants of this file)

_REPLAY = text(f"""
WITH dead AS (
  SELECT outbox.id, outbox.attempts, identity.address FROM outbox
  JOIN campaign_recipient AS recipient ON recipient.campaign_id = outbox.campaign_id
    AND recipient.client_id = outbox.client_id
  JOIN identity ON identity.id = recipient.identity_id
    AND identity.client_id = outbox.client_id
  WHERE outbox.campaign_id = :campaign AND outbox.id = ANY(CAST(:ids AS uuid[]))
    AND outbox.state IN ('rejected', 'failed') AND (:doubtful OR NOT ({_DOUBTFUL}))
    AND NOT identity.is_blocked AND identity.is_subscribed
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(:refusals AS text[])) AS refusal (word)
      WHERE starts_with(outbox.reason, refusal.word))
    AND ('no' IN (identity.consents->>'all', identity.consents->>(
      SELECT category FROM campaign WHERE campaign.id = outbox.campaign_id))) IS NOT TRUE
  ORDER BY outbox.id FOR NO KEY UPDATE OF outbox
), moved AS (
  UPDATE outbox SET state = 'queued', reason = 'replayed', ended_at = NULL, address = dead.address
  FROM dead WHERE outbox.id = dead.id RETURNING outbox.id, dead.attempts
)
INSERT INTO queue (outbox_id, lane, not_before, attempt)
SELECT id, 'bulk', now(), attempts FROM moved
ON CONFLICT (outbox_id) DO UPDATE SET lease_until = NULL, worker = NULL, not_before = now()
RETURNING outbox_id
""")  # noqa: S608
