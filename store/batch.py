"""The outcomes of many calls at once: one statement, and one event with the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_SENT, Happening
from store import audit, campaign_slice, outcome
from store.campaign_slice import UnderWay
from store.outbox import DOUBTED
from store.slice import STEADY


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended that did not go well: the new state, why, and when it may be tried again.

    It is nothing to a message that others, who took its worker for dead, have called for since:
    `attempt` says which call this was.
    """

    outbox_id: UUID
    state: str
    code: str | None = None
    wait: float = 0.0
    attempt: int = 1


@dataclass(slots=True)
class Taken:
    """The messages that a provider took, and its name for each; most of them are here."""

    ids: list[UUID] = field(default_factory=list)
    provider_ids: list[str | None] = field(default_factory=list)

    def add(self, outbox_id: UUID, provider_id: str | None) -> None:
        """Note one."""
        self.ids.append(outbox_id)
        self.provider_ids.append(provider_id)


async def record(
    connection: AsyncConnection,
    campaign_id: UUID,
    place: tuple[str, str],
    taken: Taken,
    outcomes: Sequence[Outcome],
    *,
    under_way: UnderWay | None = None,
) -> None:
    """Record how calls at one channel and account ended; what is `queued` waits its `wait`.

    First calls are those for a slice that is `under_way`. An attempt gets a row only where it did
    not go well: for the others the message says it all. What the provider told before its answer
    was recorded is applied.
    """
    await connection.execute(STEADY)
    early = None
    if under_way and under_way.ids:
        names = dict(zip(taken.ids, taken.provider_ids, strict=True))
        early = await campaign_slice.end(connection, under_way, place, names)
    if early is None and taken.ids:
        values = {"ids": taken.ids, "providers": taken.provider_ids}
        where = {"channel": place[0], "account": place[1]}
        early = (await connection.execute(_TAKEN, {**values, **where})).all()
    for row in sorted(early or (), key=lambda row: int(row.rank)):
        await outcome.advance(connection, row.outbox_id, row.status)
    if outcomes:
        await connection.execute(_RECORD, _to_columns(outcomes))
    counts = Counter(one.state for one in outcomes)
    counts["accepted"] += len(taken.ids)
    told = Happening("bulk", CAMPAIGN_SENT, "campaign", campaign_id, after=dict(+counts))
    await audit.record(connection, [told])


def _to_columns(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "ids": [one.outbox_id for one in outcomes],
        "states": [one.state for one in outcomes],
        "codes": [one.code for one in outcomes],
        "waits": [one.wait for one in outcomes],
        "attempts": [one.attempt for one in outcomes],
    }


_TAKEN = text(f"""
WITH moved AS (
  UPDATE outbox SET provider_id = COALESCE(done.provider_id, outbox.provider_id),
    ended_at = COALESCE(outbox.ended_at, clock_timestamp()),
    state = CASE WHEN outbox.state IN ('sending', 'unknown') OR {DOUBTED} THEN 'accepted'
      ELSE outbox.state END,
    reason = CASE WHEN outbox.state IN ('sending', 'unknown') OR {DOUBTED} THEN NULL
      ELSE outbox.reason END
  FROM unnest(CAST(:ids AS uuid[]), CAST(:providers AS text[])) AS done (id, provider_id)
  WHERE outbox.id = done.id
    AND (outbox.state || '' IN ('sending', 'unknown') OR outbox.provider_id IS NULL OR {DOUBTED})
  RETURNING outbox.id, outbox.provider_id, outbox.state
), gone AS (
  DELETE FROM queue USING moved
  WHERE queue.outbox_id = moved.id AND queue.lease_until IS NULL AND moved.state = 'accepted'
)
UPDATE receipt SET outbox_id = moved.id FROM moved
WHERE receipt.outbox_id IS NULL AND receipt.channel = :channel AND receipt.account = :account
  AND receipt.provider_id = moved.provider_id
RETURNING receipt.outbox_id, receipt.status, receipt.rank
""")  # noqa: S608
"""What has moved already learns its name alone. The state is no column in the condition, so that it
goes by the key and not by the index of what is being sent, in which every message leaves a dead
entry behind."""

_RECORD = text("""
WITH done AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:codes AS text[]),
    CAST(:waits AS float8[]), CAST(:attempts AS integer[]))
    AS done (id, state, code, wait, attempt)
), moved AS (
  UPDATE outbox SET state = done.state, reason = done.code,
    ended_at = CASE WHEN done.state <> 'queued' THEN clock_timestamp() END
  FROM done WHERE outbox.id = done.id AND outbox.state || '' IN ('sending', 'unknown')
    AND outbox.attempts = done.attempt
  RETURNING outbox.id, outbox.state, outbox.attempts, done.code, done.wait
), tried AS (
  INSERT INTO attempt (outbox_id, n, result, code)
  SELECT id, attempts, CASE state WHEN 'queued' THEN 'retry' ELSE state END, code
  FROM moved WHERE state <> 'cancelled'
  ON CONFLICT (outbox_id, n) DO UPDATE SET result = EXCLUDED.result, code = EXCLUDED.code
)
INSERT INTO queue (outbox_id, lane, not_before, attempt)
SELECT id, 'bulk', now() + make_interval(secs => wait), attempts
FROM moved WHERE state = 'queued' ON CONFLICT (outbox_id) DO UPDATE
  SET lease_until = NULL, worker = NULL, not_before = EXCLUDED.not_before
""")
