"""Sends again what may have been sent, where a duplicate is better than silence (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from store.engine import Connection
from store.outbox import IN_DOUBT

MOST = 3
"""Calls for one message, the first included."""


async def record_repeated(
    connection: Connection, urgencies: Sequence[str], *, older_than: float
) -> int:
    """Queue messages of notices of these urgencies again whose calls nobody knows the end of.

    Returns how many. A message is called for at most `MOST` times, `older_than` seconds apart;
    what is repeated was counted against its window once, and is not again.
    """
    parameters = {
        "urgencies": list(urgencies),
        "older": older_than,
        "most": MOST,
        "doubt": IN_DOUBT,
    }
    return len((await connection.execute(_REPEAT, parameters)).all())


_REPEAT = text("""
WITH lost AS (
  SELECT outbox.id, notice.urgency FROM outbox JOIN notice ON notice.id = outbox.notice_id
  WHERE outbox.state = 'unknown' AND outbox.attempts < :most
    AND outbox.sending_at < now() - make_interval(secs => :older)
    AND notice.urgency = ANY(CAST(:urgencies AS text[]))
    AND notice.state IN ('in_progress', 'unreached', 'escalated')
  ORDER BY outbox.id FOR NO KEY UPDATE OF outbox SKIP LOCKED
), moved AS (
  UPDATE outbox SET state = 'queued', reason = :doubt || COALESCE(reason, '') FROM lost
  WHERE outbox.id = lost.id
  RETURNING outbox.id, outbox.conversation_id, outbox.seq, outbox.attempts, lost.urgency
), again AS (
  INSERT INTO queue (outbox_id, lane, attempt)
  SELECT id, CASE urgency WHEN 'critical' THEN 'critical' ELSE 'normal' END, attempts FROM moved
  ON CONFLICT (outbox_id) DO UPDATE SET lease_until = NULL, worker = NULL, not_before = now()
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT row_id(), 'notice', 'outbox_moved', 'outbox', CAST(id AS text), '{"state": "unknown"}',
  jsonb_build_object('state', 'queued', 'conversation_id', conversation_id, 'seq', seq)
FROM moved RETURNING id
""")
