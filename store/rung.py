"""The rungs of notices: which are due, what was sent for them, and where each notice goes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from kernel.machine import NOTICE
from kernel.message import Json
from store.cipher import CellDamaged, Cipher
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice that the ladder must look at now, with its client's zone and risk level.

    `now` is the database's moment, so that many machines have one clock. `vars` is None where
    the sealed cell does not open.
    """

    id: UUID
    client_id: UUID
    category: str
    urgency: str
    state: str
    content_key: str
    vars: Mapping[str, Json] | None
    channels: Sequence[str]
    exposure: float
    reach_by: datetime | None
    next_rung: int
    revision: int
    created_at: datetime
    timezone: str
    risk_level: str | None
    suitability_valid_until: date | None
    manager: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class SentRow:
    """One message that was written for a notice, and its fate."""

    notice_id: UUID
    outbox_id: UUID
    rung: str
    channel: str
    account: str
    state: str
    at: datetime
    is_followed: bool


@dataclass(frozen=True, slots=True)
class HeardNotice:
    """A notice of whose messages something was heard."""

    id: UUID
    urgency: str


@dataclass(frozen=True, slots=True)
class Move:
    """Where a notice goes: its new state, and when the ladder looks at it again, if ever."""

    notice_id: UUID
    before: str
    after: str
    next_rung: int
    due_at: datetime | None = None
    reason: str | None = None
    how: str | None = None
    carrier_id: UUID | None = None
    content_version: int | None = None


async def claim_due(
    connection: Connection,
    cipher: Cipher,
    urgencies: Sequence[str],
    *,
    limit: int,
    now: datetime | None = None,
) -> list[DueNotice]:
    """Hold the notices that are due, until the commit; what another worker holds is passed over.

    What must be told first comes first, then what is at stake most. `now` turns a test's clock.
    """
    parameters = {"urgencies": list(urgencies), "limit": limit, "now": now}
    rows = (await connection.execute(_DUE, parameters)).mappings().all()
    return [_to_due(cipher, dict(row)) for row in rows]


async def claim_gathered(
    connection: Connection,
    cipher: Cipher,
    carriers: Sequence[DueNotice],
    *,
    limit: int = 20,
) -> list[DueNotice]:
    """Hold what waits like the carriers for the same client, category and urgency: a digest.

    Returns at most `limit` never sent notices a client, the carriers left out.
    """
    if not carriers:
        return []
    parameters = {
        "carriers": [one.id for one in carriers],
        "clients": [one.client_id for one in carriers],
        "categories": [one.category for one in carriers],
        "urgency": carriers[0].urgency,
        "limit": limit,
        "now": carriers[0].now,
    }
    rows = (await connection.execute(_GATHERED, parameters)).mappings().all()
    return [_to_due(cipher, dict(row)) for row in rows]


async def find_sent(connection: Connection, notice_ids: Sequence[UUID]) -> list[SentRow]:
    """Return every message that was written for these notices, or carries them; oldest first."""
    if not notice_ids:
        return []
    rows = await connection.execute(_SENT, {"notices": list(notice_ids)})
    return [SentRow(*row) for row in rows]


async def record_moves(connection: Connection, moves: Sequence[Move], at: datetime) -> None:
    """Move notices that the caller holds; each change of state is told as an event.

    Raises:
        Conflict: a move that the table of moves does not have.
    """
    if not moves:
        return
    for one in moves:
        if one.before != one.after:
            NOTICE.check_move(one.before, one.after)
    parameters = {
        "ids": [one.notice_id for one in moves],
        "befores": [one.before for one in moves],
        "afters": [one.after for one in moves],
        "rungs": [one.next_rung for one in moves],
        "dues": [one.due_at for one in moves],
        "reasons": [one.reason for one in moves],
        "hows": [one.how for one in moves],
        "carriers": [one.carrier_id for one in moves],
        "versions": [one.content_version for one in moves],
        "at": at,
    }
    await connection.execute(_MOVE, parameters)


async def find_heard(connection: Connection, outbox_ids: Sequence[UUID]) -> list[HeardNotice]:
    """Hold the notices that these messages were sent for and return them, in order of id."""
    rows = await connection.execute(_HEARD, {"outbox": list(outbox_ids)})
    return [HeardNotice(*row) for row in rows]


async def record_heard(connection: Connection, notice_ids: Sequence[UUID]) -> int:
    """Let the ladder look at notices now that are not over; return how many."""
    rows = await connection.execute(_LOOK, {"notices": list(notice_ids)})
    return len(rows.all())


async def record_expired(connection: Connection, *, limit: int = 500) -> int:
    """Take messages out of the queue that are not to be sent any more; return how many.

    Those past their deadline, and of notices those whose client is below the content's risk level
    by now: one may have waited for a provider since the ladder looked.
    """
    return len((await connection.execute(_EXPIRE, {"limit": limit})).all())


def _to_due(cipher: Cipher, row: dict[str, object]) -> DueNotice:
    cell, notice_id = row.pop("vars_enc"), row["id"]
    opened: object = {}
    if isinstance(cell, bytes):
        try:
            opened = cipher.open_json(cell, table="notice", column="vars_enc", row=str(notice_id))
        except CellDamaged:
            opened = None
    found = opened if isinstance(opened, dict) else None
    return DueNotice(**row, vars=found)  # type: ignore[arg-type]  # the columns of _COLUMNS


_COLUMNS = """notice.id, notice.client_id, notice.category, notice.urgency, notice.state,
  COALESCE(notice.content_key, '') AS content_key, notice.vars_enc,
  COALESCE(notice.channels, '{}') AS channels, notice.exposure,
  notice.reach_by, COALESCE(notice.next_rung, 0) AS next_rung, notice.revision,
  notice.created_at, client.timezone, client.risk_level,
  client.suitability_valid_until, client.manager"""

_DUE = text(f"""
WITH clock AS MATERIALIZED (SELECT COALESCE(CAST(:now AS timestamptz), now()) AS now), due AS (
  SELECT notice.id FROM notice, clock
  WHERE notice.urgency = ANY(CAST(:urgencies AS text[])) AND notice.due_at <= clock.now
  ORDER BY notice.reach_by NULLS LAST, notice.exposure DESC, notice.due_at, notice.id
  LIMIT :limit FOR NO KEY UPDATE OF notice SKIP LOCKED
)
SELECT {_COLUMNS}, clock.now FROM due JOIN notice ON notice.id = due.id
JOIN client ON client.id = notice.client_id, clock
ORDER BY notice.reach_by NULLS LAST, notice.exposure DESC, notice.due_at, notice.id
""")  # noqa: S608  (constants of this file)

_GATHERED = text(f"""
SELECT {_COLUMNS}, CAST(:now AS timestamptz) AS now
FROM notice JOIN client ON client.id = notice.client_id
WHERE notice.id IN (
  SELECT found.id FROM unnest(CAST(:clients AS uuid[]), CAST(:categories AS text[]))
    AS wanted (client_id, category)
  CROSS JOIN LATERAL (
    SELECT one.id FROM notice AS one WHERE one.client_id = wanted.client_id
      AND one.category = wanted.category AND one.urgency = :urgency AND one.state = 'open'
      AND one.due_at IS NOT NULL
      AND one.id <> ALL(CAST(:carriers AS uuid[])) ORDER BY one.created_at LIMIT :limit) AS found)
ORDER BY notice.created_at, notice.id FOR NO KEY UPDATE OF notice SKIP LOCKED
""")  # noqa: S608

_SENT = text("""
SELECT wanted.id, outbox.id, outbox.rung, outbox.channel, outbox.account, outbox.state,
  outbox.created_at,
  EXISTS (SELECT 1 FROM click WHERE click.outbox_id = outbox.id) AS is_followed
FROM (SELECT id, id AS sender FROM notice WHERE id = ANY(CAST(:notices AS uuid[]))
  UNION ALL SELECT id, carrier_id FROM notice WHERE id = ANY(CAST(:notices AS uuid[]))
    AND carrier_id IS NOT NULL) AS wanted
JOIN outbox ON outbox.notice_id = wanted.sender ORDER BY outbox.created_at, outbox.id
""")

_MOVE = text("""
WITH step AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:befores AS text[]), CAST(:afters AS text[]),
    CAST(:rungs AS smallint[]), CAST(:dues AS timestamptz[]), CAST(:reasons AS text[]),
    CAST(:hows AS text[]), CAST(:carriers AS uuid[]), CAST(:versions AS integer[]))
    AS step (id, before, after, rung, due_at, reason, how, carrier_id, version)
), moved AS (
  UPDATE notice SET state = step.after, next_rung = step.rung, due_at = step.due_at,
    reason = COALESCE(step.reason, notice.reason),
    reached_how = COALESCE(step.how, notice.reached_how),
    reached_at = CASE WHEN step.how IS NOT NULL THEN CAST(:at AS timestamptz)
      ELSE notice.reached_at END,
    ended_at = CASE WHEN step.after IN ('open','in_progress') THEN NULL
      WHEN step.after = notice.state THEN notice.ended_at ELSE CAST(:at AS timestamptz) END,
    carrier_id = COALESCE(step.carrier_id, notice.carrier_id),
    content_version = COALESCE(step.version, notice.content_version)
  FROM step WHERE notice.id = step.id
  RETURNING notice.id, step.before, step.after, step.how, step.reason
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT row_id(), 'notice', 'notice_moved', 'notice', CAST(id AS text),
  jsonb_build_object('state', before),
  jsonb_strip_nulls(jsonb_build_object('state', after, 'how', how, 'why', reason))
FROM moved WHERE before <> after
""")

_HEARD = text("""
WITH sender AS (
  SELECT notice_id FROM outbox WHERE id = ANY(CAST(:outbox AS uuid[])) AND notice_id IS NOT NULL
)
SELECT notice.id, notice.urgency FROM notice WHERE id IN (SELECT notice_id FROM sender
  UNION SELECT id FROM notice WHERE carrier_id IN (SELECT notice_id FROM sender))
ORDER BY notice.id FOR NO KEY UPDATE
""")

_LOOK = text("""
UPDATE notice SET due_at = LEAST(due_at, now()) WHERE id = ANY(CAST(:notices AS uuid[]))
  AND state IN ('open','in_progress','unreached','escalated') RETURNING id
""")

_EXPIRE = text("""
WITH late AS (
  SELECT queue.outbox_id, COALESCE(outbox.not_after < now(), false) AS is_late
  FROM queue JOIN outbox ON outbox.id = queue.outbox_id
  LEFT JOIN content ON outbox.notice_id IS NOT NULL AND content.id = outbox.content_id
    AND content.min_risk IS NOT NULL
  LEFT JOIN client ON client.id = outbox.client_id AND content.id IS NOT NULL
  WHERE queue.lease_until IS NULL AND (outbox.not_after < now()
    OR COALESCE(client.risk_level, '') < content.min_risk OR content.min_risk IS NOT NULL
      AND client.suitability_valid_until < CAST(now() AT TIME ZONE 'UTC' AS date))
  LIMIT :limit FOR UPDATE OF queue SKIP LOCKED
), gone AS (
  DELETE FROM queue USING late WHERE queue.outbox_id = late.outbox_id
  RETURNING queue.outbox_id, late.is_late
), moved AS (
  UPDATE outbox SET state = CASE WHEN gone.is_late THEN 'expired' ELSE 'cancelled' END,
    reason = CASE WHEN gone.is_late THEN 'not_after' ELSE 'not_suitable' END, ended_at = now()
  FROM gone WHERE outbox.id = gone.outbox_id AND outbox.state = 'queued'
  RETURNING outbox.id, outbox.state, outbox.reason, outbox.conversation_id, outbox.seq
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT row_id(), 'notice', 'outbox_moved', 'outbox', CAST(id AS text), '{"state": "queued"}',
  jsonb_build_object('state', state, 'code', reason,
    'conversation_id', conversation_id, 'seq', seq) FROM moved RETURNING id
""")
