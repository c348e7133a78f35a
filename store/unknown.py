"""Messages of whose calls nobody knows how they ended: found, tried again, or given up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from store.outbox import IN_DOUBT, LANE
from store.outcome import TELL_MANY


async def record_doubted(
    connection: AsyncConnection, places: Sequence[tuple[str, str]], *, most: int
) -> int:
    """Queue `unknown` messages again at accounts that know them by our key; return how many.

    `places` are channels and accounts; after `most` calls a message is left to
    `record_unresolved`. What is queued so was counted against its window once, and is not again.
    """
    parameters = {
        "channels": [channel for channel, _ in places],
        "accounts": [account for _, account in places],
        "most": most,
        "doubt": IN_DOUBT,
    }
    return len((await connection.execute(_DOUBTED, parameters)).all())


async def record_lost_workers(
    connection: AsyncConnection, worker: str, *, older_than: float
) -> int:
    """Turn `sending` of this restarted worker, or of any dead one, into `unknown`; return how many.

    A message whose call may have been made is never silently `queued` again (DESIGN §4).
    """
    parameters = {"worker": worker, "older": older_than}
    return len((await connection.execute(_LOST, parameters)).all())


async def record_unresolved(connection: AsyncConnection, *, older_than: float) -> int:
    """Give up waiting for a word on `unknown` messages; they end `failed`, for people to see."""
    return len((await connection.execute(_UNRESOLVED, {"older": older_than})).all())


_LOST = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'unknown', reason = 'worker_died'
  WHERE state = 'sending'
    AND (worker = :worker OR sending_at < now() - make_interval(secs => :older))
  RETURNING id, state, conversation_id, seq
), gone AS (
  DELETE FROM queue USING moved WHERE queue.outbox_id = moved.id
)
{TELL_MANY.replace(":before", "'sending'")}
""")  # noqa: S608

_UNRESOLVED = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'failed', reason = 'outcome_unknown', ended_at = now()
  WHERE state = 'unknown' AND sending_at < now() - make_interval(secs => :older)
  RETURNING id, state, conversation_id, seq
)
{TELL_MANY.replace(":before", "'unknown'")}
""")  # noqa: S608

_DOUBTED = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'queued', reason = :doubt || COALESCE(reason, '')
  FROM unnest(CAST(:channels AS text[]), CAST(:accounts AS text[])) AS keyed (channel, account)
  WHERE outbox.state = 'unknown' AND outbox.attempts < :most
    AND outbox.channel = keyed.channel AND outbox.account = keyed.account
  RETURNING outbox.id, outbox.state, outbox.conversation_id, outbox.seq, outbox.attempts,
    {LANE} AS lane
), again AS (
  INSERT INTO queue (outbox_id, lane, not_before, attempt)
  SELECT id, lane, now() + interval '1 second', attempts FROM moved
  ON CONFLICT (outbox_id) DO UPDATE SET lease_until = NULL, worker = NULL,
    not_before = EXCLUDED.not_before
)
{TELL_MANY.replace(":before", "'unknown'")}
""")  # noqa: S608
