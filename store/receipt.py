"""Receipts: what a provider tells of a message later; it only ever moves a message forward."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.machine import OUTBOX
from kernel.message import Address, Receipt
from store import outcome

RANKS: Mapping[str, int] = {"accepted": 1, "failed": 2, "delivered": 3, "read": 4}
"""A later, higher word wins; a late `delivered` beats a `failed`."""


async def record(connection: AsyncConnection, receipt: Receipt) -> bool:
    """Keep a receipt once and move its message; False for a repeat.

    A receipt whose message is not known yet is kept all the same, for `record_parked`.
    """
    parameters = {
        "channel": receipt.channel,
        "account": receipt.account,
        "provider_id": receipt.provider_id,
        "event_id": receipt.event_id,
        "status": receipt.status,
        "rank": RANKS[receipt.status],
        "detail": receipt.detail,
        "at": receipt.at,
        "outbox": receipt.outbox_id,
    }
    row = (await connection.execute(_INSERT, parameters)).one_or_none()
    if row is None:
        return False
    if row.outbox_id is not None:
        if receipt.outbox_id is not None:  # the callback beat the answer, or there was none
            await outcome.record_moved(
                connection, row.outbox_id, "accepted", code="receipt",
                provider_id=receipt.provider_id,
            )  # fmt: skip
        await advance(connection, row.outbox_id, receipt.status)
    return True


async def is_ours(connection: AsyncConnection, receipt: Receipt, address: str) -> bool:
    """Tell whether a message by that name, the provider's or ours, went to this address.

    For providers that do not sign what they report.
    """
    parameters = {
        "channel": receipt.channel,
        "account": receipt.account,
        "provider_id": receipt.provider_id,
        "outbox": receipt.outbox_id,
        "address": address,
    }
    return (await connection.execute(_OURS, parameters)).first() is not None


async def record_parked(
    connection: AsyncConnection, address: Address, outbox_id: UUID, provider_id: str
) -> None:
    """Apply what the provider told before its answer with the message's id was recorded."""
    parameters = {
        "outbox": outbox_id,
        "channel": address.channel,
        "account": address.account,
        "provider_id": provider_id,
    }
    for row in (await connection.execute(_UNPARK, parameters)).all():
        await advance(connection, outbox_id, row.status)


async def advance(connection: AsyncConnection, outbox_id: UUID, status: str) -> None:
    """Move a message forward to what a provider said of it; backward it never goes."""
    parameters = {
        "outbox": outbox_id,
        "after": status,
        "sources": list(OUTBOX.sources_of(status)),
        "event_id": new_id(),
    }
    await connection.execute(_MOVE, parameters)


_INSERT = text("""
INSERT INTO receipt (outbox_id, channel, account, provider_id, provider_event_id, status, rank,
                     detail, at)
VALUES ((SELECT id FROM outbox WHERE channel = :channel AND account = :account
           AND (provider_id = :provider_id OR id = CAST(:outbox AS uuid)) LIMIT 1),
        :channel, :account, :provider_id, :event_id, :status, :rank, :detail, :at)
ON CONFLICT (channel, account, provider_event_id) DO NOTHING RETURNING outbox_id
""")

_OURS = text("""
SELECT 1 FROM outbox WHERE channel = :channel AND account = :account AND address = :address
  AND (provider_id = :provider_id OR id = CAST(:outbox AS uuid)) LIMIT 1
""")

_UNPARK = text("""
WITH found AS (
  UPDATE receipt SET outbox_id = :outbox WHERE outbox_id IS NULL AND channel = :channel
    AND account = :account AND provider_id = :provider_id RETURNING status, rank
)
SELECT status FROM found ORDER BY rank
""")

_MOVE = text("""
WITH old AS (
  SELECT id, state AS before FROM outbox
  WHERE id = :outbox AND state = ANY(:sources) FOR NO KEY UPDATE
), moved AS (
  UPDATE outbox SET state = :after FROM old WHERE outbox.id = old.id
  RETURNING outbox.id, outbox.state, outbox.conversation_id, outbox.seq, old.before
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT :event_id, 'provider', 'outbox_moved', 'outbox', CAST(moved.id AS text),
  jsonb_build_object('state', moved.before),
  jsonb_build_object('state', moved.state, 'conversation_id', moved.conversation_id,
    'seq', moved.seq) FROM moved
""")
