"""What became of a message that left: every change of its state, each told as an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.machine import OUTBOX
from store.outbox import IN_DOUBT, LANE


@dataclass(frozen=True, slots=True)
class Moved:
    """A message has moved.

    `has_next`: one of its conversation waited for that. `has_early`: the provider told of it before
    its answer was recorded (`apply_early`).
    """

    has_next: bool
    has_early: bool


async def record_moved(
    connection: AsyncConnection,
    outbox_id: UUID,
    after: str,
    *,
    code: str | None = None,
    provider_id: str | None = None,
    ms: int | None = None,
) -> Moved | None:
    """Record the outcome of a call; None if the message was not `sending` or `unknown`."""
    parameters = {
        "outbox": outbox_id,
        "after": after,
        "code": code,
        "provider_id": provider_id,
        "ms": ms,
        "event_id": new_id(),
    }
    row = (await connection.execute(_MOVED, parameters)).first()
    return Moved(row.has_next, row.has_early) if row else None


async def apply_early(
    connection: AsyncConnection, outbox_id: UUID, provider_id: str | None
) -> None:
    """Move a message to what its provider told before the name that it gave was recorded.

    A message that was given up learns its name here, so that a later word finds it too.
    """
    parameters = {"outbox": outbox_id, "provider_id": provider_id}
    for row in (await connection.execute(_EARLY, parameters)).all():
        await advance(connection, outbox_id, row.status)


async def advance(connection: AsyncConnection, outbox_id: UUID, status: str) -> None:
    """Move a message forward to what a provider said of it; backward it never goes."""
    parameters = {
        "outbox": outbox_id,
        "after": status,
        "sources": list(OUTBOX.sources_of(status)),
        "event_id": new_id(),
    }
    await connection.execute(_ADVANCED, parameters)


async def record_written(connection: AsyncConnection, outbox_ids: Sequence[UUID]) -> None:
    """Record that passive replies were written to the callbacks that asked for them."""
    await connection.execute(_WRITTEN, {"outbox": list(outbox_ids)})


async def record_retry(
    connection: AsyncConnection,
    outbox_id: UUID,
    *,
    code: str,
    wait: float,
    attempt: int | None = None,
) -> None:
    """Put a message that was provably not processed back into the queue, due in `wait` seconds.

    With `attempt`, nothing happens where others have called for it since, who took the worker of
    that call for dead.
    """
    parameters = {
        "outbox": outbox_id, "code": code, "wait": wait, "attempt": attempt,
        "event_id": new_id(),
    }  # fmt: skip
    await connection.execute(_RETRY, parameters)


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


async def claim_again(connection: AsyncConnection, outbox_id: UUID) -> bool:
    """Take a passive reply for a callback that was posted again; False if it went another way.

    From now on only a callback may carry it: nobody says any more that it was never written.
    """
    return (await connection.execute(_AGAIN, {"outbox": outbox_id})).first() is not None


async def record_unwritten(connection: AsyncConnection, message_ids: Sequence[UUID]) -> None:
    """Let the API carry passive answers to these messages that were provably never written."""
    await connection.execute(_UNWRITTEN, {"messages": list(message_ids)})


_TELL = """
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT :event_id, 'deliver', 'outbox_moved', 'outbox', CAST(moved.id AS text),
  jsonb_build_object('state', moved.before),
  jsonb_build_object('state', moved.state, 'code', CAST(:code AS text),
    'conversation_id', moved.conversation_id, 'seq', moved.seq) FROM moved
"""

_MOVED = text(f"""
WITH old AS (
  SELECT id, state AS before FROM outbox
  WHERE id = :outbox AND state IN ('sending','unknown') FOR NO KEY UPDATE
), moved AS (
  UPDATE outbox SET state = :after, reason = :code, ended_at = now(),
    provider_id = COALESCE(:provider_id, provider_id) FROM old WHERE outbox.id = old.id
  RETURNING outbox.id, outbox.state, outbox.conversation_id, outbox.seq, outbox.attempts,
    outbox.channel, outbox.account, old.before
), gone AS (
  DELETE FROM queue USING moved WHERE queue.outbox_id = moved.id
), tried AS (
  INSERT INTO attempt (outbox_id, n, result, code, ms)
  SELECT moved.id, moved.attempts, moved.state, :code, CAST(:ms AS integer) FROM moved
  ON CONFLICT (outbox_id, n) DO UPDATE SET result = EXCLUDED.result, code = EXCLUDED.code,
    ms = EXCLUDED.ms
), told AS ({_TELL})
SELECT EXISTS (SELECT 1 FROM outbox AS next WHERE next.conversation_id = moved.conversation_id
    AND next.seq > moved.seq AND next.state = 'queued') AS has_next,
  EXISTS (SELECT 1 FROM receipt WHERE receipt.outbox_id IS NULL
    AND receipt.channel = moved.channel AND receipt.account = moved.account
    AND receipt.provider_id = CAST(:provider_id AS text)) AS has_early
FROM moved
""")  # noqa: S608

_EARLY = text("""
WITH named AS (
  UPDATE outbox SET provider_id = :provider_id WHERE id = :outbox AND provider_id IS NULL
), found AS (
  UPDATE receipt SET outbox_id = outbox.id FROM outbox
  WHERE outbox.id = :outbox AND receipt.outbox_id IS NULL AND receipt.channel = outbox.channel
    AND receipt.account = outbox.account AND receipt.provider_id = CAST(:provider_id AS text)
  RETURNING status, rank
)
SELECT status FROM found ORDER BY rank
""")

_ADVANCED = text("""
WITH old AS (
  SELECT id, state AS before FROM outbox
  WHERE id = :outbox AND state = ANY(:sources) FOR NO KEY UPDATE
), moved AS (
  UPDATE outbox SET state = :after FROM old WHERE outbox.id = old.id
  RETURNING outbox.id, outbox.state, outbox.conversation_id, outbox.seq, old.before
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT :event_id, 'provider', 'outbox_moved', 'outbox', CAST(moved.id AS text),
  jsonb_build_object('state', moved.before),
  jsonb_build_object('state', moved.state, 'conversation_id', moved.conversation_id,
    'seq', moved.seq) FROM moved
""")

_WRITTEN = text("""
WITH old AS (
  SELECT id, state AS before FROM outbox
  WHERE id = ANY(CAST(:outbox AS uuid[])) AND state IN ('sending', 'unknown')
  FOR NO KEY UPDATE
), moved AS (
  UPDATE outbox SET state = 'accepted', reason = 'passive', ended_at = now()
  FROM old WHERE outbox.id = old.id
  RETURNING outbox.id, conversation_id, seq, attempts, old.before
), tried AS (
  INSERT INTO attempt (outbox_id, n, result, code)
  SELECT id, attempts, 'accepted', 'passive' FROM moved ON CONFLICT (outbox_id, n) DO NOTHING
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT gen_random_uuid(), 'deliver', 'outbox_moved', 'outbox', CAST(id AS text),
  jsonb_build_object('state', before),
  jsonb_build_object('state', 'accepted', 'code', 'passive', 'conversation_id', conversation_id,
    'seq', seq) FROM moved
""")

_RETRY = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'queued', reason = :code
  WHERE id = :outbox AND state IN ('sending','unknown')
    AND (CAST(:attempt AS integer) IS NULL OR attempts = :attempt)
  RETURNING id, state, conversation_id, seq, attempts, 'sending' AS before, {LANE} AS lane
), tried AS (
  UPDATE attempt SET result = 'retry', code = :code FROM moved
  WHERE outbox_id = moved.id AND n = moved.attempts
), again AS (
  INSERT INTO queue (outbox_id, lane, not_before, attempt)
  SELECT id, lane, now() + make_interval(secs => :wait), attempts FROM moved
  ON CONFLICT (outbox_id) DO UPDATE SET lease_until = NULL, worker = NULL,
    not_before = EXCLUDED.not_before
)
{_TELL}
""")  # noqa: S608

_TELL_MANY = """
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT gen_random_uuid(), 'deliver', 'outbox_moved', 'outbox', CAST(moved.id AS text),
  jsonb_build_object('state', CAST(:before AS text)),
  jsonb_build_object('state', moved.state, 'conversation_id', moved.conversation_id,
    'seq', moved.seq) FROM moved RETURNING id
"""

_LOST = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'unknown', reason = 'worker_died'
  WHERE state = 'sending'
    AND (worker = :worker OR sending_at < now() - make_interval(secs => :older))
  RETURNING id, state, conversation_id, seq
), gone AS (
  DELETE FROM queue USING moved WHERE queue.outbox_id = moved.id
)
{_TELL_MANY.replace(":before", "'sending'")}
""")  # noqa: S608

_UNRESOLVED = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'failed', reason = 'outcome_unknown', ended_at = now()
  WHERE state = 'unknown' AND sending_at < now() - make_interval(secs => :older)
  RETURNING id, state, conversation_id, seq
)
{_TELL_MANY.replace(":before", "'unknown'")}
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
{_TELL_MANY.replace(":before", "'unknown'")}
""")  # noqa: S608

_AGAIN = text("""
UPDATE outbox SET reason = 'asked_again'
WHERE id = :outbox AND rung = 'passive' AND state IN ('sending', 'unknown') RETURNING id
""")

_UNWRITTEN = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'queued', reason = 'unwritten'
  WHERE reply_to = ANY(CAST(:messages AS uuid[])) AND state = 'sending' AND rung = 'passive'
    AND reason IS NULL
  RETURNING id, state, conversation_id, seq
), again AS (
  INSERT INTO queue (outbox_id, lane) SELECT id, 'normal' FROM moved
  ON CONFLICT (outbox_id) DO NOTHING
)
{_TELL_MANY.replace(":before", "'sending'")}
""")  # noqa: S608
