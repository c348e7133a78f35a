"""Messages of campaigns that are sent again: judged anew, claimed by account, outcomes recorded.

What a slice asks before the first call is asked before each later one, for hours may lie between:
a pause, an open circuit, people who look at what failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_SENT, Happening
from kernel.message import Outbound
from store import audit, batch
from store.batch import Outcome, Taken
from store.cipher import Cipher
from store.outbox import END_UNCALLED, HAS_DOUBT, TAKEN, to_outbound
from store.pace import Pace
from store.slice import STEADY
from store.verdict import COUNTED, JUDGED, TERMS, Terms


@dataclass(frozen=True, slots=True)
class Waiting:
    """A campaign of which messages are due again at a channel and account, since `upto` or before.

    Only the oldest are looked at: what came later is claimed when these are gone.
    """

    channel: str
    account: str
    upto: datetime
    terms: Terms

    @property
    def place(self) -> tuple[str, str]:
        """The channel and account."""
        return self.channel, self.account


@dataclass(frozen=True, slots=True)
class Claimed:
    """Messages to send, and how many were looked at: the others ended or wait for a better hour."""

    going: list[Outbound]
    looked_at: int


async def find_waiting(connection: AsyncConnection) -> list[Waiting]:
    """Return where messages are due again, by channel and account."""
    rows = await connection.execute(_WAITING)
    return [Waiting(row[0], row[1], row[2], Terms(*row[3:])) for row in rows]


async def claim(
    connection: AsyncConnection,
    cipher: Cipher,
    worker: str,
    waiting: Waiting,
    pace: Pace,
    *,
    limit: int,
) -> Claimed:
    """Look at messages that are due again, and commit those who may get theirs as `sending`.

    None of a campaign that is stopped, and none while the account's circuit is open. Who may not
    get it any more gets a reason, who is in quiet hours waits for their end. It goes to where the
    client is now, unless it may have arrived where they were.
    """
    parameters = {
        "limit": limit,
        "channel": waiting.channel,
        "account": waiting.account,
        "upto": waiting.upto,
        **waiting.terms.to_parameters(pace),
    }
    await connection.execute(STEADY)
    judged = (await connection.execute(_JUDGE, parameters)).all()
    ended = Counter(one.reason for one in judged if one.reason)
    if ended:
        told = Happening(
            "bulk", CAMPAIGN_SENT, "campaign", waiting.terms.campaign_id, after=dict(ended)
        )
        await audit.record(connection, [told])
    ids = [one.outbox_id for one in judged if not one.reason and one.due_at is None]
    going: list[Outbound] = []
    if ids:
        rows = (await connection.execute(_CLAIM, {"worker": worker, "ids": ids})).mappings().all()
        going = [to_outbound(cipher, row) for row in rows]
    return Claimed(going, len(judged))


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

_WAITING = text(f"""
SELECT waiting.channel, waiting.account, waiting.upto, {TERMS} FROM (
  SELECT channel, account, campaign_id, max(not_before) AS upto FROM (
    SELECT outbox.channel, outbox.account, outbox.campaign_id, queue.not_before FROM {_DUE}
    ORDER BY queue.not_before LIMIT 5000) AS due GROUP BY channel, account, campaign_id) AS waiting
JOIN campaign ON campaign.id = waiting.campaign_id
JOIN content ON content.id = campaign.content_id
ORDER BY waiting.channel, waiting.account, campaign.id
""")  # noqa: S608  (constants)

_JUDGE = text(f"""
WITH due AS MATERIALIZED (
  SELECT outbox.id, outbox.client_id, outbox.arm, {COUNTED} AS counted FROM {_DUE}
    AND outbox.channel = :channel AND outbox.account = :account
    AND outbox.campaign_id IS NOT DISTINCT FROM CAST(:campaign AS uuid)
    AND queue.not_before <= :upto
  ORDER BY queue.not_before LIMIT :limit FOR UPDATE OF queue SKIP LOCKED
), picked AS MATERIALIZED (
  SELECT due.client_id, due.arm, due.counted,
    (SELECT identity_id FROM campaign_recipient AS recipient
      WHERE recipient.campaign_id = :campaign AND recipient.client_id = due.client_id)
  FROM due
), {JUDGED}, verdict AS MATERIALIZED (
  SELECT due.id, judged.reason, judged.due_at, judged.address
  FROM due JOIN judged ON judged.client_id = due.client_id
), gone AS (
  DELETE FROM queue USING verdict WHERE queue.outbox_id = verdict.id
    AND verdict.reason IS NOT NULL
), ended AS (
  UPDATE outbox SET {
    END_UNCALLED.format(
        state="CASE verdict.reason WHEN 'expired' THEN 'expired' ELSE 'cancelled' END",
        reason="verdict.reason",
    )
}
  FROM verdict WHERE outbox.id = verdict.id AND verdict.reason IS NOT NULL
    AND outbox.state || '' = 'queued'
), later AS (
  UPDATE queue SET not_before = verdict.due_at FROM verdict
  WHERE queue.outbox_id = verdict.id AND verdict.reason IS NULL AND verdict.due_at IS NOT NULL
), changed AS (
  UPDATE outbox SET address = verdict.address,
    reason = CASE WHEN verdict.due_at IS NULL THEN outbox.reason ELSE 'quiet_hours' END
  FROM verdict WHERE outbox.id = verdict.id AND verdict.reason IS NULL AND NOT {HAS_DOUBT}
    AND (verdict.due_at IS NOT NULL OR outbox.address <> verdict.address)
)
SELECT id AS outbox_id, reason, due_at FROM verdict
""")  # noqa: S608  (constants)
"""No index answers the condition on the campaign, so that it goes by the queue: the statistics know
nothing of a new campaign, and all of its messages would be read."""

_CLAIM = text(f"""
WITH due AS (
  SELECT outbox_id FROM unnest(CAST(:ids AS uuid[])) AS due (outbox_id)
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
