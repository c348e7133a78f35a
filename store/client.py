"""Clients and the addresses at which they are reached; personal data rests in sealed cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import IDENTITY_BOUND, Happening
from kernel.ids import new_id
from kernel.message import Address
from store import audit, book_address
from store.cipher import Cipher


@dataclass(frozen=True, slots=True)
class Facts:
    """What the broker's core says of a client, to be kept."""

    name: str
    phone: str
    risk_level: str
    investor_class: str
    stage: str
    manager: str


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client as kept, in clear: name and phone are None until the core has told them."""

    id: UUID
    client_no: str
    name: str | None
    phone: str | None
    risk_level: str | None
    suitability_valid_until: date | None
    investor_class: str | None
    stage: str | None
    manager: str | None
    refreshed_at: datetime | None


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """An address that is bound to a client."""

    id: UUID
    channel: str
    account: str
    address: str
    bound_at: datetime | None


async def record(connection: AsyncConnection, cipher: Cipher, client_no: str) -> UUID:
    """Return the id of the client of this number, a new row if there was none.

    A number whose row was merged into another is that other client's.
    """
    client_id = new_id()
    parameters = {
        "id": client_id,
        "hash": cipher.blind("client_no", client_no),
        "client_no": cipher.seal_text(
            client_no, table="client", column="client_no_enc", row=client_id
        ),
    }
    await connection.execute(_INSERT, parameters)
    found: UUID = (await connection.execute(_FIND_ID, parameters)).scalar_one()
    return found


async def record_facts(
    connection: AsyncConnection, cipher: Cipher, client_id: UUID, *, facts: Facts
) -> None:
    """Keep what the core says of a client, and when it said so."""
    parameters = {
        "id": client_id,
        "name": cipher.seal_text(facts.name, table="client", column="name_enc", row=client_id),
        "phone": cipher.seal_text(facts.phone, table="client", column="phone_enc", row=client_id),
        "phone_hash": cipher.blind("phone", facts.phone),
        "risk_level": facts.risk_level,
        "investor_class": facts.investor_class,
        "stage": facts.stage,
        "manager": facts.manager,
    }
    await connection.execute(_FACTS, parameters)
    await book_address.record(connection, [book_address.Told(client_id, facts.phone)])


async def find(connection: AsyncConnection, cipher: Cipher, client_id: UUID) -> ClientRow | None:
    """Return a client in clear, or None."""
    row = (await connection.execute(_ONE, {"id": client_id})).mappings().one_or_none()
    return _to_client(cipher, row) if row else None


async def find_id(connection: AsyncConnection, cipher: Cipher, client_no: str) -> UUID | None:
    """Return the id of the client of this number, or None."""
    parameters = {"hash": cipher.blind("client_no", client_no)}
    found: UUID | None = (await connection.execute(_FIND_ID, parameters)).scalar_one_or_none()
    return found


async def find_names(
    connection: AsyncConnection, cipher: Cipher, client_ids: list[UUID]
) -> Mapping[UUID, str]:
    """Return the names of those clients of whom a name is known, for a list."""
    rows = (await connection.execute(_NAMES, {"ids": client_ids})).all()
    return {
        row.id: cipher.open_text(row.name_enc, table="client", column="name_enc", row=row.id)
        for row in rows
    }


async def find_identities(connection: AsyncConnection, client_id: UUID) -> list[IdentityRow]:
    """Return the addresses bound to a client, newest first."""
    rows = await connection.execute(_IDENTITIES, {"client": client_id})
    return [IdentityRow(*row) for row in rows]


async def find_addresses(connection: AsyncConnection, client_id: UUID) -> list[Address]:
    """Return where a client may be reached, newest binding first."""
    rows = await find_identities(connection, client_id)
    return [Address(row.channel, row.account, row.address) for row in rows]


async def bind(
    connection: AsyncConnection, conversation_id: UUID, client_id: UUID, *, actor: str
) -> bool:
    """Bind the conversation's address to a client; False if it was bound to this client already.

    An address that was another client's is bound anew: who proved it last is who it is. Its
    tickets that name nobody yet are settled on whom it was bound to till now, else on this client.
    """
    parameters = {"conversation": conversation_id, "client": client_id}
    row = (await connection.execute(_BIND, parameters)).one_or_none()
    if row is None:
        return False
    owner = {"conversation": conversation_id, "client": row.before or client_id}
    await connection.execute(_SETTLE_TICKETS, owner)
    before = {"client_id": str(row.before)} if row.before else {}
    after = {"client_id": str(client_id), "channel": row.channel}
    happening = Happening(actor, IDENTITY_BOUND, "identity", row.id, before=before, after=after)
    await audit.record(connection, [happening])
    return True


def open_cells(cipher: Cipher, row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """Return a client's number, name and phone in clear; the last two may be None."""

    def open_cell(column: str) -> str | None:
        cell = row[column]
        return cell and cipher.open_text(cell, table="client", column=column, row=row["id"])

    return {
        "client_no": open_cell("client_no_enc") or "",
        "name": open_cell("name_enc"),
        "phone": open_cell("phone_enc"),
    }


def _to_client(cipher: Cipher, row: RowMapping) -> ClientRow:
    return ClientRow(**open_cells(cipher, row), **{name: row[name] for name in _PLAIN})


_PLAIN = ("id risk_level suitability_valid_until investor_class stage manager refreshed_at").split()

_INSERT = text(
    "INSERT INTO client (id, client_no_hash, client_no_enc) VALUES (:id, :hash, :client_no) "
    "ON CONFLICT (client_no_hash) DO NOTHING"
)
_FIND_ID = text("SELECT COALESCE(merged_into, id) FROM client WHERE client_no_hash = :hash")
_FACTS = text("""
UPDATE client SET name_enc = :name, phone_enc = :phone, phone_hash = :phone_hash,
  risk_level = :risk_level, investor_class = :investor_class, stage = :stage,
  manager = :manager, refreshed_at = now()
WHERE id = :id
""")
_ONE = text("SELECT * FROM client WHERE id = :id")
_NAMES = text(
    "SELECT id, name_enc FROM client WHERE id = ANY(CAST(:ids AS uuid[])) AND name_enc IS NOT NULL"
)
_IDENTITIES = text(
    "SELECT id, channel, account, address, bound_at FROM identity WHERE client_id = :client "
    "ORDER BY bound_at DESC NULLS LAST, id DESC LIMIT 20"
)
_BIND = text("""
WITH old AS (
  SELECT identity.id, identity.client_id AS before, identity.channel FROM identity
  JOIN conversation ON conversation.identity_id = identity.id
  WHERE conversation.id = :conversation
    AND (identity.client_id IS DISTINCT FROM CAST(:client AS uuid) OR identity.from_book)
  FOR UPDATE OF identity
)
UPDATE identity SET client_id = :client, bound_at = now(), from_book = false
FROM old WHERE identity.id = old.id
RETURNING identity.id, old.before, old.channel
""")
_SETTLE_TICKETS = text(
    "UPDATE ticket SET client_id = :client "
    "WHERE conversation_id = :conversation AND client_id IS NULL"
)
