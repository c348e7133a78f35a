"""Takes back what is still queued: nobody calls a provider for it any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Recalled:
    """A message that was cancelled before anybody called a provider for it."""

    outbox_id: UUID
    notice_id: UUID
    channel: str
    rung: str


async def record_recalled(
    connection: Connection, notice_ids: Sequence[UUID], why: str
) -> list[Recalled]:
    """Cancel what is queued for these notices and return it; what a worker holds goes out.

    What a recalled digest carried besides is due again by itself. Nothing waits for a lock: a row
    that somebody is claiming right now is as good as called.
    """
    parameters = {"notices": list(notice_ids), "why": why}
    return [Recalled(*row) for row in await connection.execute(_RECALL, parameters)]


_RECALL = text("""
WITH held AS (
  SELECT queue.outbox_id FROM queue JOIN outbox ON outbox.id = queue.outbox_id
  WHERE outbox.notice_id = ANY(CAST(:notices AS uuid[])) AND queue.lease_until IS NULL
  FOR UPDATE OF queue SKIP LOCKED
), gone AS (
  DELETE FROM queue USING held WHERE queue.outbox_id = held.outbox_id RETURNING queue.outbox_id
), moved AS (
  UPDATE outbox SET state = 'cancelled', reason = :why, ended_at = now() FROM gone
  WHERE outbox.id = gone.outbox_id AND outbox.state = 'queued'
  RETURNING outbox.id, outbox.notice_id, outbox.channel, outbox.rung, outbox.conversation_id,
    outbox.seq
), apart AS (
  UPDATE notice SET carrier_id = NULL, next_rung = 0, due_at = now()
  FROM moved WHERE notice.carrier_id = moved.notice_id AND notice.state = 'in_progress'
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
  SELECT row_id(), 'notice', 'outbox_moved', 'outbox', CAST(id AS text), '{"state": "queued"}',
    jsonb_build_object('state', 'cancelled', 'code', CAST(:why AS text),
      'conversation_id', conversation_id, 'seq', seq) FROM moved
)
SELECT id, notice_id, channel, rung FROM moved ORDER BY id
""")
