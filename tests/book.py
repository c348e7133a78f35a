"""A small client book for tests: clients with a manager, and where each is reached."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from store import client
from store.cipher import Cipher
from store.client import Facts
from store.engine import Connection


async def add_client(
    connection: Connection,
    cipher: Cipher,
    number: str,
    *,
    manager: str = "示例经理",
    places: Mapping[str, str] | None = None,
) -> UUID:
    """Add a client; `places` are addresses by channel, all at the account `demo`."""
    client_id = await client.record(connection, cipher, number)
    facts = Facts(f"客户{number}", "13800000000", "C3", "ordinary", "active", manager)
    await client.record_facts(connection, cipher, client_id, facts=facts)
    for channel, address in (places or {}).items():
        await connection.execute(
            text(
                "INSERT INTO identity (id, client_id, channel, account, address, bound_at) "
                "VALUES (:id, :client, :channel, 'demo', :address, now())"
            ),
            {"id": new_id(), "client": client_id, "channel": channel, "address": address},
        )
    return client_id


async def count(connection: Connection, table: str, where: str = "true") -> int:
    """Return how many rows of a table meet a condition."""
    found: int = (
        await connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}"))
    ).scalar_one()
    return found
