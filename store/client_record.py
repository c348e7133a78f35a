"""Rows of clients as a person compares them, those that were merged among them, and merges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import RowMapping, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from store.cipher import Cipher
from store.client import open_cells
from store.engine import Connection
from store.merge import Merge
from store.tables.client import client_merge


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """A row in clear; `channels` are those of its addresses, `assets` are yuan."""

    id: UUID
    client_no: str
    name: str | None
    phone: str | None
    risk_level: str | None
    suitability_valid_until: date | None
    investor_class: str | None
    stage: str | None
    manager: str | None
    instruments: tuple[str, ...]
    created_at: datetime
    merged_into: UUID | None
    channels: tuple[str, ...]
    open_tickets: int
    assets: Decimal | None
    last_active_at: datetime | None


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge on record, the name of who did it, and how many rows of each kind moved."""

    merge: Merge
    person: str | None
    moved: Mapping[str, int]


async def find_records(
    connection: Connection, cipher: Cipher, client_ids: Sequence[UUID]
) -> dict[UUID, ClientRecord]:
    """Return the rows of these ids; who does not exist is left out."""
    rows = (await connection.execute(_RECORDS, {"ids": list(client_ids)})).mappings()
    return {row["id"]: _to_record(cipher, row) for row in rows}


async def find_ids(connection: Connection, cipher: Cipher, *, number: str) -> list[UUID]:
    """Return the rows that have this client number or this phone, twenty at most."""
    parameters = {
        "client_no": cipher.blind("client_no", number),
        "phone": cipher.blind("phone", number),
    }
    return list((await connection.execute(_BY_NUMBER, parameters)).scalars())


async def find_merges(connection: Connection, limit: int = 100) -> list[MergeRow]:
    """Return the newest merges, newest first."""
    rows = await connection.execute(_MERGES, {"limit": limit})
    return [MergeRow(Merge(*row[:7]), row.person, row.moved or {}) for row in rows]


def _to_record(cipher: Cipher, row: RowMapping) -> ClientRecord:
    return ClientRecord(
        **open_cells(cipher, row),
        instruments=tuple(row["instruments"]),
        channels=tuple(row["channels"]),
        **{name: row[name] for name in _PLAIN},
    )


_PLAIN = (
    "id risk_level suitability_valid_until investor_class stage manager created_at merged_into "
    "open_tickets assets last_active_at"
).split()
_RECORDS = text("""
SELECT client.*, assets, last_active_at,
  ARRAY(SELECT DISTINCT channel FROM identity WHERE client_id = client.id ORDER BY 1) AS channels,
  (SELECT count(*) FROM ticket
    WHERE client_id = client.id AND state NOT IN ('resolved','closed')) AS open_tickets
FROM client LEFT JOIN client_figure ON client_figure.client_id = client.id
WHERE client.id = ANY(CAST(:ids AS uuid[]))
""")
_BY_NUMBER = text("""
SELECT id FROM client WHERE client_no_hash = :client_no OR phone_hash = :phone
ORDER BY created_at, id LIMIT 20
""")
_MERGES = text("""
SELECT client_merge.id, kept_id, gone_id, actor, reason, at, undone_at, person.name AS person,
  (SELECT jsonb_object_agg(kind, jsonb_array_length(ids)) FROM jsonb_each(moved) AS one(kind, ids)
    WHERE jsonb_array_length(ids) > 0) AS moved
FROM client_merge LEFT JOIN person ON actor = 'person:' || person.id
ORDER BY at DESC LIMIT :limit
""").columns(
    *(client_merge.c[one] for one in "id kept_id gone_id actor reason at undone_at".split()),
    person=Text,
    moved=JSONB,
)
