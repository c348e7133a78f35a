"""Receipts: what a provider tells of a message later; it only ever moves a message forward."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Receipt
from store import campaign_slice, outcome

RANKS: Mapping[str, int] = {"accepted": 1, "failed": 2, "delivered": 3, "read": 4}
"""A later, higher word wins; a late `delivered` beats a `failed`."""
LATE_SECONDS = 1.0
PARKED_SECONDS = 60.0
"""Between these ages a receipt without a message may have crossed the answer that names it; no
transaction lasts as long."""


async def record(connection: AsyncConnection, receipt: Receipt) -> bool:
    """Keep a receipt once and move its message; False for a repeat.

    A receipt whose message is not known yet is kept all the same: it is applied once an answer
    brings its name (store/outcome.py).
    """
    if receipt.outbox_id is not None:
        await campaign_slice.put_out(connection, receipt.outbox_id)
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
        await outcome.advance(connection, row.outbox_id, receipt.status)
    return True


async def is_ours(connection: AsyncConnection, receipt: Receipt, address: str) -> bool:
    """Tell whether a message by that name, the provider's or ours, went to this address.

    For providers that do not sign what they report.
    """
    if receipt.outbox_id is not None:
        await campaign_slice.put_out(connection, receipt.outbox_id)
    parameters = {
        "channel": receipt.channel,
        "account": receipt.account,
        "provider_id": receipt.provider_id,
        "outbox": receipt.outbox_id,
        "address": address,
    }
    return (await connection.execute(_OURS, parameters)).first() is not None


async def record_late(connection: AsyncConnection) -> int:
    """Apply what was told while the answer with the message's name was being recorded.

    Neither of the two transactions saw the other. Returns how many receipts there were.
    """
    rows = (await connection.execute(_LATE, {"older": LATE_SECONDS, "most": PARKED_SECONDS})).all()
    for row in sorted(rows, key=lambda row: int(row.rank)):
        await outcome.advance(connection, row.outbox_id, row.status)
    return len(rows)


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

_LATE = text("""
UPDATE receipt SET outbox_id = outbox.id FROM outbox
WHERE receipt.outbox_id IS NULL
  AND receipt.received_at BETWEEN now() - make_interval(secs => :most)
    AND now() - make_interval(secs => :older)
  AND outbox.channel = receipt.channel AND outbox.account = receipt.account
  AND outbox.provider_id = receipt.provider_id
RETURNING receipt.outbox_id, receipt.status, receipt.rank
""")
