"""Hands a conversation's next message to one worker, and takes the outcome back under a fence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Address, Content, Json
from store.body import open_content
from store.cipher import Cipher

LEASE_SECONDS = 20.0
"""Longer than any turn may take (the assistant gets 4 s); a dead worker's turn waits no longer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One inbound message to be answered, and the state in which it was claimed."""

    inbox_id: UUID
    conversation_id: UUID
    message_id: UUID
    seq: int
    kind: str
    subtype: str
    attempts: int
    content: Content
    payload: str | None
    address: Address
    client_id: UUID | None
    identity_id: UUID
    floor: str
    floor_epoch: int
    turn_epoch: int
    dialogue: Mapping[str, Json] | None
    language: str
    scopes: tuple[str, ...]


async def claim(
    connection: AsyncConnection, cipher: Cipher, worker: str, conversation_id: UUID
) -> Turn | None:
    """Claim the oldest unanswered message of a conversation, or None if there is none to claim.

    None also when another worker holds the conversation. Claiming again while `worker`
    itself holds it goes on with the next message.
    """
    parameters = {"worker": worker, "conversation": conversation_id, "lease": LEASE_SECONDS}
    row = (await connection.execute(_CLAIM, parameters)).mappings().one_or_none()
    return _to_turn(cipher, row) if row else None


async def find_waiting(connection: AsyncConnection, limit: int = 100) -> list[UUID]:
    """Return conversations with an unanswered message that nobody holds, oldest first."""
    rows = await connection.execute(_WAITING, {"limit": limit})
    return [row.conversation_id for row in rows]


async def release(connection: AsyncConnection, worker: str) -> None:
    """Give up every lease under this worker's name: what a restarted worker does first."""
    await connection.execute(_RELEASE, {"worker": worker})


async def give_back(connection: AsyncConnection, turns: Sequence[Turn]) -> None:
    """Give up these turns' leases where they are still held, so that anybody may take them."""
    parameters = {
        "conversations": [one.conversation_id for one in turns],
        "epochs": [one.turn_epoch for one in turns],
    }
    await connection.execute(_GIVE_BACK, parameters)


async def record_done(
    connection: AsyncConnection,
    turn: Turn,
    dialogue: Mapping[str, Json] | None,
    *,
    language: str | None = None,
) -> bool:
    """Mark the turn's message as answered; False if another worker has taken the turn over."""
    parameters = {
        "inbox": turn.inbox_id,
        "conversation": turn.conversation_id,
        "epoch": turn.turn_epoch,
        "dialogue": dialogue,
        "language": language or turn.language,
    }
    return (await connection.execute(_DONE, parameters)).first() is not None


async def record_failure(
    connection: AsyncConnection, turn: Turn, error: str, *, wait: float, last: bool
) -> None:
    """Count a failed try; the message is due again in `wait` seconds, or dead after the last."""
    parameters = {
        "inbox": turn.inbox_id,
        "conversation": turn.conversation_id,
        "epoch": turn.turn_epoch,
        "error": error[:500],
        "wait": wait,
        "state": "dead" if last else "new",
    }
    await connection.execute(_FAILED, parameters)


def _to_turn(cipher: Cipher, row: RowMapping) -> Turn:
    content = open_content(cipher, row["body_enc"], row["message_id"])
    payload = content.hints.get("payload")
    return Turn(
        **{name: row[name] for name in _PLAIN},
        content=content,
        payload=payload if isinstance(payload, str) else None,
        scopes=tuple(row["scopes"] or ()),
        address=Address(row["channel"], row["account"], row["address"]),
    )


_PLAIN = (
    "inbox_id conversation_id message_id seq kind subtype attempts client_id identity_id floor "
    "floor_epoch turn_epoch dialogue language"
).split()

_CLAIM = text("""
WITH next AS (
  SELECT id, message_id, seq, kind, subtype, attempts, due_at FROM inbox
  WHERE conversation_id = :conversation AND state = 'new' ORDER BY seq LIMIT 1
), held AS (
  UPDATE conversation SET turn_worker = :worker, turn_epoch = turn_epoch + 1,
    turn_lease_until = now() + make_interval(secs => :lease)
  FROM next WHERE conversation.id = :conversation AND next.due_at <= now()
    AND (turn_lease_until IS NULL OR turn_lease_until < now())
  RETURNING conversation.*
)
SELECT next.id AS inbox_id, held.id AS conversation_id, next.message_id, next.seq, next.kind,
  next.subtype, next.attempts, message.body_enc, identity.channel, identity.account,
  identity.address, identity.client_id, identity.id AS identity_id, held.floor, held.floor_epoch,
  held.turn_epoch, held.dialogue, held.language,
  (SELECT array_agg(DISTINCT scope) FROM verification, unnest(scopes) AS scope
   WHERE conversation_id = held.id AND expires_at > now() AND revoked_at IS NULL) AS scopes
FROM held, next JOIN message ON message.id = next.message_id, identity
WHERE identity.id = held.identity_id
""").columns(dialogue=JSONB)

_WAITING = text("""
SELECT inbox.conversation_id FROM inbox JOIN conversation ON conversation.id = conversation_id
WHERE state = 'new' AND due_at <= now()
  AND (turn_lease_until IS NULL OR turn_lease_until < now())
GROUP BY inbox.conversation_id ORDER BY min(inbox.received_at) LIMIT :limit
""")

_RELEASE = text("UPDATE conversation SET turn_lease_until = NULL WHERE turn_worker = :worker")

_GIVE_BACK = text("""
UPDATE conversation SET turn_lease_until = NULL, turn_worker = NULL
FROM unnest(CAST(:conversations AS uuid[]), CAST(:epochs AS bigint[])) AS held(id, epoch)
WHERE conversation.id = held.id AND turn_epoch = held.epoch
""")

_DONE = text("""
WITH held AS (
  UPDATE conversation SET dialogue = :dialogue, language = :language, turn_lease_until = NULL,
    turn_worker = NULL
  FROM inbox WHERE conversation.id = :conversation AND turn_epoch = :epoch
    AND inbox.id = :inbox AND inbox.state = 'new'
  RETURNING conversation.id
)
UPDATE inbox SET state = 'done', done_at = now() FROM held
WHERE inbox.id = :inbox AND inbox.state = 'new' RETURNING inbox.id
""").bindparams(bindparam("dialogue", type_=JSONB(none_as_null=True)))

_FAILED = text("""
WITH held AS (
  UPDATE conversation SET turn_lease_until = NULL, turn_worker = NULL
  WHERE id = :conversation AND turn_epoch = :epoch RETURNING id
)
UPDATE inbox SET attempts = attempts + 1, error = :error, state = :state,
  due_at = now() + make_interval(secs => :wait) FROM held WHERE inbox.id = :inbox
""")
