"""What a file says of clients, written into the book as a set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import orjson
from sqlalchemy import text

from kernel.ids import new_id
from store import book_address, consent
from store.book_address import Told
from store.cipher import Cipher
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row says of a client; None is what it does not say. Money is yuan.

    `marketing` is the client's word on marketing, `yes` or `no`.
    """

    client_no: str
    name: str | None = None
    phone: str | None = None
    risk_level: str | None = None
    suitability_valid_until: date | None = None
    investor_class: str | None = None
    stage: str | None = None
    manager: str | None = None
    timezone: str | None = None
    email: str | None = None
    marketing: str | None = None
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


@dataclass(frozen=True, slots=True)
class Written:
    """How many clients are new, and how many addresses were not kept: they are another client's."""

    made: int
    taken: int


async def count_known(connection: Connection, cipher: Cipher, numbers: Sequence[str]) -> int:
    """Return how many of these numbers belong to clients that are known already."""
    hashes = [cipher.blind("client_no", one) for one in numbers]
    found: int = (await connection.execute(_KNOWN, {"hashes": hashes})).scalar_one()
    return found


async def write(
    connection: Connection, cipher: Cipher, entries: Sequence[Entry], *, source: str
) -> Written:
    """Write entries into the book, in a handful of statements.

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
    places = [Told(id_, one.phone, one.email) for id_, one in told.items()]
    taken = await book_address.record(connection, places)
    words = {id_: one.marketing for id_, one in told.items() if one.marketing}
    await consent.record_book(connection, words, category=consent.MARKETING, source=source)
    return Written(made, taken)


def _client_columns(cipher: Cipher, told: Mapping[UUID, Entry]) -> dict[str, object]:
    def seal(value: str | None, column: str, row: UUID) -> bytes | None:
        return (value and cipher.seal_text(value, table="client", column=column, row=row)) or None

    return {
        "ids": list(told),
        "names": [seal(one.name, "name_enc", id_) for id_, one in told.items()],
        "phones": [seal(one.phone, "phone_enc", id_) for id_, one in told.items()],
        "hashes": [one.phone and cipher.blind("phone", one.phone) for one in told.values()],
        "instruments": [
            None if one.instruments is None else orjson.dumps(one.instruments).decode()
            for one in told.values()
        ],
        **{name: [getattr(one, name) for one in told.values()] for name in _PLAIN},
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
_PLAIN = "risk_level suitability_valid_until investor_class stage manager timezone".split()
_CLIENTS = text(f"""
UPDATE client SET name_enc = COALESCE(told.name, name_enc),
  phone_enc = COALESCE(told.phone, phone_enc), phone_hash = COALESCE(told.hash, phone_hash),
  instruments = COALESCE((SELECT array_agg(word) FROM jsonb_array_elements_text(
    CAST(told.instruments AS jsonb)) AS word), client.instruments),
  {", ".join(f"{one} = COALESCE(told.{one}, client.{one})" for one in _PLAIN)}
FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS bytea[]), CAST(:phones AS bytea[]),
  CAST(:hashes AS bytea[]), CAST(:instruments AS text[]), CAST(:risk_level AS text[]),
  CAST(:suitability_valid_until AS date[]), CAST(:investor_class AS text[]),
  CAST(:stage AS text[]), CAST(:manager AS text[]), CAST(:timezone AS text[]))
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
