"""Conversations: who has the floor, what was said, how far it was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.errors import Conflict, FloorMoved, NotFound
from kernel.happening import FLOOR_MOVED, Happening
from kernel.ids import new_id
from kernel.machine import FLOOR
from kernel.message import Address, Content
from store import audit
from store.body import open_content
from store.cipher import Cipher


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as it stands."""

    id: UUID
    identity_id: UUID
    client_id: UUID | None
    address: Address
    last_seq: int
    floor: str
    floor_holder: UUID | None
    floor_epoch: int
    client_delivered_seq: int
    client_read_seq: int
    staff_read_seq: int
    language: str
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the transcript; `state` is that of its outbox row, if it has one."""

    id: UUID
    conversation_id: UUID
    seq: int
    direction: str
    author: str
    author_id: UUID | None
    author_name: str | None
    content: Content
    at: datetime
    client_msg_id: str | None
    reply_to: UUID | None
    state: str | None
    reason: str | None


async def find(connection: AsyncConnection, conversation_id: UUID) -> Conversation | None:
    """Return a conversation, or None."""
    row = (await connection.execute(_ONE, {"id": conversation_id})).mappings().one_or_none()
    return _to_conversation(row) if row else None


async def open_for(connection: AsyncConnection, address: Address) -> Conversation:
    """Return the conversation of an address; a new one if it never wrote."""
    found = await find_by_address(connection, address)
    if found is None:
        parameters = {
            "identity": new_id(),
            "conversation": new_id(),
            "channel": address.channel,
            "account": address.account,
            "address": address.address,
        }
        await connection.execute(_OPEN, parameters)
        found = await find_by_address(connection, address)
    if found is None:
        raise NotFound("The conversation could not be opened.")
    return found


async def find_by_address(connection: AsyncConnection, address: Address) -> Conversation | None:
    """Return the conversation of an address, or None if it never wrote."""
    parameters = {
        "channel": address.channel,
        "account": address.account,
        "address": address.address,
    }
    row = (await connection.execute(_BY_ADDRESS, parameters)).mappings().one_or_none()
    return _to_conversation(row) if row else None


async def move_floor(
    connection: AsyncConnection,
    conversation_id: UUID,
    after: str,
    *,
    actor: str,
    epoch: int | None = None,
    holder: UUID | None = None,
) -> int:
    """Give the floor to `after` and return the new epoch; raises what the table of moves forbids.

    Raises:
        NotFound: there is no such conversation.
        FloorMoved: `epoch` is given and is not the present one.
        Conflict: the floor cannot go there from where it is.
    """
    row = (await connection.execute(_LOCK_FLOOR, {"id": conversation_id})).one_or_none()
    if row is None:
        raise NotFound("There is no such conversation.")
    if epoch is not None and row.floor_epoch != epoch:
        raise FloorMoved
    if row.floor == after and row.floor_holder == holder:
        raise Conflict(f"The floor is with {after} already.")
    if row.floor != after:
        FLOOR.check_move(row.floor, after)
    parameters = {"id": conversation_id, "floor": after, "holder": holder}
    new_epoch: int = (await connection.execute(_MOVE_FLOOR, parameters)).scalar_one()
    await audit.record(
        connection,
        [
            Happening(
                actor,
                FLOOR_MOVED,
                "conversation",
                conversation_id,
                before={"floor": row.floor, "epoch": row.floor_epoch},
                after={"floor": after, "epoch": new_epoch, "holder": str(holder or "")},
            )
        ],
    )
    return new_epoch


async def read_transcript(
    connection: AsyncConnection,
    cipher: Cipher,
    conversation_id: UUID,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int = 50,
) -> list[Said]:
    """Return messages in order of `seq`: those after `after`, or the last ones before `before`."""
    backward = before is not None
    parameters = {
        "id": conversation_id,
        "after": after,
        "before": before if before is not None else 2**62,
        "limit": limit,
    }
    statement = _BACKWARD if backward else _FORWARD
    rows = (await connection.execute(statement, parameters)).mappings().all()
    said = [_to_said(cipher, row) for row in rows]
    return said[::-1] if backward else said


async def find_content(
    connection: AsyncConnection, cipher: Cipher, conversation_id: UUID, message_id: UUID
) -> Content | None:
    """Return what one message of this conversation says, or None if it has no such message."""
    parameters = {"id": conversation_id, "message": message_id}
    cell = (await connection.execute(_CONTENT, parameters)).scalar_one_or_none()
    if cell is None:
        return None
    return open_content(cipher, cell, message_id)


async def find_sent(
    connection: AsyncConnection, conversation_id: UUID, client_msg_id: str
) -> tuple[int, str] | None:
    """Hold the conversation; return number and state of what was written under this id before."""
    parameters = {"id": conversation_id, "client_msg_id": client_msg_id}
    await connection.execute(_LOCK_FLOOR, parameters)
    row = (await connection.execute(_SENT, parameters)).one_or_none()
    return (row.seq, row.state) if row else None


async def record_progress(
    connection: AsyncConnection, conversation_id: UUID, *, column: str, seq: int
) -> int | None:
    """Move `client_delivered_seq`, `client_read_seq` or `staff_read_seq` forward, never back.

    Returns the new value, or None if it was there already.
    """
    statement = _PROGRESS[column]
    parameters = {"id": conversation_id, "seq": seq}
    value: int | None = (await connection.execute(statement, parameters)).scalar_one_or_none()
    if value is not None and column.startswith("client"):
        state = "read" if "read" in column else "delivered"
        await connection.execute(_PULLED, parameters | {"state": state})
    return value


def _to_conversation(row: RowMapping) -> Conversation:
    plain = {name: row[name] for name in Conversation.__slots__ if name != "address"}
    return Conversation(**plain, address=Address(row["channel"], row["account"], row["address"]))


def _to_said(cipher: Cipher, row: RowMapping) -> Said:
    plain = {name: row[name] for name in Said.__slots__ if name != "content"}
    return Said(**plain, content=open_content(cipher, row["body_enc"], row["id"]))


_CONVERSATION = """
SELECT conversation.*, identity.client_id, identity.channel, identity.account, identity.address,
  identity.is_blocked
FROM conversation JOIN identity ON identity.id = conversation.identity_id
"""
_ONE = text(_CONVERSATION + "WHERE conversation.id = :id")
_OPEN = text("""
WITH who AS (
  INSERT INTO identity (id, channel, account, address)
  VALUES (:identity, :channel, :account, :address)
  ON CONFLICT (channel, account, address) DO UPDATE SET address = EXCLUDED.address RETURNING id
)
INSERT INTO conversation (id, identity_id) SELECT :conversation, who.id FROM who
ON CONFLICT (identity_id) DO NOTHING
""")
_BY_ADDRESS = text(
    _CONVERSATION + "WHERE channel = :channel AND account = :account AND address = :address"
)
_LOCK_FLOOR = text(
    "SELECT floor, floor_epoch, floor_holder FROM conversation WHERE id = :id FOR NO KEY UPDATE"
)
_MOVE_FLOOR = text(
    "UPDATE conversation SET floor = :floor, floor_holder = :holder, "
    "floor_epoch = floor_epoch + 1 WHERE id = :id RETURNING floor_epoch"
)
_CONTENT = text("SELECT body_enc FROM message WHERE id = :message AND conversation_id = :id")
_SENT = text("""
SELECT message.seq, COALESCE(outbox.state, 'accepted') AS state
FROM message LEFT JOIN outbox ON outbox.message_id = message.id
WHERE message.conversation_id = :id AND message.client_msg_id = :client_msg_id
""")
_SAID = """
SELECT message.id, message.conversation_id, message.seq, direction, message.author_kind AS author,
  author_id, person.name AS author_name, body_enc, message.received_at AS at, client_msg_id,
  message.reply_to, outbox.state, outbox.reason
FROM message LEFT JOIN outbox ON outbox.message_id = message.id
LEFT JOIN person ON person.id = message.author_id
WHERE message.conversation_id = :id AND message.seq > :after AND message.seq < :before
"""
_FORWARD = text(_SAID + "ORDER BY message.seq LIMIT :limit")
_BACKWARD = text(_SAID + "ORDER BY message.seq DESC LIMIT :limit")
_PROGRESS = {
    column: text(
        f"UPDATE conversation SET {column} = least(:seq, last_seq) "  # noqa: S608
        f"WHERE id = :id AND {column} < least(:seq, last_seq) RETURNING {column}"
    )
    for column in ("client_delivered_seq", "client_read_seq", "staff_read_seq")
}
_PULLED = text("""
WITH moved AS (
  UPDATE outbox SET state = :state WHERE conversation_id = :id AND seq <= :seq
    AND state IN ('accepted', 'delivered') AND state <> :state
  RETURNING id, state, notice_id, conversation_id, seq
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
SELECT row_id(), 'client', 'outbox_moved', 'outbox', CAST(id AS text),
  jsonb_build_object('state', state, 'conversation_id', conversation_id, 'seq', seq)
FROM moved WHERE notice_id IS NOT NULL
""")
"""Only of notices it is told: their ladders wait for it, and nobody else does."""
