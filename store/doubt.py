"""Messages of which nobody knows whether the provider took them: found, and settled by look-up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.ids import new_id
from kernel.message import Outbound
from store import outbox, outcome
from store.cipher import Cipher

_LOCK_KEY = 0x7A68_6C75
"""The advisory lock under which look-ups are settled: a name found by two is taken by one."""


async def find_unknown(
    connection: AsyncConnection,
    cipher: Cipher,
    places: Sequence[tuple[str, str]],
    *,
    older_than: float,
    slice_seconds: float,
    limit: int,
) -> list[tuple[Outbound, datetime]]:
    """Return `unknown` messages of these channels and accounts, and when each was last sent.

    One alone was called for as soon as it was `sending`, `older_than` seconds ago; one of a slice
    `slice_seconds` later at most.
    """
    parameters = {
        "channels": [channel for channel, _ in places],
        "accounts": [account for _, account in places],
        "older": older_than,
        "slice": slice_seconds,
        "limit": limit,
    }
    rows = (await connection.execute(_UNKNOWN, parameters)).mappings().all()
    return [(outbox.to_outbound(cipher, row), row["sending_at"]) for row in rows]


async def record_found(
    connection: AsyncConnection, outbound: Outbound, names: Sequence[str]
) -> bool:
    """Take the first of the provider's names that no other message has; False if there is none.

    Our own id among the names means that the provider knows the message by it.
    """
    await connection.execute(_LOCK, {"key": _LOCK_KEY})
    address, outbox_id = outbound.address, outbound.outbox_id
    if str(outbox_id) in names:
        await outcome.record_moved(connection, outbox_id, "accepted", code="looked_up")
        return True
    parameters = {"channel": address.channel, "account": address.account, "names": list(names)}
    taken = set((await connection.execute(_TAKEN, parameters)).scalars())
    free = next((name for name in names if name not in taken), None)
    if free is None:
        return False
    await outcome.record_moved(
        connection, outbox_id, "accepted", code="looked_up", provider_id=free
    )
    await outcome.apply_early(connection, outbox_id, free)
    return True


async def record_absent(connection: AsyncConnection, outbound: Outbound) -> None:
    """Queue a message again that the provider never took, unless anything has moved it since."""
    parameters = {
        "outbox": outbound.outbox_id,
        "attempt": outbound.attempt,
        "event_id": new_id(),
    }
    await connection.execute(_ABSENT, parameters)


_UNKNOWN = text(f"""
SELECT {outbox.ROW}, outbox.sending_at FROM outbox
{outbox.JOINED}
JOIN unnest(CAST(:channels AS text[]), CAST(:accounts AS text[])) AS place (channel, account)
  ON outbox.channel = place.channel AND outbox.account = place.account
WHERE outbox.state = 'unknown' AND outbox.sending_at < now() - make_interval(secs => :older
  + CASE WHEN outbox.campaign_id IS NULL THEN 0 ELSE CAST(:slice AS float8) END)
ORDER BY outbox.sending_at LIMIT :limit
""")  # noqa: S608  (constants of store/outbox.py)

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")

_TAKEN = text("""
SELECT provider_id FROM outbox
WHERE channel = :channel AND account = :account AND provider_id = ANY(CAST(:names AS text[]))
""")

_ABSENT = text(f"""
WITH moved AS (
  UPDATE outbox SET state = 'queued', reason = 'absent'
  WHERE id = :outbox AND state = 'unknown' AND attempts = :attempt
  RETURNING id, conversation_id, seq, attempts, {outbox.LANE} AS lane
), again AS (
  INSERT INTO queue (outbox_id, lane, not_before, attempt)
  SELECT id, lane, now(), attempts FROM moved
  ON CONFLICT (outbox_id) DO UPDATE SET lease_until = NULL, worker = NULL,
    not_before = EXCLUDED.not_before
)
INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
SELECT :event_id, 'deliver', 'outbox_moved', 'outbox', CAST(moved.id AS text),
  jsonb_build_object('state', 'unknown'),
  jsonb_build_object('state', 'queued', 'code', 'absent', 'conversation_id',
    moved.conversation_id, 'seq', moved.seq) FROM moved
""")  # noqa: S608
