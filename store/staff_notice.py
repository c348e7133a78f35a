"""Notices for staff accounts: kept once, merged into messages, sent no faster than allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: `topic` sorts it, `text` is one line that names no client."""

    topic: str
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One message to a staff account: what waited when it was made."""

    id: UUID
    account: str
    attempt: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many calls within so many seconds."""

    calls: int
    seconds: float


async def record(
    connection: Connection, accounts: Sequence[str], source_key: str, notice: Notice
) -> None:
    """Keep a notice for each account, once for each topic and key.

    Call it in the transaction of the deed that it tells of.
    """
    parameters = {
        "ids": [new_id() for _ in accounts],
        "accounts": list(accounts),
        "topic": notice.topic,
        "key": source_key,
        "text": notice.text,
    }
    await connection.execute(_RECORD, parameters)


async def find_due(connection: Connection) -> list[str]:
    """Return the accounts for which something waits."""
    return [row.account for row in await connection.execute(_DUE)]


async def claim(
    connection: Connection, account: str, pace: Pace, *, most: int = 200
) -> Batch | None:
    """Take the next message for an account, or None while nothing is due or the pace is used up.

    A message that is due again goes before new ones, word for word; while one is open, what is
    new waits, and goes out together. The account's row stays locked until the commit.
    """
    made = new_id()
    parameters = {"account": account, "seconds": pace.seconds, "most": most, "id": made}
    await connection.execute(_ENSURE, parameters)
    called: int = (await connection.execute(_FORGET, parameters)).scalar_one()
    if called >= pace.calls:
        return None
    again = (await connection.execute(_AGAIN, parameters)).one_or_none()
    if again is None and (await connection.execute(_OPEN, parameters)).first() is not None:
        return None
    if again is None and (await connection.execute(_GATHER, parameters)).first() is None:
        return None
    await connection.execute(_CALLED, parameters)
    batch_id = again.id if again else made
    rows = await connection.execute(_READ, {"batch": batch_id})
    notices = tuple(Notice(row.topic, row.text) for row in rows)
    return Batch(batch_id, account, again.attempts if again else 1, notices)


async def record_sent(connection: Connection, batch_id: UUID) -> None:
    """Note that a message arrived."""
    await _end(connection, batch_id, "sent", None)


async def record_failed(connection: Connection, batch_id: UUID, code: str) -> None:
    """Note that a message is given up."""
    await _end(connection, batch_id, "failed", code)


async def record_waiting(connection: Connection, batch_id: UUID, code: str, *, wait: float) -> None:
    """Note that a message is to be sent again in `wait` seconds."""
    await connection.execute(_WAIT, {"batch": batch_id, "code": code, "wait": wait})


async def _end(connection: Connection, batch_id: UUID, state: str, code: str | None) -> None:
    await connection.execute(_END, {"batch": batch_id, "state": state, "code": code})


_RECORD = text("""
INSERT INTO staff_notice (id, account, topic, source_key, text)
SELECT one.id, one.account, :topic, :key, :text
FROM unnest(CAST(:ids AS uuid[]), CAST(:accounts AS text[])) AS one (id, account)
ON CONFLICT (account, topic, source_key) DO NOTHING
""")
_LOST = "(state = 'sending' AND sending_at < clock_timestamp() - interval '60 seconds')"
"""The process that was sending has died: whether it arrived, nobody knows; staff hear twice."""
_DUE = text(f"""
SELECT account FROM staff_notice WHERE batch_id IS NULL
UNION
SELECT account FROM staff_batch
WHERE (state = 'waiting' AND due_at <= clock_timestamp()) OR {_LOST}
""")  # noqa: S608  (constants of this file)
_ENSURE = text("INSERT INTO staff_pace (account) VALUES (:account) ON CONFLICT DO NOTHING")
_FORGET = text("""
UPDATE staff_pace SET calls = COALESCE((SELECT array_agg(at) FROM unnest(calls) AS at
  WHERE at > clock_timestamp() - make_interval(secs => :seconds)), '{}')
WHERE account = :account RETURNING cardinality(calls)
""")
_CALLED = text("UPDATE staff_pace SET calls = calls || clock_timestamp() WHERE account = :account")
_AGAIN = text(f"""
UPDATE staff_batch SET state = 'sending', attempts = attempts + 1, sending_at = clock_timestamp()
WHERE id = (SELECT id FROM staff_batch WHERE account = :account
    AND ((state = 'waiting' AND due_at <= clock_timestamp()) OR {_LOST})
  ORDER BY due_at LIMIT 1)
RETURNING id, attempts
""")  # noqa: S608
_OPEN = text(
    "SELECT 1 FROM staff_batch WHERE account = :account AND state IN ('sending','waiting')"
)
_GATHER = text("""
WITH waiting AS (
  SELECT id FROM staff_notice WHERE account = :account AND batch_id IS NULL
  ORDER BY id LIMIT :most
), made AS (
  INSERT INTO staff_batch (id, account) SELECT :id, :account WHERE EXISTS (SELECT 1 FROM waiting)
  RETURNING id
)
UPDATE staff_notice SET batch_id = made.id FROM waiting, made WHERE staff_notice.id = waiting.id
RETURNING staff_notice.id
""")
_READ = text("SELECT topic, text FROM staff_notice WHERE batch_id = :batch ORDER BY id")
_WAIT = text("""
UPDATE staff_batch SET state = 'waiting', code = :code,
  due_at = clock_timestamp() + make_interval(secs => :wait) WHERE id = :batch
""")
_END = text("""
UPDATE staff_batch SET state = :state, code = :code, ended_at = clock_timestamp() WHERE id = :batch
""")
