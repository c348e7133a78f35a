"""What the house knows of many clients at once, by the names that contents have for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Json
from store.cipher import CellDamaged, Cipher

LACKS: Final[Mapping[str, str]] = {
    "name": "person.name_enc IS NULL",
    "manager": "COALESCE(person.manager, '') = ''",
    "stage": "COALESCE(person.stage, '') = ''",
    "risk_level": "COALESCE(person.risk_level, '') = ''",
    "instruments": "person.instruments = '{}'",
}
"""When a client, `person`, lacks what a content names: for the plan (store/plan_statement.py)."""


async def find_fields(
    connection: AsyncConnection,
    cipher: Cipher | None,
    client_ids: Sequence[UUID],
    names: Collection[str],
) -> Mapping[UUID, Mapping[str, Json]]:
    """Return the values of the named fields for each client; what is not known is left out.

    A name is opened for those alone whose content says it.
    """
    if not client_ids or not names:
        return {}
    rows = await connection.execute(_FIELDS, {"ids": list(client_ids)})
    return {row.id: _read(cipher, row, names) for row in rows}


def _read(
    cipher: Cipher | None, row: Row[tuple[object, ...]], names: Collection[str]
) -> Mapping[str, Json]:
    known: dict[str, Json] = {
        "manager": row.manager,
        "stage": row.stage,
        "risk_level": row.risk_level,
        "instruments": list(row.instruments),
    }
    if "name" in names and cipher and row.name_enc:
        known["name"] = _open(cipher, row.name_enc, row.id)
    return {name: value for name, value in known.items() if name in names and value}


def _open(cipher: Cipher, cell: bytes, client_id: UUID) -> str | None:
    try:
        return cipher.open_text(cell, table="client", column="name_enc", row=client_id)
    except CellDamaged:
        return None


_FIELDS = text("""
SELECT id, name_enc, manager, stage, risk_level, instruments FROM client
WHERE id = ANY(CAST(:ids AS uuid[]))
""")
