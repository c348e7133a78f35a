"""Deliveries to webhooks: claimed under a lease, in order of each subject, kept until told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import JSONB

from kernel.happening import Happening
from store import audit
from store.cipher import CellDamaged, Cipher
from store.engine import Connection
from store.webhook_secret import SECRETS, open_secrets

LEASE_SECONDS = 30.0
"""After this a worker that has not said what became of its call is taken for dead."""
TRY_SECONDS = 86_400.0
"""So long a delivery is tried; then it has failed, and a person may replay it."""
KEEP_DAYS = 7
"""How long what was delivered is kept to look at."""
CIRCUIT = "webhook"
"""The channel under which the circuits of webhooks stand (store/throttle.py), by their ids."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call that is to be made: where to, signed with what, saying what."""

    id: UUID
    webhook_id: UUID
    url: str
    secrets: Sequence[str] = field(repr=False)
    kind: str
    client_no: str | None = field(repr=False)
    body: Mapping[str, Any]
    attempt: int


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended: `code` is None where it was taken, `wait` seconds until the next one."""

    delivery_id: UUID
    attempt: int
    code: str | None
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class FailedRow:
    """A delivery that was given up."""

    id: UUID
    kind: str
    subject_id: UUID
    attempts: int
    code: str | None
    created_at: datetime
    ended_at: datetime | None


async def find_due(connection: Connection) -> list[UUID]:
    """Return the active webhooks for which something is due and whose circuit is closed."""
    return list((await connection.execute(_DUE)).scalars())


async def claim(
    connection: Connection, cipher: Cipher, webhook_id: UUID, *, worker: str, limit: int
) -> list[Delivery]:
    """Claim due deliveries of a webhook and commit them as `sending`.

    Of one subject only the oldest that is open: the others wait until it was told or has failed.
    What a dead worker was sending is sent again, for nobody knows whether it was taken.
    """
    parameters = {
        "webhook": webhook_id,
        "worker": worker,
        "limit": limit,
        "lease": LEASE_SECONDS,
    }
    rows = (await connection.execute(_CLAIM, parameters)).all()
    return [_to_delivery(cipher, row) for row in rows]


async def record(connection: Connection, results: Sequence[Result], *, worker: str) -> int:
    """Record how calls ended; return how many were given up.

    Nothing happens to a delivery that others have called for since, who took us for dead.
    """
    parameters = {
        "ids": [one.delivery_id for one in results],
        "attempts": [one.attempt for one in results],
        "codes": [one.code for one in results],
        "waits": [one.wait for one in results],
        "worker": worker,
        "longest": TRY_SECONDS,
    }
    rows = (await connection.execute(_RECORD, parameters)).all()
    return sum(row.state == "failed" for row in rows)


async def find_failed(
    connection: Connection, webhook_id: UUID, *, after: UUID | None, limit: int
) -> list[FailedRow]:
    """Return a page of what was given up, newest first."""
    parameters = {"webhook": webhook_id, "after": after, "limit": limit}
    return [FailedRow(*row) for row in await connection.execute(_FAILED, parameters)]


async def replay(
    connection: Connection, webhook_id: UUID, ids: Sequence[UUID] | None, *, actor: str
) -> int:
    """Try again what was given up, these or (None) all of a webhook; return how many.

    They keep their names, so that a receiver knows what it has already.
    """
    parameters = {"webhook": webhook_id, "ids": list(ids) if ids is not None else None}
    n = len((await connection.execute(_REPLAY, parameters)).all())
    told = Happening(actor, "webhook_replayed", "webhook", webhook_id, after={"count": n})
    await audit.record(connection, [told] if n else [])
    return n


async def clear(connection: Connection, *, limit: int = 5000) -> int:
    """Forget what was delivered long ago; return how many."""
    parameters = {"days": KEEP_DAYS, "limit": limit}
    return len((await connection.execute(_CLEAR, parameters)).all())


def _to_delivery(cipher: Cipher, row: Row[Any]) -> Delivery:
    try:
        secrets = open_secrets(cipher, row.webhook_id, row.secret_enc, row.previous_enc)
        client_no = _open_client_no(cipher, row) if row.client_no_enc else None
    except CellDamaged:
        secrets, client_no = [], None
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        url=row.url,
        secrets=secrets,
        kind=row.kind,
        client_no=client_no,
        body=row.body,
        attempt=row.attempts,
    )


def _open_client_no(cipher: Cipher, row: Row[Any]) -> str:
    return cipher.open_text(
        row.client_no_enc, table="client", column="client_no_enc", row=row.client_id
    )


WAITS = "delivery.state IN ('queued', 'sending')"
"""Whether a `delivery` is still to be told."""

DUE = f"""SELECT webhook.id FROM webhook WHERE webhook.is_active
  AND EXISTS (SELECT 1 FROM webhook_delivery AS delivery
    WHERE delivery.webhook_id = webhook.id AND {WAITS} AND delivery.due_at <= now())
  AND NOT EXISTS (SELECT 1 FROM throttle WHERE throttle.channel = '{CIRCUIT}'
    AND throttle.account = CAST(webhook.id AS text) AND throttle.open_until > now())"""  # noqa: S608
"""The webhooks that may be called now, and for which something is due."""

_DUE = text(f"{DUE} ORDER BY webhook.id")

_CLAIM = text(f"""
WITH due AS (
  SELECT delivery.id FROM webhook_delivery AS delivery
  JOIN webhook ON webhook.id = delivery.webhook_id AND webhook.is_active
  WHERE delivery.webhook_id = :webhook AND {WAITS} AND delivery.due_at <= now()
    AND NOT EXISTS (SELECT 1 FROM webhook_delivery AS earlier
      WHERE earlier.webhook_id = delivery.webhook_id
        AND earlier.subject_id = delivery.subject_id AND earlier.position < delivery.position
        AND {WAITS.replace("delivery.", "earlier.")})
  ORDER BY delivery.due_at LIMIT :limit FOR UPDATE OF delivery SKIP LOCKED
), taken AS (
  UPDATE webhook_delivery AS delivery SET state = 'sending', attempts = attempts + 1,
    worker = :worker, sending_at = clock_timestamp(),
    due_at = clock_timestamp() + make_interval(secs => :lease)
  FROM due WHERE delivery.id = due.id RETURNING delivery.*
)
SELECT taken.id, taken.webhook_id, webhook.url, {SECRETS}, taken.kind, taken.client_id,
  client.client_no_enc, taken.body, taken.attempts
FROM taken JOIN webhook ON webhook.id = taken.webhook_id
LEFT JOIN client ON client.id = taken.client_id ORDER BY taken.position
""").columns(body=JSONB)  # noqa: S608

_RECORD = text("""
WITH done AS (
  SELECT *, clock_timestamp() + make_interval(secs => wait) AS next_at
  FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[]), CAST(:codes AS text[]),
    CAST(:waits AS float8[])) AS done (id, attempt, code, wait)
)
UPDATE webhook_delivery AS delivery SET code = done.code, due_at = done.next_at,
  state = CASE WHEN done.code IS NULL THEN 'delivered'
    WHEN done.next_at > began_at + make_interval(secs => :longest) THEN 'failed'
    ELSE 'queued' END,
  ended_at = CASE WHEN done.code IS NULL
    OR done.next_at > began_at + make_interval(secs => :longest) THEN clock_timestamp() END
FROM done WHERE delivery.id = done.id AND delivery.state = 'sending'
  AND delivery.worker = :worker AND delivery.attempts = done.attempt
RETURNING delivery.state
""")

_FAILED = text("""
SELECT id, kind, subject_id, attempts, code, created_at, ended_at FROM webhook_delivery
WHERE webhook_id = :webhook AND state = 'failed'
  AND (CAST(:after AS uuid) IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit
""")

_REPLAY = text("""
UPDATE webhook_delivery SET state = 'queued', attempts = 0, due_at = now(), began_at = now(),
  ended_at = NULL
WHERE webhook_id = :webhook AND state = 'failed'
  AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(CAST(:ids AS uuid[]))) RETURNING id
""")

_CLEAR = text("""
DELETE FROM webhook_delivery WHERE id IN (
  SELECT old.id FROM webhook CROSS JOIN LATERAL (
    SELECT id FROM webhook_delivery AS delivery WHERE delivery.webhook_id = webhook.id
      AND delivery.state = 'delivered'
      AND delivery.ended_at < now() - make_interval(days => :days)
    ORDER BY delivery.ended_at LIMIT :limit) AS old) RETURNING id
""")
