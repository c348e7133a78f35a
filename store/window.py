"""The ledger of reply windows: how many messages a channel still lets us send, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Window:
    """An open reply window; `remaining` counts what may still be sent before `expires_at`."""

    rule: str
    quota: int
    remaining: int
    expires_at: datetime


async def find_open(connection: AsyncConnection, conversation_id: UUID) -> list[Window]:
    """Return the windows that are open now, the one that closes first at the front."""
    rows = await connection.execute(_OPEN, {"conversation": conversation_id})
    return [Window(row.rule, row.quota, row.quota - row.used, row.expires_at) for row in rows]


async def claim(connection: AsyncConnection, conversation_id: UUID, *, reserve: int) -> str | None:
    """Spend one message and return the window's rule; None if fewer than `reserve` would be left.

    The rows stay locked until the commit, so that senders at the same moment queue up and
    the quota is never exceeded.
    """
    rows = (await connection.execute(_LOCK, {"conversation": conversation_id})).all()
    if sum(row.quota - row.used for row in rows) <= reserve:
        return None
    rule: str = next(row.rule for row in rows if row.used < row.quota)
    await connection.execute(_SPEND, {"conversation": conversation_id, "rule": rule})
    return rule


async def record_refund(connection: AsyncConnection, outbox_id: UUID, rule: str) -> None:
    """Give back a message that the provider provably did not process.

    It goes back to the window that it came out of: one that a client has opened anew since this
    message was claimed gets nothing, or more could be sent in it than its quota.
    """
    await connection.execute(_REFUND, {"outbox": outbox_id, "rule": rule})


async def record_used_up(connection: AsyncConnection, conversation_id: UUID) -> None:
    """Believe the provider, who says that nothing may be sent any more."""
    await connection.execute(_USE_UP, {"conversation": conversation_id})


_OPEN = text(
    'SELECT rule, quota, used, expires_at FROM "window" '
    "WHERE conversation_id = :conversation AND expires_at > now() ORDER BY expires_at, rule"
)
_LOCK = text(_OPEN.text + " FOR UPDATE")
_SPEND = text(
    'UPDATE "window" SET used = used + 1 WHERE conversation_id = :conversation AND rule = :rule'
)
_REFUND = text(
    'UPDATE "window" SET used = greatest(0, used - 1) FROM outbox '
    "WHERE outbox.id = :outbox AND rule = :rule AND opened_at < outbox.sending_at "
    'AND "window".conversation_id = outbox.conversation_id'
)
_USE_UP = text('UPDATE "window" SET used = quota WHERE conversation_id = :conversation')
