"""How far the messages of an account are pulled; moves only together with what was pulled."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Place:
    """An account whose provider hands its messages out on request."""

    channel: str
    account: str


async def claim(connection: Connection, place: Place, worker: str, *, seconds: float) -> str | None:
    """Lease an account to `worker` and return its cursor; None while another one pulls it.

    The cursor of an account that was never pulled is empty.
    """
    parameters = _name(place) | {"worker": worker, "lasts": seconds}
    row = (await connection.execute(_CLAIM, parameters)).one_or_none()
    return row.cursor if row else None


async def move(connection: Connection, place: Place, *, before: str, after: str) -> bool:
    """Move a cursor, which stays locked until the commit; False if it is not at `before`.

    Call it first in the transaction that keeps the page: whoever finds the cursor elsewhere has
    pulled what another worker has kept already, and must keep nothing.
    """
    parameters = _name(place) | {"before": before, "after": after}
    return (await connection.execute(_MOVE, parameters)).first() is not None


async def release(connection: Connection, place: Place, worker: str) -> None:
    """Give the lease back, so that the next callback need not wait for its end."""
    await connection.execute(_RELEASE, _name(place) | {"worker": worker})


def _name(place: Place) -> dict[str, str | float]:
    return {"channel": place.channel, "account": place.account}


_CLAIM = text("""
INSERT INTO channel_cursor AS held (channel, account, worker, lease_until)
VALUES (:channel, :account, :worker, now() + make_interval(secs => :lasts))
ON CONFLICT (channel, account) DO UPDATE SET
  worker = EXCLUDED.worker, lease_until = EXCLUDED.lease_until
  WHERE held.lease_until IS NULL OR held.lease_until < now() OR held.worker = EXCLUDED.worker
RETURNING held.cursor
""")
_MOVE = text("""
UPDATE channel_cursor SET cursor = :after, pulled_at = now()
WHERE channel = :channel AND account = :account AND cursor = :before RETURNING 1
""")
_RELEASE = text("""
UPDATE channel_cursor SET lease_until = NULL
WHERE channel = :channel AND account = :account AND worker = :worker
""")
