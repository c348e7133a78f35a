"""Puts letters of campaigns into the transcripts from which their clients fetch them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.message import Outbound
from store.cipher import Cipher
from store.posting import HOLD


@dataclass(frozen=True, slots=True)
class Fetched:
    """A letter that its client can fetch: where it stands, and what it says."""

    outbound: Outbound
    message_id: UUID
    conversation_id: UUID
    seq: int
    at: datetime


async def post(
    connection: AsyncConnection, cipher: Cipher, letters: Sequence[Outbound]
) -> list[Fetched]:
    """Write letters that the outbox has already into their transcripts, at one account."""
    if not letters:
        return []
    place = letters[0].address
    where = {"channel": place.channel, "account": place.account}
    addresses = {"addresses": [one.address.address for one in letters]}
    rows = (await connection.execute(_IDENTITIES, {**where, **addresses})).all()
    identities = {row.address: row.id for row in rows}
    known = {one.outbox_id: one for one in letters if one.address.address in identities}
    await connection.execute(HOLD, {"identities": sorted(identities.values())})
    messages = {one: new_id() for one in known}
    parameters = {
        "outboxes": list(known),
        "messages": list(messages.values()),
        "identities": [identities[one.address.address] for one in known.values()],
        "bodies": [
            cipher.seal_json(
                one.content.to_json(inside=True),
                table="message",
                column="body_enc",
                row=messages[one.outbox_id],
            )
            for one in known.values()
        ],
    }
    said = (await connection.execute(_POST, parameters)).all()
    return [
        Fetched(known[row.outbox_id], row.message_id, row.conversation_id, row.seq, row.at)
        for row in said
    ]


_IDENTITIES = text("""
SELECT id, address FROM identity WHERE channel = :channel AND account = :account
  AND address = ANY(CAST(:addresses AS text[]))
""")

_POST = text("""
WITH letter AS (
  SELECT * FROM unnest(CAST(:outboxes AS uuid[]), CAST(:messages AS uuid[]),
    CAST(:identities AS uuid[]), CAST(:bodies AS bytea[]))
    AS letter (outbox_id, message_id, identity_id, body)
), talk AS (
  UPDATE conversation SET last_seq = last_seq + 1, last_at = now() FROM letter, identity
  WHERE conversation.identity_id = letter.identity_id AND identity.id = letter.identity_id
  RETURNING letter.outbox_id, letter.message_id, letter.body, conversation.id AS conversation_id,
    last_seq AS seq, floor_epoch, identity.channel, identity.account
), said AS (
  INSERT INTO message (id, conversation_id, seq, direction, author_kind, body_enc, channel,
    account, floor_epoch)
  SELECT message_id, conversation_id, seq, 'out', 'system', body, channel, account, floor_epoch
  FROM talk
), placed AS (
  UPDATE outbox SET message_id = talk.message_id, conversation_id = talk.conversation_id,
    seq = talk.seq, floor_epoch = talk.floor_epoch
  FROM talk WHERE outbox.id = talk.outbox_id
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
  SELECT row_id(), 'bulk', 'message_written', 'conversation', CAST(conversation_id AS text),
    jsonb_build_object('message_id', message_id, 'seq', seq, 'outbox_id', outbox_id,
      'state', 'accepted') FROM talk
)
SELECT outbox_id, message_id, conversation_id, seq, now() AS at FROM talk
""")
