"""Writes many messages at once into their transcripts, the outbox and the queue: one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from kernel.message import Content
from store.cipher import Cipher
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class RungDraft:
    """One message of a notice. `state` is `queued`, or `accepted` where the client fetches it."""

    notice_id: UUID
    client_id: UUID
    identity_id: UUID
    content: Content
    rung: str
    lane: str
    content_id: UUID | None = None
    not_after: datetime | None = None
    state: str = "queued"
    message_id: UUID = field(default_factory=new_id)
    outbox_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Written:
    """Where a draft now stands: its conversation, and its number there."""

    outbox_id: UUID
    conversation_id: UUID
    seq: int


async def post_many(
    connection: Connection, cipher: Cipher, drafts: Sequence[RungDraft], at: datetime
) -> list[Written]:
    """Write messages, those of one conversation in the order given; who never wrote gets one.

    Rows of conversations that are there are locked in the order of their ids, so that two workers
    never wait for each other in a circle.
    """
    if not drafts:
        return []
    identities = {"identities": sorted({one.identity_id for one in drafts})}
    await connection.execute(HOLD, identities)
    rows = await connection.execute(_POST, _to_columns(cipher, drafts) | {"at": at})
    return [Written(*row) for row in rows]


def _to_columns(cipher: Cipher, drafts: Sequence[RungDraft]) -> dict[str, object]:
    return {
        "messages": [one.message_id for one in drafts],
        "outboxes": [one.outbox_id for one in drafts],
        "notices": [one.notice_id for one in drafts],
        "clients": [one.client_id for one in drafts],
        "contents": [one.content_id for one in drafts],
        "identities": [one.identity_id for one in drafts],
        "bodies": [
            cipher.seal_json(
                one.content.to_json(inside=True),
                table="message",
                column="body_enc",
                row=one.message_id,
            )
            for one in drafts
        ],
        "rungs": [one.rung for one in drafts],
        "lanes": [one.lane for one in drafts],
        "ends": [one.not_after for one in drafts],
        "states": [one.state for one in drafts],
    }


HOLD = text("""
WITH wanted AS (
  SELECT id AS identity_id FROM unnest(CAST(:identities AS uuid[])) AS wanted (id)
), held AS MATERIALIZED (
  SELECT identity_id FROM conversation WHERE identity_id IN (SELECT identity_id FROM wanted)
  ORDER BY id FOR NO KEY UPDATE
)
INSERT INTO conversation (id, identity_id)
SELECT row_id(), identity_id FROM wanted
WHERE identity_id NOT IN (SELECT identity_id FROM held)
ORDER BY identity_id ON CONFLICT (identity_id) DO NOTHING
""")
"""Locks the conversations of identities in the order of their ids, and begins those not there."""

_POST = text("""
WITH draft AS (
  SELECT *, row_number() OVER (PARTITION BY identity_id ORDER BY n) AS place
  FROM unnest(CAST(:messages AS uuid[]), CAST(:outboxes AS uuid[]), CAST(:notices AS uuid[]),
    CAST(:clients AS uuid[]), CAST(:contents AS uuid[]), CAST(:identities AS uuid[]),
    CAST(:bodies AS bytea[]), CAST(:rungs AS text[]), CAST(:lanes AS text[]),
    CAST(:ends AS timestamptz[]), CAST(:states AS text[])) WITH ORDINALITY
    AS draft (message_id, outbox_id, notice_id, client_id, content_id, identity_id, body,
      rung, lane, not_after, state, n)
), talk AS (
  UPDATE conversation SET last_seq = last_seq + counted.n, last_at = CAST(:at AS timestamptz)
  FROM (SELECT identity_id, count(*) AS n FROM draft GROUP BY 1) AS counted, identity
  WHERE conversation.identity_id = counted.identity_id AND identity.id = counted.identity_id
  RETURNING conversation.id AS conversation_id, conversation.identity_id,
    last_seq - counted.n AS base, floor_epoch, identity.channel, identity.account,
    identity.address
), placed AS (
  SELECT draft.*, talk.conversation_id, talk.base + draft.place AS seq, talk.floor_epoch,
    talk.channel, talk.account, talk.address FROM draft JOIN talk USING (identity_id)
), said AS (
  INSERT INTO message (id, conversation_id, seq, direction, author_kind, body_enc, channel,
    account, floor_epoch)
  SELECT message_id, conversation_id, seq, 'out', 'system', body, channel, account, floor_epoch
  FROM placed
), leaving AS (
  INSERT INTO outbox (id, notice_id, client_id, content_id, message_id, conversation_id, channel,
    account, address, author_kind, seq, rung, floor_epoch, state, not_after, created_at, ended_at)
  SELECT outbox_id, notice_id, client_id, content_id, message_id, conversation_id, channel,
    account, address, 'system', seq, rung, floor_epoch, state, not_after,
    CAST(:at AS timestamptz), CASE WHEN state = 'accepted' THEN CAST(:at AS timestamptz) END
  FROM placed
), queued AS (
  INSERT INTO queue (outbox_id, lane, not_before)
  SELECT outbox_id, lane, now() + make_interval(secs => n / 1e6) FROM placed
  WHERE state = 'queued'
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
  SELECT row_id(), 'notice', 'message_written', 'conversation', CAST(conversation_id AS text),
    jsonb_build_object('message_id', message_id, 'seq', seq, 'outbox_id', outbox_id,
      'state', state) FROM placed
)
SELECT outbox_id, conversation_id, seq FROM placed ORDER BY n
""")
"""`not_before` keeps the order of the drafts: a microsecond after the other."""
