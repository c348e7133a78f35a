"""Runs of journeys that stand where they could not be walked: shown, tried again, or ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import RowMapping, text

from store.cipher import Cipher
from store.client import open_cells
from store.engine import Connection


class Key(NamedTuple):
    """Which of a version's runs: whose, and what let them in."""

    client_id: UUID
    entry_key: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A run that stands at a step, why, and when it is tried again; the client in clear."""

    key: Key
    client_no: str
    name: str | None
    step: str
    trouble: str
    entered_at: datetime
    due_at: datetime


async def find(
    connection: Connection, cipher: Cipher, journey_id: UUID, *, limit: int
) -> list[Standing]:
    """Return the first of a version's runs that stand, in the order of their clients."""
    parameters = {"journey": journey_id, "limit": limit}
    rows = (await connection.execute(_FIND, parameters)).mappings()
    return [_read(cipher, row) for row in rows]


async def count(connection: Connection, journey_id: UUID) -> int:
    """Return how many runs of a version stand."""
    found: int = (await connection.execute(_COUNT, {"journey": journey_id})).scalar_one()
    return found


async def retry(
    connection: Connection, journey_id: UUID, keys: Sequence[Key], now: datetime
) -> int:
    """Let runs that stand be walked now; return how many there were."""
    parameters = _columns(journey_id, keys) | {"now": now}
    return (await connection.execute(_RETRY, parameters)).rowcount


async def end(
    connection: Connection, journey_id: UUID, keys: Sequence[Key], *, outcome: str, now: datetime
) -> int:
    """End runs that stand; return how many there were. Others are on their way and stay there."""
    parameters = _columns(journey_id, keys) | {"now": now, "outcome": outcome}
    return (await connection.execute(_END, parameters)).rowcount


def _read(cipher: Cipher, row: RowMapping) -> Standing:
    cells = open_cells(cipher, row)
    return Standing(
        Key(row["id"], row["entry_key"]),
        cells["client_no"],
        cells["name"],
        **{name: row[name] for name in ("step", "trouble", "entered_at", "due_at")},
    )


def _columns(journey_id: UUID, keys: Sequence[Key]) -> dict[str, Any]:
    ordered = sorted(set(keys))
    return {
        "journey": journey_id,
        "clients": [one.client_id for one in ordered],
        "keys": [one.entry_key for one in ordered],
    }


_FIND = text("""
SELECT client.id, client_no_enc, name_enc, phone_enc, entry_key, step, trouble, entered_at, due_at
FROM journey_run JOIN client ON client.id = client_id
WHERE journey_id = :journey AND trouble IS NOT NULL AND state = 'waiting'
ORDER BY client_id, entry_key LIMIT :limit
""")
_COUNT = text("""
SELECT count(*) FROM journey_run
WHERE journey_id = :journey AND trouble IS NOT NULL AND state = 'waiting'
""")
_CHOSEN = """
WITH chosen AS (
  SELECT journey_id, client_id, entry_key FROM journey_run
  WHERE journey_id = :journey AND trouble IS NOT NULL AND state = 'waiting'
    AND (client_id, entry_key) IN (
      SELECT * FROM unnest(CAST(:clients AS uuid[]), CAST(:keys AS text[])))
  ORDER BY client_id, entry_key FOR NO KEY UPDATE
)
UPDATE journey_run AS run SET {changes}
FROM chosen WHERE run.journey_id = chosen.journey_id AND run.client_id = chosen.client_id
  AND run.entry_key = chosen.entry_key
"""
_RETRY = text(_CHOSEN.format(changes="due_at = :now"))
_END = text(
    _CHOSEN.format(
        changes="state = 'ended', outcome = :outcome, ended_at = :now, due_at = NULL, "
        "awaits = NULL, trouble = NULL"
    )
)
