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
MOST = 5_000
"""So many messages of one kind are queued at once; the rest with the next call."""
_UNSAID = "unsaid"
"""The kind of a message of which its provider told that it failed, and not why."""

_UNWRITTEN = "content:unwritten"
"""The kind of a message that lacked a value, and for which nobody was called."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that ended `rejected` or `failed`; `is_doubtful`: it may have arrived all the same.

    `is_mended`: the client's address is another one by now. `is_barred`: nothing is sent to its
    client there any more, who has blocked us, left or refused.
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
    is_barred: bool


@dataclass(frozen=True, slots=True)
class DeadGroup:
    """How many dead letters on a channel are of one kind: a reason without its provider's code."""

    kind: str
    channel: str
    is_doubtful: bool
    n: int
    mended: int
    barred: int


async def find_groups(connection: AsyncConnection, campaign_id: UUID) -> list[DeadGroup]:
    """Return a campaign's dead letters by kind, the most frequent first."""
    rows = await connection.execute(_GROUPS, {"campaign": campaign_id})
    return [DeadGroup(*row) for row in rows]


async def find_dead(
    connection: AsyncConnection,
    campaign_id: UUID,
    *,
    kind: str | None = None,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[DeadLetter]:
    """Return a page of a campaign's dead letters, of one kind or all, in the order of their ids."""
    parameters = {
        "campaign": campaign_id,
        "kind": kind,
        "after": after or UUID(int=0),
        "limit": limit,
    }
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
    parameters = {"campaign": campaign_id, "ids": list(outbox_ids), "doubtful": doubtful}
    rows = (await connection.execute(_REPLAY, parameters)).all()
    await _tell(connection, campaign_id, len(rows), actor=actor, doubtful=doubtful)
    return len(rows)


async def replay_kind(
    connection: AsyncConnection,
    campaign_id: UUID,
    kind: str,
    *,
    actor: str,
    doubtful: bool = False,
) -> int:
    """Do the same with the next `MOST` of a kind; return how many."""
    parameters = {"campaign": campaign_id, "kind": kind, "doubtful": doubtful, "limit": MOST}
    rows = (await connection.execute(_REPLAY_KIND, parameters)).all()
    await _tell(connection, campaign_id, len(rows), actor=actor, doubtful=doubtful)
    return len(rows)


async def _tell(
    connection: AsyncConnection, campaign_id: UUID, queued: int, *, actor: str, doubtful: bool
) -> None:
    if queued:
        after: dict[str, Json] = {"queued": queued, "doubtful": doubtful}
        told = Happening(actor, CAMPAIGN_REPLAYED, "campaign", campaign_id, after=after)
        await audit.record(connection, [told])


_DOUBTFUL = """COALESCE(outbox.state = 'failed'
    AND split_part(outbox.reason, ':', 1) IN ('outcome_unknown', 'worker_died'), false)"""

_KIND = f"""CASE outbox.reason WHEN '{_UNWRITTEN}' THEN '{_UNWRITTEN}'
  ELSE split_part(COALESCE(NULLIF(outbox.reason, 'replayed'), '{_UNSAID}'), ':', 1) END"""

_BARRED = f"""(identity.client_id IS DISTINCT FROM outbox.client_id OR identity.is_blocked
    OR NOT identity.is_subscribed OR {_KIND} = 'consent'
    OR COALESCE('no' IN (identity.consents->>'all', identity.consents->>(
      SELECT category FROM campaign WHERE campaign.id = outbox.campaign_id)), false))"""  # noqa: S608
"""It was the client who refused, or who is not there any more: nothing is sent again."""

_MENDED = f"COALESCE(identity.address <> outbox.address, false) AND NOT {_BARRED}"

_ALL_DEAD = """
FROM outbox LEFT JOIN campaign_recipient AS recipient ON recipient.campaign_id = outbox.campaign_id
  AND recipient.client_id = outbox.client_id
LEFT JOIN identity ON identity.id = recipient.identity_id
WHERE outbox.campaign_id = :campaign AND outbox.state IN ('rejected', 'failed')
"""

_GROUPS = text(f"""
SELECT {_KIND} AS kind, outbox.channel, {_DOUBTFUL} AS is_doubtful, count(*),
  count(*) FILTER (WHERE {_MENDED}), count(*) FILTER (WHERE {_BARRED})
{_ALL_DEAD} GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3
""")

_DEAD = text(f"""
SELECT outbox.id, outbox.client_id, outbox.channel, outbox.account, outbox.state, outbox.reason,
  outbox.attempts, outbox.ended_at, {_DOUBTFUL} AS is_doubtful, {_MENDED} AS is_mended,
  {_BARRED} AS is_barred
{_ALL_DEAD} AND (CAST(:kind AS text) IS NULL OR {_KIND} = :kind) AND outbox.id > :after
ORDER BY outbox.id LIMIT :limit
""")

_QUEUE_AGAIN = f"""
WITH dead AS (
  SELECT outbox.id, outbox.attempts, identity.address FROM outbox
  JOIN campaign_recipient AS recipient ON recipient.campaign_id = outbox.campaign_id
    AND recipient.client_id = outbox.client_id
  JOIN identity ON identity.id = recipient.identity_id
  WHERE outbox.campaign_id = :campaign AND {{chosen}}
    AND outbox.state IN ('rejected', 'failed') AND (:doubtful OR NOT {_DOUBTFUL})
    AND NOT {_BARRED}
  ORDER BY outbox.id {{limit}} FOR NO KEY UPDATE OF outbox
), moved AS (
  UPDATE outbox SET state = 'queued', reason = 'replayed', ended_at = NULL, address = dead.address
  FROM dead WHERE outbox.id = dead.id RETURNING outbox.id, dead.attempts
)
INSERT INTO queue (outbox_id, lane, not_before, attempt)
SELECT id, 'bulk', now(), attempts FROM moved
ON CONFLICT (outbox_id) DO UPDATE SET lease_until = NULL, worker = NULL, not_before = now()
RETURNING outbox_id
"""  # noqa: S608

_REPLAY = text(_QUEUE_AGAIN.format(chosen="outbox.id = ANY(CAST(:ids AS uuid[]))", limit=""))
_REPLAY_KIND = text(_QUEUE_AGAIN.format(chosen=f"{_KIND} = :kind", limit="LIMIT :limit"))
