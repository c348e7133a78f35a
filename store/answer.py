"""Ends a turn with its answer: the dialogue, the transcript and the outbox in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Json
from store.cipher import Cipher
from store.outbox import WRITE, Draft, Posted, to_posted, write_parameters
from store.turn import Turn


@dataclass(frozen=True, slots=True)
class Answered:
    """A turn that has ended; `is_more` tells of a later message that waits for its own."""

    posted: Posted
    is_more: bool


async def record(
    connection: AsyncConnection,
    cipher: Cipher,
    turn: Turn,
    draft: Draft,
    dialogue: Mapping[str, Json] | None,
    *,
    language: str,
) -> Answered | None:
    """Write the answer and mark the turn's message as answered, under both fences.

    None, and nothing is written, if another worker has taken the turn over or the floor has
    moved since the claim. A single statement: `Database.once` is enough.
    """
    parameters = write_parameters(cipher, draft) | {
        "inbox": turn.inbox_id,
        "turn_epoch": turn.turn_epoch,
        "dialogue": dialogue,
        "language": language,
    }
    row = (await connection.execute(_RECORD, parameters)).one_or_none()
    if row is None:
        return None
    return Answered(to_posted(draft, parameters["outbox_id"], row), row.is_more)


_RECORD = text(f"""
WITH talk AS (
  UPDATE conversation SET last_seq = last_seq + 1, last_at = now(), dialogue = :dialogue,
    language = :language, turn_lease_until = NULL, turn_worker = NULL
  FROM identity, inbox
  WHERE conversation.id = :conversation AND identity.id = conversation.identity_id
    AND turn_epoch = :turn_epoch AND floor_epoch = :epoch
    AND inbox.id = :inbox AND inbox.state = 'new'
  RETURNING conversation.id, last_seq, floor_epoch, identity.channel, identity.account,
    identity.address
), done AS (
  UPDATE inbox SET state = 'done', done_at = now() FROM talk WHERE inbox.id = :inbox
), {WRITE}
SELECT last_seq AS seq, channel, account, address, now() AS at, way.state, EXISTS (
  SELECT 1 FROM inbox WHERE conversation_id = talk.id AND state = 'new' AND inbox.id <> :inbox
) AS is_more FROM talk, way
""").bindparams(bindparam("dialogue", type_=JSONB(none_as_null=True)))  # noqa: S608  (constants)
