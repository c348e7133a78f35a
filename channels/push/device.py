"""What the push channels must remember: how a device is reached, and keys already fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from kernel.message import Address
from store import device
from store.cipher import Cipher
from store.engine import Database


class Devices(Protocol):
    """The memory of the push channels."""

    async def find(self, address: Address) -> Mapping[str, str] | None:
        """Return what is needed to reach a device, None if it is gone."""
        ...

    async def end(self, address: Address) -> None:
        """Note that a device is gone."""
        ...

    async def find_key(self, outbox_id: UUID) -> str | None:
        """Return the provider's key of a message, if it was fetched before."""
        ...

    async def record_key(self, outbox_id: UUID, key: str) -> str:
        """Keep a key before it is used; returns the one that holds."""
        ...


@dataclass(frozen=True, slots=True)
class StoredDevices:
    """Devices in the database; each call is a short transaction of its own."""

    database: Database
    cipher: Cipher

    async def find(self, address: Address) -> Mapping[str, str] | None:
        """Return what is needed to reach a device, None if it is gone."""
        async with self.database.transaction() as connection:
            return await device.find(connection, self.cipher, address)

    async def end(self, address: Address) -> None:
        """Note that a device is gone."""
        async with self.database.transaction() as connection:
            await device.end(connection, address)

    async def find_key(self, outbox_id: UUID) -> str | None:
        """Return the provider's key of a message, if it was fetched before."""
        async with self.database.transaction() as connection:
            return await device.find_key(connection, outbox_id)

    async def record_key(self, outbox_id: UUID, key: str) -> str:
        """Keep a key before it is used; returns the one that holds."""
        async with self.database.transaction() as connection:
            return await device.record_key(connection, outbox_id, key)
