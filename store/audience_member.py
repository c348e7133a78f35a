"""A few clients of an audience, as a list shows them once they are masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from store.cipher import CellDamaged, Cipher
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Member:
    """A client in clear; number and name are empty where they cannot be opened."""

    id: UUID
    client_no: str
    name: str
    risk_level: str | None
    manager: str | None


async def find_members(
    connection: Connection, cipher: Cipher, client_ids: Sequence[UUID]
) -> list[Member]:
    """Return these clients in their order."""
    if not client_ids:
        return []
    rows = await connection.execute(_MEMBERS, {"ids": list(client_ids)})
    return [
        Member(
            row.id,
            _open(cipher, row.client_no_enc, "client_no_enc", row.id),
            _open(cipher, row.name_enc, "name_enc", row.id),
            row.risk_level,
            row.manager,
        )
        for row in rows
    ]


async def find_marked(
    connection: Connection, client_ids: Sequence[UUID], tag: str
) -> frozenset[UUID]:
    """Return those of the clients who carry a tag now."""
    rows = await connection.execute(_MARKED, {"ids": list(client_ids), "tag": tag})
    return frozenset(rows.scalars())


async def find_tagged(connection: Connection, tag: str, *, limit: int = 100) -> list[UUID]:
    """Return clients who carry a tag now."""
    rows = await connection.execute(_TAGGED, {"tag": tag, "limit": limit})
    return list(rows.scalars())


def _open(cipher: Cipher, cell: bytes | None, column: str, client_id: UUID) -> str:
    """Return the cell in clear; a list does not fail for one that is damaged."""
    if not cell:
        return ""
    try:
        return cipher.open_text(cell, table="client", column=column, row=client_id)
    except CellDamaged:
        return ""


_MARKED = text("""
SELECT client_id FROM client_tag WHERE client_id = ANY(:ids) AND tag = :tag
  AND (expires_at IS NULL OR expires_at > now())
""")
_TAGGED = text("""
SELECT client_id FROM client_tag WHERE tag = :tag
  AND (expires_at IS NULL OR expires_at > now()) ORDER BY client_id LIMIT :limit
""")
_MEMBERS = text("""
SELECT id, client_no_enc, name_enc, risk_level, manager FROM client
WHERE id = ANY(:ids) ORDER BY array_position(:ids, id)
""")
