"""Files of clients: kept sealed while they are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, Text, text

from kernel.ids import new_id
from store.cipher import Cipher
from store.engine import Connection
from store.tables.client_event import client_import

TABLE = "client_import"


@dataclass(frozen=True, slots=True)
class Import:
    """A file of clients that `person` handed in; of `rows` under the header `good` can be taken."""

    id: UUID
    person_id: UUID
    person: str
    file_name: str
    mapping: Mapping[str, str]
    state: str
    rows: int
    good: int
    at: datetime
    ended_at: datetime | None


async def record(
    connection: Connection, cipher: Cipher, file: bytes, *, person_id: UUID, file_name: str
) -> UUID:
    """Keep a file that is to be looked at."""
    import_id = new_id()
    sealed = cipher.seal(file, table=TABLE, column="file_enc", row=import_id)
    parameters = {"id": import_id, "person": person_id, "name": file_name, "file": sealed}
    await connection.execute(_RECORD, parameters)
    return import_id


async def find(connection: Connection, import_id: UUID) -> Import | None:
    """Return an import, locked until the transaction ends, or None."""
    row = (await connection.execute(_FIND, {"id": import_id})).mappings().one_or_none()
    return Import(**row) if row else None


async def find_newest(connection: Connection, limit: int = 50) -> list[Import]:
    """Return the newest imports, newest first."""
    rows = await connection.execute(_NEWEST, {"limit": limit})
    return [Import(**row) for row in rows.mappings()]


async def find_file(connection: Connection, cipher: Cipher, import_id: UUID) -> bytes:
    """Return the file; nothing once the import has ended."""
    return await _open(connection, cipher, import_id, "file_enc")


async def find_errors(connection: Connection, cipher: Cipher, import_id: UUID) -> bytes:
    """Return the list of rows that cannot be taken, as it was made by the last check."""
    return await _open(connection, cipher, import_id, "errors_enc")


async def record_checked(
    connection: Connection,
    cipher: Cipher,
    found: Import,
    errors: bytes,
) -> None:
    """Keep what a dry run found: the mapping, the counts and the list of errors."""
    sealed = cipher.seal(errors, table=TABLE, column="errors_enc", row=found.id)
    parameters = {
        "id": found.id,
        "mapping": orjson.dumps(found.mapping).decode(),
        "rows": found.rows,
        "good": found.good,
        "errors": sealed,
    }
    await connection.execute(_CHECKED, parameters)


async def record_ended(connection: Connection, import_id: UUID, state: str) -> None:
    """Note that a file was imported or cancelled; the file itself is not kept any longer."""
    await connection.execute(_ENDED, {"id": import_id, "state": state})


async def _open(connection: Connection, cipher: Cipher, import_id: UUID, column: str) -> bytes:
    row: RowMapping = (await connection.execute(_CELLS, {"id": import_id})).mappings().one()
    cell = row[column]
    return cipher.open(cell, table=TABLE, column=column, row=import_id) if cell else b""


_COLUMNS = "id person_id file_name mapping state rows good at ended_at".split()
_TYPED = [client_import.c[name] for name in _COLUMNS]
_RECORD = text("""
INSERT INTO client_import (id, person_id, file_name, mapping, file_enc)
VALUES (:id, :person, :name, '{}', :file)
""")
_SELECT = (
    f"SELECT {', '.join(f'client_import.{one}' for one in _COLUMNS)}, person.name AS person "  # noqa: S608
    "FROM client_import JOIN person ON person.id = person_id "
)
_FIND = text(_SELECT + "WHERE client_import.id = :id FOR UPDATE OF client_import").columns(
    *_TYPED, person=Text
)
_NEWEST = text(_SELECT + "ORDER BY at DESC LIMIT :limit").columns(*_TYPED, person=Text)
_CELLS = text("SELECT file_enc, errors_enc FROM client_import WHERE id = :id")
_CHECKED = text("""
UPDATE client_import SET mapping = CAST(:mapping AS jsonb), rows = :rows, good = :good,
  errors_enc = :errors
WHERE id = :id
""")
_ENDED = text("""
UPDATE client_import SET state = :state, file_enc = '', ended_at = clock_timestamp(),
  errors_enc = CASE WHEN :state = 'imported' THEN errors_enc END
WHERE id = :id
""")
