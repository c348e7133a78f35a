"""Where the demo's generated clients are reached, and what they agreed to: written as a set, once.

Nobody of them exists: their numbers, mailboxes and devices are the lab's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from store.cipher import Cipher
from store.engine import Connection

SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class Way:
    """An address of a client; `marketing` is what they said to that there: yes, no, or nothing."""

    client_no: str
    channel: str
    account: str
    address: str
    marketing: str | None = None


async def lock(connection: Connection) -> None:
    """Let the processes of a demo that start together make its clients one after another."""
    await connection.execute(_LOCK)


async def record_ways(connection: Connection, cipher: Cipher, ways: Sequence[Way]) -> None:
    """Bind addresses to their clients, with their consents and the devices that take pushes.

    An address that somebody has already is left alone.
    """
    ids = [new_id() for _ in ways]
    parameters = {
        "ids": ids,
        "hashes": [cipher.blind("client_no", one.client_no) for one in ways],
        "channels": [one.channel for one in ways],
        "accounts": [one.account for one in ways],
        "addresses": [one.address for one in ways],
    }
    rows = await connection.execute(_IDENTITIES, parameters)
    made = {(row.channel, row.account, row.address): row.id for row in rows}
    places = [(one.channel, one.account, one.address) for one in ways]
    kept = [(made[at], one) for at, one in zip(places, ways, strict=True) if at in made]
    said = [(id_, one.marketing) for id_, one in kept if one.marketing]
    words = {
        "ids": [new_id() for _ in said],
        "identities": [id_ for id_, _ in said],
        "states": [state for _, state in said],
        "source": SOURCE,
    }
    await connection.execute(_CONSENTS, words)
    await _record_devices(connection, cipher, kept)


async def _record_devices(
    connection: Connection, cipher: Cipher, kept: Sequence[tuple[UUID, Way]]
) -> None:
    devices = [(id_, one) for id_, one in kept if one.channel == "push"]
    details = {
        "identities": [id_ for id_, _ in devices],
        "owners": [cipher.blind("push_owner", f"demo:{one.client_no}") for _, one in devices],
        "details": [
            cipher.seal_json({}, table="push_device", column="detail_enc", row=id_)
            for id_, _ in devices
        ],
    }
    await connection.execute(_DEVICES, details)


_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('demo_client', 4))")
_IDENTITIES = text("""
INSERT INTO identity AS old (id, client_id, channel, account, address, bound_at)
SELECT told.id, client.id, told.channel, told.account, told.address, now()
FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[]), CAST(:channels AS text[]),
  CAST(:accounts AS text[]), CAST(:addresses AS text[]))
  AS told(id, hash, channel, account, address)
JOIN client ON client.client_no_hash = told.hash
ON CONFLICT (channel, account, address) DO UPDATE SET from_book = false
WHERE old.from_book AND old.client_id = EXCLUDED.client_id
RETURNING id, channel, account, address
""")
_CONSENTS = text("""
INSERT INTO consent (id, identity_id, category, state, source)
SELECT told.id, told.identity, 'marketing', told.state, :source
FROM unnest(CAST(:ids AS uuid[]), CAST(:identities AS uuid[]), CAST(:states AS text[]))
  AS told(id, identity, state)
""")
_DEVICES = text("""
INSERT INTO push_device (identity_id, owner_hash, detail_enc)
SELECT * FROM unnest(CAST(:identities AS uuid[]), CAST(:owners AS bytea[]),
  CAST(:details AS bytea[]))
ON CONFLICT DO NOTHING
""")
