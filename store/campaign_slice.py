"""A slice of a campaign while its provider is called: one row for all of its messages.

That row is what `sending` is for them. When it is known what became of each, they get into the
outbox as they ended, and the row goes; so a message that is sent well is written once. What a dead
worker left gets into the outbox as `unknown`, and who hears of a message before its slice has
ended puts it there as `sending`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_SENT, Happening
from store import audit


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A slice whose calls were made: its row, and its messages in their order."""

    slice_id: UUID
    ids: list[UUID]


async def record_lost(
    connection: AsyncConnection, *, worker: str = "", older_than: float | None = None
) -> int:
    """Turn what workers were sending when they died into `unknown`; return how many messages.

    Dead is every namesake of `worker`, a process that another one stands in for, or whoever began
    `older_than` seconds ago.
    """
    parameters = {"prefix": f"{worker}/" if worker else None, "older": older_than}
    rows = (await connection.execute(_LOST, parameters)).all()
    told = [
        Happening(
            "bulk", CAMPAIGN_SENT, "campaign", row.campaign_id,
            before={"state": "sending"}, after={"unknown": row.n},
        )
        for row in rows
    ]  # fmt: skip
    await audit.record(connection, told)
    return sum(row.n for row in rows)


async def record_parts(
    connection: AsyncConnection, under_way: UnderWay, parts: Sequence[int]
) -> None:
    """Note how many parts each of a slice's SMS takes, in their order; unless noted, it is one."""
    await connection.execute(_PARTS, {"slice": under_way.slice_id, "parts": list(parts)})


async def put_out(connection: AsyncConnection, outbox_id: UUID) -> None:
    """Put a message of which somebody hears already into the outbox; nothing if it is there."""
    await connection.execute(_PUT_OUT, {"outbox": outbox_id})


async def end(
    connection: AsyncConnection,
    under_way: UnderWay,
    place: tuple[str, str],
    taken: Mapping[UUID, str | None],
) -> Sequence[Row[Any]] | None:
    """Put a slice's messages into the outbox, those `taken` by name as `accepted`.

    The others are `sending` there, for their outcomes to be recorded. Returns what the provider
    told of them before its answers were recorded; None if others have ended the slice, who took
    its worker for dead.
    """
    parameters = {
        "slice": under_way.slice_id,
        "ids": under_way.ids,
        "taken": [one in taken for one in under_way.ids],
        "providers": [taken.get(one) for one in under_way.ids],
        "channel": place[0],
        "account": place[1],
    }
    rows = (await connection.execute(_END, parameters)).all()
    return [row for row in rows if row.outbox_id is not None] if rows else None


_COLUMNS = """id, campaign_id, client_id, content_id, arm, channel, account, address,
    author_kind, rung, state, reason, provider_id, worker, attempts, created_at, sending_at,
    ended_at, not_after, parts"""
_OF_SLICE = "gone.channel, gone.account, one.address, 'system', 'campaign'"
_NAMED = "one.id, gone.campaign_id, one.client_id, gone.content_id, one.arm"
_LAST = "gone.not_after, one.parts"
_TIMES = "gone.worker, 1, gone.sending_at, gone.sending_at"

_PARTS = text("""
UPDATE campaign_slice SET parts = CAST(:parts AS smallint[]) WHERE id = :slice
""")

_LOST = text(f"""
WITH gone AS (
  DELETE FROM campaign_slice WHERE starts_with(worker, CAST(:prefix AS text))
    OR sending_at < now() - make_interval(secs => CAST(:older AS float8)) RETURNING *
), moved AS (
  INSERT INTO outbox ({_COLUMNS})
  SELECT DISTINCT ON (gone.campaign_id, one.client_id) {_NAMED}, {_OF_SLICE}, 'unknown',
    'worker_died', NULL, {_TIMES}, NULL, {_LAST}
  FROM gone CROSS JOIN LATERAL unnest(gone.ids, gone.client_ids, gone.addresses, gone.arms,
    gone.parts) AS one (id, client_id, address, arm, parts)
  ON CONFLICT (campaign_id, client_id) WHERE campaign_id IS NOT NULL
  DO UPDATE SET state = 'unknown', reason = 'worker_died' WHERE outbox.state = 'sending'
    AND outbox.id = EXCLUDED.id
  RETURNING campaign_id
)
SELECT campaign_id, count(*) AS n FROM moved GROUP BY campaign_id
""")  # noqa: S608  (constants of this file)

_PUT_OUT = text(f"""
INSERT INTO outbox ({_COLUMNS})
SELECT {_NAMED}, {_OF_SLICE}, 'sending', NULL, NULL, {_TIMES}, NULL, {_LAST}
FROM campaign_slice AS gone
CROSS JOIN LATERAL unnest(gone.ids, gone.client_ids, gone.addresses, gone.arms, gone.parts)
  AS one (id, client_id, address, arm, parts)
WHERE CAST(:outbox AS uuid) = ANY(gone.ids) AND one.id = :outbox
  AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = :outbox)
ON CONFLICT DO NOTHING
""")  # noqa: S608

_END = text(f"""
WITH gone AS (
  DELETE FROM campaign_slice WHERE id = :slice RETURNING *
), moved AS (
  INSERT INTO outbox ({_COLUMNS})
  SELECT {_NAMED}, {_OF_SLICE},
    CASE WHEN one.is_taken AND one.id = one.told THEN 'accepted' ELSE 'sending' END, NULL,
    one.provider_id, {_TIMES}, CASE WHEN one.is_taken THEN clock_timestamp() END, {_LAST}
  FROM gone CROSS JOIN LATERAL unnest(gone.ids, gone.client_ids, gone.addresses, gone.arms,
    gone.parts, CAST(:ids AS uuid[]), CAST(:taken AS boolean[]), CAST(:providers AS text[]))
    AS one (id, client_id, address, arm, parts, told, is_taken, provider_id)
  ON CONFLICT (campaign_id, client_id) WHERE campaign_id IS NOT NULL DO UPDATE
  SET provider_id = COALESCE(EXCLUDED.provider_id, outbox.provider_id),
    ended_at = COALESCE(outbox.ended_at, EXCLUDED.ended_at),
    state = CASE WHEN outbox.state IN ('sending', 'unknown') THEN 'accepted'
      ELSE outbox.state END,
    reason = CASE WHEN outbox.state IN ('sending', 'unknown') THEN NULL ELSE outbox.reason END
  WHERE EXCLUDED.state = 'accepted' AND outbox.id = EXCLUDED.id
  RETURNING id, provider_id
), early AS (
  UPDATE receipt SET outbox_id = moved.id FROM moved
  WHERE receipt.outbox_id IS NULL AND receipt.channel = :channel AND receipt.account = :account
    AND receipt.provider_id = moved.provider_id
  RETURNING receipt.outbox_id, receipt.status, receipt.rank
)
SELECT outbox_id, status, rank FROM early UNION ALL SELECT NULL, NULL, NULL FROM gone
""")  # noqa: S608
