"""Who may speak: hand-over to people, hand-back to the assistant, and nobody over anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from kernel.happening import HANDED_BACK, HANDED_OVER, Happening
from kernel.message import Json
from store import audit, conversation
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class HandOver:
    """Why a conversation goes to people; `summary` and `slots` are masked."""

    number: str
    reason: str
    summary: str = ""
    intent: str = ""
    confidence: float = 0.0
    slots: Mapping[str, Json] = field(default_factory=dict)
    message_id: UUID | None = None


async def hand_over(
    connection: Connection, conversation_id: UUID, why: HandOver, *, epoch: int | None = None
) -> int:
    """Move the floor to the queue and tell the desk, in the caller's transaction.

    Returns the new epoch; raises FloorMoved if `epoch` is given and past.
    """
    new_epoch = await conversation.move_floor(
        connection, conversation_id, "queue", actor="bot", epoch=epoch
    )
    after: dict[str, Json] = {
        "number": why.number,
        "reason": why.reason,
        "summary": why.summary,
        "intent": why.intent,
        "confidence": why.confidence,
        "slots": dict(why.slots),
        "message_id": str(why.message_id) if why.message_id else None,
    }
    happening = Happening("bot", HANDED_OVER, "conversation", conversation_id, after=after)
    await audit.record(connection, [happening])
    return new_epoch


async def take(
    connection: Connection, conversation_id: UUID, person_id: UUID, *, epoch: int | None = None
) -> int:
    """Give the floor to a person; returns the new epoch."""
    return await conversation.move_floor(
        connection,
        conversation_id,
        "agent",
        actor=f"person:{person_id}",
        epoch=epoch,
        holder=person_id,
    )


async def hand_back(
    connection: Connection, conversation_id: UUID, *, actor: str, epoch: int | None = None
) -> int:
    """Give the floor back to the assistant and tell the desk; returns the new epoch."""
    new_epoch = await conversation.move_floor(
        connection, conversation_id, "bot", actor=actor, epoch=epoch
    )
    await audit.record(connection, [Happening(actor, HANDED_BACK, "conversation", conversation_id)])
    return new_epoch
