"""What became of a message that left: every change of its state, each told as an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.machine import OUTBOX
from store.outbox import DOUBTED, LANE


@dataclass(frozen=True, slots=True)
class Moved:
    """A message has moved.

    `has_next`: one of its conversation waited for that. `has_early`: the provider told of it before
    its answer was recorded (`apply_early`).
    """

    has_next: bool
    has_early: bool


@dataclass(frozen=True, slots=True)
class Call:
    """Which call for a message it was, and its milliseconds."""

    n: int
    ms: int


async def record_moved(
    connection: AsyncConnection,
    outbox_id: UUID,
    after: str,
    *,
    code: str | None = None,
    provider_id: str | None = None,
    call: Call | None = None,
) -> Moved | None:
    """Record the outcome of a call; None if the message was not `sending` or `unknown`.

    `accepted` holds for one that is queued in doubt as well (decision 0013). Any other outcome is
    of one `call`: where others have called since, who took its worker for dead, nothing happens.
    """
    parameters = {
        "outbox": outbox_id,
        "after": after,
        "code": code,
        "provider_id": provider_id,
        "ms": call and call.ms,
        "attempt": call and call.n if after != "accepted" else None,
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
) -> bool:
    """Put a message that was provably not processed back into the queue, due in `wait` seconds.

    False if it had moved already. With `attempt`, nothing happens where others have called for it
    since, who took the worker of that call for dead.
    """
    parameters = {
        "outbox": outbox_id, "code": code, "wait": wait, "attempt": attempt,
        "event_id": new_id(),
    }  # fmt: skip
    return (await connection.execute(_RETRY, parameters)).first() is not None


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
  WHERE id = :outbox AND (CAST(:attempt AS integer) IS NULL OR attempts = :attempt)
    AND (state IN ('sending','unknown') OR {DOUBTED} AND :after = 'accepted')
  FOR NO KEY UPDATE
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
{_TELL} RETURNING id
""")  # noqa: S608

TELL_MANY = """
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT gen_random_uuid(), 'deliver', 'outbox_moved', 'outbox', CAST(moved.id AS text),
  jsonb_build_object('state', CAST(:before AS text)),
  jsonb_build_object('state', moved.state, 'conversation_id', moved.conversation_id,
    'seq', moved.seq) FROM moved RETURNING id
"""

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
{TELL_MANY.replace(":before", "'sending'")}
""")  # noqa: S608
