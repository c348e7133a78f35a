"""Everything that leaves the house: written once, in order, and claimed once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.errors import FloorMoved
from kernel.ids import new_id
from kernel.message import Address, Author, Content, Letter, Outbound, Thread
from store.body import try_content
from store.cipher import Cipher

IN_DOUBT = "unknown:"
"""How the reason of a queued message begins whose last call may have been processed."""
HAS_DOUBT = f"starts_with(COALESCE(outbox.reason, ''), '{IN_DOUBT}')"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be written; `floor_epoch` is the floor under which its author may speak.

    `state` is `queued` for a provider that must be called, `sending` when the caller holds
    the line already (a passive reply), `accepted` where the client fetches it from us. While an
    earlier message still waits for its call, `sending` becomes `queued`: replies keep their order.
    """

    conversation_id: UUID
    author: Author
    content: Content
    floor_epoch: int | None = None
    author_id: UUID | None = None
    reply_to: UUID | None = None
    client_msg_id: str | None = None
    state: str = "queued"
    rung: str = "reply"
    lane: str = "normal"
    worker: str | None = None
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that is now in the transcript and in the outbox."""

    message_id: UUID
    outbox_id: UUID
    conversation_id: UUID
    seq: int
    at: datetime
    address: Address
    draft: Draft


async def post(connection: AsyncConnection, cipher: Cipher, draft: Draft) -> Posted:
    """Write a message into the transcript and the outbox, in order, if its author has the floor.

    Raises:
        FloorMoved: the floor's epoch is not the one that the author saw.
    """
    parameters = write_parameters(cipher, draft)
    row = (await connection.execute(_POST, parameters)).one_or_none()
    if row is None:
        raise FloorMoved
    return to_posted(draft, parameters["outbox_id"], row)


def write_parameters(cipher: Cipher, draft: Draft) -> dict[str, Any]:
    """Return what `WRITE` needs to know of a message, its body sealed."""
    body = draft.content.to_json(inside=True)
    return {
        "conversation": draft.conversation_id,
        "epoch": draft.floor_epoch,
        "message_id": draft.id,
        "outbox_id": new_id(),
        "event_id": new_id(),
        "author": draft.author.value,
        "author_id": draft.author_id,
        "actor": f"person:{draft.author_id}" if draft.author_id else draft.author.value,
        "body": cipher.seal_json(body, table="message", column="body_enc", row=draft.id),
        "client_msg_id": draft.client_msg_id,
        "reply_to": draft.reply_to,
        "state": draft.state,
        "rung": draft.rung,
        "lane": draft.lane,
        "worker": draft.worker,
    }


def to_posted(draft: Draft, outbox_id: UUID, row: Row[Any]) -> Posted:
    """Return a draft as it now stands in the transcript."""
    address = Address(row.channel, row.account, row.address)
    written = replace(draft, state=row.state)
    return Posted(draft.id, outbox_id, draft.conversation_id, row.seq, row.at, address, written)


async def claim(
    connection: AsyncConnection, cipher: Cipher, worker: str, *, lane: str, limit: int
) -> list[Outbound]:
    """Claim due messages of a lane and commit them as `sending`, one per conversation, in order."""
    parameters = {"worker": worker, "lane": lane, "limit": limit}
    rows = (await connection.execute(_CLAIM, parameters)).mappings().all()
    return [to_outbound(cipher, row) for row in rows]


async def find_outbound(
    connection: AsyncConnection, cipher: Cipher, reply_to: UUID
) -> tuple[Outbound, str, str] | None:
    """Return the answer to an inbound message with its state and rung, if it was written."""
    row = (await connection.execute(_ANSWER, {"reply_to": reply_to})).mappings().one_or_none()
    return (to_outbound(cipher, row), row["state"], row["rung"]) if row else None


async def find_state(connection: AsyncConnection, outbox_id: UUID) -> tuple[str, str | None]:
    """Return where a message stands, and why if it did not arrive."""
    row = (await connection.execute(_STATE, {"outbox": outbox_id})).one()
    return row.state, row.reason


def to_outbound(cipher: Cipher, row: RowMapping) -> Outbound:
    """Return a row of `ROW` as the order to send it; a letter's words are still to be written.

    One whose sealed cell does not open says so, and is no reason for the others to wait.
    """
    content: Content | None = Content()
    if row["message_id"] is not None:
        content = try_content(cipher, row["body_enc"], row["message_id"])
    return Outbound(
        outbox_id=row["outbox_id"],
        address=Address(row["channel"], row["account"], row["address"]),
        content=content or Content(),
        author=Author(row["author_kind"]),
        conversation_id=row["conversation_id"],
        message_id=row["message_id"],
        seq=row["seq"],
        reply_to=row["reply_to"],
        attempt=row["attempts"],
        is_repeat=(row["reason"] or "").startswith(IN_DOUBT),
        thread=_to_thread(cipher, row) if row.get("asked_id") else None,
        letter=_to_letter(row) if row["message_id"] is None else None,
        is_damaged=content is None,
    )


def _to_letter(row: RowMapping) -> Letter | None:
    if row["content_id"] is None:
        return None
    return Letter(
        content_id=row["content_id"],
        client_id=row["client_id"],
        arm=row["arm"] or "a",
        language=row["language"],
        campaign_id=row["campaign_id"],
        notice_id=row["notice_id"],
    )


def _to_thread(cipher: Cipher, row: RowMapping) -> Thread:
    """Return the client's last mail, by its name and its subject."""
    asked = try_content(cipher, row["asked_body_enc"], row["asked_id"])
    hints = asked.hints if asked else {}
    return Thread(str(hints.get("mail_id") or ""), str(hints.get("subject") or ""))


WRITE = """
way AS (
  SELECT CASE WHEN :state = 'sending' AND EXISTS (
      SELECT 1 FROM outbox WHERE conversation_id = talk.id AND state IN ('queued', 'sending')
        AND NOT (state = 'sending' AND rung = 'passive'))
    THEN 'queued' ELSE CAST(:state AS text) END AS state FROM talk
), said AS (
  INSERT INTO message (id, conversation_id, seq, direction, author_kind, author_id, body_enc,
                       channel, account, client_msg_id, reply_to, floor_epoch)
  SELECT :message_id, id, last_seq, 'out', :author, :author_id, :body, channel, account,
         :client_msg_id, :reply_to, floor_epoch FROM talk
), leaving AS (
  INSERT INTO outbox (id, message_id, conversation_id, channel, account, address, author_kind,
                      seq, rung, reply_to, floor_epoch, state, worker, attempts, sending_at,
                      ended_at)
  SELECT :outbox_id, :message_id, id, channel, account, address, :author, last_seq,
         CASE WHEN way.state = 'sending' THEN 'passive' ELSE :rung END,
         :reply_to, floor_epoch, way.state, :worker,
         CASE WHEN way.state = 'sending' THEN 1 ELSE 0 END,
         CASE WHEN way.state = 'sending' THEN now() END,
         CASE WHEN way.state = 'accepted' THEN now() END FROM talk, way
), queued AS (
  INSERT INTO queue (outbox_id, lane) SELECT :outbox_id, :lane FROM way WHERE state = 'queued'
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
  SELECT :event_id, :actor, 'message_written', 'conversation', CAST(id AS text),
    jsonb_build_object('message_id', CAST(:message_id AS uuid), 'seq', last_seq,
      'outbox_id', CAST(:outbox_id AS uuid), 'state', way.state) FROM talk, way
)
"""
"""Writes a message of `write_parameters` into the conversation that a CTE `talk` has moved on."""

_POST = text(f"""
WITH talk AS (
  UPDATE conversation SET last_seq = last_seq + 1, last_at = now()
  FROM identity WHERE conversation.id = :conversation AND identity.id = conversation.identity_id
    AND (CAST(:epoch AS integer) IS NULL OR floor_epoch = :epoch)
  RETURNING conversation.id, last_seq, floor_epoch, identity.channel, identity.account,
    identity.address
), {WRITE}
SELECT last_seq AS seq, channel, account, address, now() AS at, way.state FROM talk, way
""")  # noqa: S608  (constants of this file)

ROW = """outbox.id AS outbox_id, outbox.channel, outbox.account, outbox.address,
  outbox.author_kind, outbox.conversation_id, outbox.message_id, outbox.seq, outbox.reply_to,
  outbox.attempts, outbox.reason, outbox.content_id, outbox.client_id, outbox.arm,
  outbox.campaign_id, outbox.notice_id, message.body_enc, identity.language"""
"""The columns of `outbox` joined as in `JOINED` that `to_outbound` reads."""

DOUBTED = f"""(outbox.state = 'queued'
  AND (outbox.reason = 'absent' OR starts_with(outbox.reason, '{IN_DOUBT}')))"""
"""A message waits to be called for again, and nobody knows what became of the first call."""

JOINED = """LEFT JOIN message ON message.id = outbox.message_id
LEFT JOIN identity ON outbox.message_id IS NULL AND identity.channel = outbox.channel
  AND identity.account = outbox.account AND identity.address = outbox.address"""

END_UNCALLED = f"""state = CASE WHEN {HAS_DOUBT} THEN 'failed' ELSE {{state}} END,
    reason = CASE WHEN {HAS_DOUBT} THEN 'outcome_unknown:' || {{reason}} ELSE {{reason}} END,
    ended_at = clock_timestamp()"""
"""Ends a queued message for which nobody calls any more. An older call that may have been processed
stays a doubt, as with one that is refused later (channels/ending.py)."""

LANE = """CASE WHEN outbox.campaign_id IS NOT NULL THEN 'bulk'
  WHEN EXISTS (SELECT 1 FROM notice WHERE notice.id = outbox.notice_id
    AND notice.urgency = 'critical') THEN 'critical' ELSE 'normal' END"""
"""The lane of a message that is queued again after its row of the queue is gone."""

TAKEN = f"""held AS (
  UPDATE queue SET worker = :worker, lease_until = now() + interval '60 seconds',
    attempt = attempt + 1 FROM due WHERE queue.outbox_id = due.outbox_id
  RETURNING queue.outbox_id, queue.attempt
), going AS (
  UPDATE outbox SET state = 'sending', sending_at = now(), worker = :worker,
    attempts = held.attempt FROM held WHERE outbox.id = held.outbox_id RETURNING outbox.*
), tried AS (
  INSERT INTO attempt (outbox_id, n) SELECT outbox_id, attempt FROM held
)
SELECT {ROW.replace("outbox.", "going.")}, asked.id AS asked_id,
  asked.body_enc AS asked_body_enc FROM going
{JOINED.replace("outbox.", "going.")}
LEFT JOIN LATERAL (
  SELECT id, body_enc FROM message AS client_mail
  WHERE going.channel = 'email' AND client_mail.conversation_id = going.conversation_id
    AND client_mail.seq < going.seq AND client_mail.direction = 'in'
  ORDER BY client_mail.seq DESC LIMIT 1
) AS asked ON true ORDER BY going.id
"""  # noqa: S608  (constants of this file)
"""Leases the rows of the queue that a CTE `due` names, and returns their messages."""

_CLAIM = text(f"""
WITH due AS (
  SELECT queue.outbox_id FROM queue JOIN outbox ON outbox.id = queue.outbox_id
  WHERE queue.lane = :lane AND queue.not_before <= now() AND queue.lease_until IS NULL
    AND NOT EXISTS (
      SELECT 1 FROM queue AS earlier JOIN outbox AS first ON first.id = earlier.outbox_id
      WHERE first.conversation_id = outbox.conversation_id AND first.seq < outbox.seq
        AND (queue.lane <> 'critical' OR earlier.lane = 'critical'))
    AND (outbox.not_after IS NULL OR outbox.not_after > now())
  ORDER BY queue.not_before LIMIT :limit FOR UPDATE OF queue SKIP LOCKED
), {TAKEN}
""")  # noqa: S608
"""Replies of a conversation keep their order; what is critical passes what is not. What came too
late to be sent is left to `store.rung.record_expired`."""

_STATE = text("SELECT state, reason FROM outbox WHERE id = :outbox")

_ANSWER = text(f"""
SELECT {ROW}, outbox.state, outbox.rung FROM outbox {JOINED}
WHERE outbox.reply_to = :reply_to ORDER BY outbox.seq LIMIT 1
""")  # noqa: S608
