"""Files of clients: kept sealed while they are looked at, and written into the book as a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
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


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row says of a client; None is what it does not say. Money is yuan."""

    client_no: str
    name: str | None = None
    phone: str | None = None
    risk_level: str | None = None
    suitability_valid_until: date | None = None
    investor_class: str | None = None
    stage: str | None = None
    manager: str | None = None
    instruments: tuple[str, ...] | None = None
    tags: tuple[str, ...] = field(default_factory=tuple)
    assets: Decimal | None = None
    trades_90d: int | None = None
    turnover_90d: Decimal | None = None
    complaints_90d: int | None = None
    opened_at: datetime | None = None
    first_deposit_at: datetime | None = None
    last_trade_at: datetime | None = None
    last_active_at: datetime | None = None


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


async def count_known(connection: Connection, cipher: Cipher, numbers: Sequence[str]) -> int:
    """Return how many of these numbers belong to clients that are known already."""
    hashes = [cipher.blind("client_no", one) for one in numbers]
    found: int = (await connection.execute(_KNOWN, {"hashes": hashes})).scalar_one()
    return found


async def write(
    connection: Connection, cipher: Cipher, entries: Sequence[Entry], *, source: str
) -> int:
    """Write entries into the book, in a handful of statements; return how many clients are new.

    What an entry does not say stays as it was. A number that was merged into another client is
    that client's. Each number may be there once.
    """
    hashes = [cipher.blind("client_no", one.client_no) for one in entries]
    ids = [new_id() for _ in entries]
    sealed = [
        cipher.seal_text(one.client_no, table="client", column="client_no_enc", row=id_)
        for one, id_ in zip(entries, ids, strict=True)
    ]
    parameters: dict[str, object] = {"ids": ids, "hashes": hashes, "numbers": sealed}
    made = (await connection.execute(_MAKE, parameters)).rowcount
    rows = await connection.execute(_IDS, {"hashes": hashes})
    owners: dict[bytes, UUID] = {bytes(row.hash): row.id for row in rows}
    # Two numbers of one merged client are one row: the last in the file says what holds.
    told = {owners[key]: one for key, one in zip(hashes, entries, strict=True)}
    await connection.execute(_CLIENTS, _client_columns(cipher, told))
    await connection.execute(_FIGURES, _figure_columns(told))
    await connection.execute(_TAGS, _tag_columns(told) | {"source": source})
    return made


def _client_columns(cipher: Cipher, told: Mapping[UUID, Entry]) -> dict[str, object]:
    def seal(value: str | None, column: str, row: UUID) -> bytes | None:
        return (value and cipher.seal_text(value, table="client", column=column, row=row)) or None

    plain = "risk_level suitability_valid_until investor_class stage manager".split()
    return {
        "ids": list(told),
        "names": [seal(one.name, "name_enc", id_) for id_, one in told.items()],
        "phones": [seal(one.phone, "phone_enc", id_) for id_, one in told.items()],
        "hashes": [one.phone and cipher.blind("phone", one.phone) for one in told.values()],
        "instruments": [
            None if one.instruments is None else orjson.dumps(one.instruments).decode()
            for one in told.values()
        ],
        **{name: [getattr(one, name) for one in told.values()] for name in plain},
    }


def _figure_columns(told: Mapping[UUID, Entry]) -> dict[str, object]:
    """Return what entries say of figures; who has none is left out."""
    chosen = {
        id_: one
        for id_, one in told.items()
        if any(getattr(one, name) is not None for name in _FIGURE_NAMES)
    }
    columns = {name: [getattr(one, name) for one in chosen.values()] for name in _FIGURE_NAMES}
    return {"ids": list(chosen), **columns}


def _tag_columns(told: Mapping[UUID, Entry]) -> dict[str, object]:
    pairs = [(id_, tag) for id_, one in told.items() for tag in one.tags]
    return {"ids": [id_ for id_, _ in pairs], "tags": [tag for _, tag in pairs]}


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
_KNOWN = text("SELECT count(*) FROM client WHERE client_no_hash = ANY(CAST(:hashes AS bytea[]))")
_MAKE = text("""
INSERT INTO client (id, client_no_hash, client_no_enc)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:hashes AS bytea[]), CAST(:numbers AS bytea[]))
  AS made(id, hash, number) ORDER BY hash
ON CONFLICT (client_no_hash) DO NOTHING
""")
_IDS = text("""
SELECT client_no_hash AS hash, COALESCE(merged_into, id) AS id FROM client
WHERE client_no_hash = ANY(CAST(:hashes AS bytea[]))
""")
_PLAIN = "risk_level suitability_valid_until investor_class stage manager".split()
_CLIENTS = text(f"""
UPDATE client SET name_enc = COALESCE(told.name, name_enc),
  phone_enc = COALESCE(told.phone, phone_enc), phone_hash = COALESCE(told.hash, phone_hash),
  instruments = COALESCE((SELECT array_agg(word) FROM jsonb_array_elements_text(
    CAST(told.instruments AS jsonb)) AS word), client.instruments),
  {", ".join(f"{one} = COALESCE(told.{one}, client.{one})" for one in _PLAIN)}
FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS bytea[]), CAST(:phones AS bytea[]),
  CAST(:hashes AS bytea[]), CAST(:instruments AS text[]), CAST(:risk_level AS text[]),
  CAST(:suitability_valid_until AS date[]), CAST(:investor_class AS text[]),
  CAST(:stage AS text[]), CAST(:manager AS text[]))
  AS told(id, name, phone, hash, instruments, {", ".join(_PLAIN)})
WHERE client.id = told.id
""")  # noqa: S608  (constants)
_FIGURE_TYPES = {
    "assets": "numeric", "trades_90d": "integer", "turnover_90d": "numeric",
    "complaints_90d": "integer", "opened_at": "timestamptz", "first_deposit_at": "timestamptz",
    "last_trade_at": "timestamptz", "last_active_at": "timestamptz",
}  # fmt: skip
_FIGURE_NAMES = tuple(_FIGURE_TYPES)
_BASES = {"base_trades": "trades_90d", "base_turnover": "turnover_90d",
          "base_complaints": "complaints_90d"}  # fmt: skip
_COUNTED = """
  SELECT count(*) FILTER (WHERE type = 'order_filled') AS trades_90d,
    COALESCE(sum(CAST(figures->>'amount_fen' AS numeric)) FILTER (WHERE type = 'order_filled'), 0)
      / 100 AS turnover_90d,
    count(*) FILTER (WHERE type = 'complaint') AS complaints_90d
  FROM client_event WHERE client_event.client_id = told.id AND state = 'handled'
    AND at > now() - interval '90 days'"""


def _base(name: str) -> str:
    """Return SQL for what the events do not account for of an imported counter."""
    return f"CASE WHEN told.{name} IS NOT NULL THEN GREATEST(0, told.{name} - counted.{name}) END"


_FIGURES = text(f"""
INSERT INTO client_figure AS old (client_id, assets, trades_90d, turnover_90d, complaints_90d,
  opened_at, first_deposit_at, last_trade_at, last_active_at, assets_at, {", ".join(_BASES)},
  base_at)
SELECT told.id, told.assets, COALESCE(told.trades_90d, 0), COALESCE(told.turnover_90d, 0),
  COALESCE(told.complaints_90d, 0), told.opened_at, told.first_deposit_at, told.last_trade_at,
  told.last_active_at, CASE WHEN told.assets IS NOT NULL THEN now() END,
  {", ".join(_base(one) for one in _BASES.values())}, now()
FROM unnest(CAST(:ids AS uuid[]),
  {", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _FIGURE_TYPES.items())})
  AS told(id, {", ".join(_FIGURE_NAMES)})
CROSS JOIN LATERAL ({_COUNTED}) AS counted
ORDER BY told.id
ON CONFLICT (client_id) DO UPDATE SET
  assets = COALESCE(EXCLUDED.assets, old.assets),
  assets_at = COALESCE(EXCLUDED.assets_at, old.assets_at),
  {
    ", ".join(
        f"{one} = CASE WHEN EXCLUDED.{base} IS NULL THEN old.{one} ELSE EXCLUDED.{one} END, "
        f"{base} = COALESCE(EXCLUDED.{base}, old.{base})"
        for base, one in _BASES.items()
    )
},
  base_at = CASE WHEN EXCLUDED.base_trades IS NULL AND EXCLUDED.base_turnover IS NULL
    AND EXCLUDED.base_complaints IS NULL THEN old.base_at ELSE EXCLUDED.base_at END,
  opened_at = COALESCE(EXCLUDED.opened_at, old.opened_at),
  first_deposit_at = COALESCE(EXCLUDED.first_deposit_at, old.first_deposit_at),
  last_trade_at = GREATEST(EXCLUDED.last_trade_at, old.last_trade_at),
  last_active_at = GREATEST(EXCLUDED.last_active_at, old.last_active_at), updated_at = now()
""")  # noqa: S608  (constants)
_TAGS = text("""
INSERT INTO client_tag (client_id, tag, source)
SELECT told.id, told.tag, :source
FROM unnest(CAST(:ids AS uuid[]), CAST(:tags AS text[])) AS told(id, tag)
ON CONFLICT DO NOTHING
""")
