"""Devices that take pushes: registered by a chat token's owner, ended by the provider's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Address
from store.cipher import Cipher

_PLACE = {"table": "push_device", "column": "detail_enc"}


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its owner registered it; `detail` is what the provider must be told."""

    identity_id: UUID
    owner: str
    detail: Mapping[str, str] = field(repr=False)


async def record(connection: AsyncConnection, cipher: Cipher, device: Device) -> None:
    """Keep a device; one that registers again is reachable again, and its last owner's."""
    sealed = cipher.seal_json(dict(device.detail), row=device.identity_id, **_PLACE)
    parameters = {
        "identity": device.identity_id,
        "owner": cipher.blind("push_owner", device.owner),
        "detail": sealed,
    }
    await connection.execute(_RECORD, parameters)


async def find(
    connection: AsyncConnection, cipher: Cipher, address: Address
) -> Mapping[str, str] | None:
    """Return what is needed to reach a device, None if there is no such device any more."""
    row = (await connection.execute(_FIND, _address(address))).one_or_none()
    if row is None:
        return None
    found = cipher.open_json(row.detail_enc, row=row.identity_id, **_PLACE)
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


async def end(connection: AsyncConnection, address: Address) -> None:
    """Note that a device is gone: the app was removed, or its owner has said no."""
    await connection.execute(_END, _address(address))


async def is_owned(
    connection: AsyncConnection, cipher: Cipher, address: Address, owner: str
) -> bool:
    """Tell whether a device was registered by this owner."""
    parameters = _address(address) | {"owner": cipher.blind("push_owner", owner)}
    return (await connection.execute(_OWNED, parameters)).first() is not None


async def count_owned(connection: AsyncConnection, cipher: Cipher, owner: str) -> int:
    """Return how many devices of this owner can be reached."""
    parameters = {"owner": cipher.blind("push_owner", owner)}
    return int((await connection.execute(_COUNT, parameters)).scalar_one())


async def find_key(connection: AsyncConnection, outbox_id: UUID) -> str | None:
    """Return the provider's key of a message, if it was fetched before."""
    found: str | None = (
        await connection.execute(_FIND_KEY, {"outbox": outbox_id})
    ).scalar_one_or_none()
    return found


async def record_key(connection: AsyncConnection, outbox_id: UUID, key: str) -> str:
    """Keep the provider's key of a message; returns the one that holds, which is the first."""
    parameters = {"outbox": outbox_id, "key": key}
    kept: str = (await connection.execute(_RECORD_KEY, parameters)).scalar_one()
    return kept


def _address(address: Address) -> dict[str, str | bytes]:
    return {
        "channel": address.channel,
        "account": address.account,
        "address": address.address,
    }


_RECORD = text("""
INSERT INTO push_device (identity_id, owner_hash, detail_enc) VALUES (:identity, :owner, :detail)
ON CONFLICT (identity_id) DO UPDATE SET owner_hash = EXCLUDED.owner_hash,
  detail_enc = EXCLUDED.detail_enc, at = now(), ended_at = NULL
""")

_WHERE = """
FROM push_device JOIN identity ON identity.id = push_device.identity_id
WHERE channel = :channel AND account = :account AND address = :address AND ended_at IS NULL
"""

_FIND = text(f"SELECT identity_id, detail_enc {_WHERE}")
_OWNED = text(f"SELECT 1 {_WHERE} AND owner_hash = :owner")
_END = text("""
UPDATE push_device SET ended_at = now() FROM identity
WHERE identity.id = identity_id AND channel = :channel AND account = :account
  AND address = :address AND ended_at IS NULL
""")
_COUNT = text("SELECT count(*) FROM push_device WHERE owner_hash = :owner AND ended_at IS NULL")
_FIND_KEY = text("SELECT key FROM push_key WHERE outbox_id = :outbox")
_RECORD_KEY = text("""
INSERT INTO push_key (outbox_id, key) VALUES (:outbox, :key)
ON CONFLICT (outbox_id) DO UPDATE SET key = push_key.key RETURNING key
""")
