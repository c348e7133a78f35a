"""The ledger of reply windows: how many messages a channel still lets us send, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Address

KEPT = 3
"""Replies that a campaign leaves in a window, for the conversation that the client began."""


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


async def claim_many(
    connection: AsyncConnection, channel: str, account: str, addresses: Sequence[str]
) -> frozenset[str]:
    """Spend one message of each address's window; return the addresses where more than `KEPT` were.

    Who is being answered at this very moment is passed over, so that nobody waits for anybody.
    """
    parameters = {
        "channel": channel, "account": account, "addresses": list(addresses), "kept": KEPT,
    }  # fmt: skip
    return frozenset((await connection.execute(_CLAIM_MANY, parameters)).scalars())


async def record_refund(connection: AsyncConnection, outbox_id: UUID, rule: str) -> None:
    """Give back a message that the provider provably did not process.

    It goes back to the window that it came out of: one that a client has opened anew since this
    message was claimed gets nothing, or more could be sent in it than its quota.
    """
    await connection.execute(_REFUND, {"outbox": outbox_id, "rule": rule})


async def record_used_up(connection: AsyncConnection, conversation_id: UUID) -> None:
    """Believe the provider, who says that nothing may be sent any more."""
    await connection.execute(_USE_UP, {"conversation": conversation_id})


async def record_used_up_at(connection: AsyncConnection, address: Address) -> None:
    """Believe it of an address, where the message is in no conversation."""
    parameters = {
        "channel": address.channel, "account": address.account, "address": address.address,
    }  # fmt: skip
    await connection.execute(_USE_UP_AT, parameters)


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
_USE_UP_AT = text("""
UPDATE "window" SET used = quota FROM conversation JOIN identity
  ON identity.id = conversation.identity_id
WHERE "window".conversation_id = conversation.id AND identity.channel = :channel
  AND identity.account = :account AND identity.address = :address
""")
_CLAIM_MANY = text("""
WITH talk AS (
  SELECT conversation.id, identity.address FROM identity
  JOIN conversation ON conversation.identity_id = identity.id
  WHERE identity.channel = :channel AND identity.account = :account
    AND identity.address = ANY(CAST(:addresses AS text[]))
), held AS MATERIALIZED (
  SELECT conversation_id, rule, quota - used AS remaining, expires_at FROM "window"
  WHERE conversation_id IN (SELECT id FROM talk) AND expires_at > now()
  FOR UPDATE SKIP LOCKED
), summed AS (
  SELECT *, sum(remaining) OVER (PARTITION BY conversation_id) AS whole FROM held
), chosen AS (
  SELECT DISTINCT ON (conversation_id) conversation_id, rule FROM summed
  WHERE remaining > 0 AND whole > :kept ORDER BY conversation_id, expires_at, rule
), spent AS (
  UPDATE "window" SET used = used + 1 FROM chosen
  WHERE "window".conversation_id = chosen.conversation_id AND "window".rule = chosen.rule
  RETURNING chosen.conversation_id
)
SELECT talk.address FROM spent JOIN talk ON talk.id = spent.conversation_id
""")
