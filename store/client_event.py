"""What the broker's systems told of clients: kept once, handed out once, never dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text

from kernel.ids import new_id
from kernel.masking import show_number
from kernel.message import Json
from store.cipher import Cipher
from store.engine import Connection
from store.tables.client_event import client_event as table

URGENT = ("forced_liquidation", "margin_usage", "risk_ratio")
"""Types that are handled before all others; `ix_client_event_urgent` holds them."""
URGENT_MOST = 200
"""Urgent events of one batch: the first of a storm is called for while the rest is handled."""


@dataclass(frozen=True, slots=True)
class Report:
    """An event as a system reports it, checked; `is_known` says whether its type is."""

    key: str
    client_no: str
    type: str
    at: datetime
    figures: Mapping[str, Json]
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """An event of a client whom we know."""

    id: UUID
    client_id: UUID
    type: str
    figures: Mapping[str, Json]
    at: datetime
    source: str
    source_key: str


async def record_many(
    connection: Connection, cipher: Cipher, source: str, reports: Sequence[Report]
) -> dict[str, str]:
    """Keep reports once each, in one statement; return the state of each new one by its key.

    `new`, `unknown_client` or `unknown_type`; a key that is not there had come before.
    """
    ordered = sorted({one.key: one for one in reversed(reports)}.values(), key=lambda one: one.key)
    if not ordered:
        return {}
    parameters = {
        "source": source,
        "ids": [new_id() for _ in ordered],
        "keys": [one.key for one in ordered],
        "hashes": [cipher.blind("client_no", one.client_no) for one in ordered],
        "types": [one.type for one in ordered],
        "figures": [orjson.dumps(one.figures).decode() for one in ordered],
        "ats": [one.at for one in ordered],
        "known": [one.is_known for one in ordered],
        "shown": [show_number(one.client_no) for one in ordered],
    }
    rows = await connection.execute(_RECORD, parameters)
    return {row.source_key: row.state for row in rows}


async def claim(connection: Connection, limit: int) -> list[ClientEvent]:
    """Take the next events and mark them handled; of one client they come in order of `at`.

    What is urgent comes first, alone and by few, so that it waits for nothing else. Whoever claims
    locks the events' clients, so that a client's events are with one worker at a time; if the
    transaction is rolled back nothing was claimed.
    """
    rows = (await connection.execute(_CLAIM, {"limit": limit})).all()
    return [ClientEvent(*row) for row in rows]


async def record_failed(connection: Connection, event_id: UUID, reason: str) -> None:
    """Set an event aside that no handler can take, for a person to look at."""
    await connection.execute(_FAIL, {"id": event_id, "reason": reason[:500]})


async def readmit(connection: Connection, types: Sequence[str], limit: int = 5000) -> int:
    """Make kept events new again whose client or type is known by now; return how many."""
    found = await connection.execute(_READMIT, {"types": list(types), "limit": limit})
    return found.rowcount


_RECORD = text("""
INSERT INTO client_event (id, source, source_key, client_no_hash, client_id, shown, type, figures,
                          at, state)
SELECT told.id, :source, told.key, told.hash, COALESCE(client.merged_into, client.id),
  CASE WHEN client.id IS NULL THEN told.shown END, told.type,
  CAST(told.figures AS jsonb), told.at, CASE WHEN NOT told.known THEN 'unknown_type'
    WHEN client.id IS NULL THEN 'unknown_client' ELSE 'new' END
FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[]), CAST(:hashes AS bytea[]),
  CAST(:types AS text[]), CAST(:figures AS text[]), CAST(:ats AS timestamptz[]),
  CAST(:known AS boolean[]), CAST(:shown AS text[]))
  AS told(id, key, hash, type, figures, at, known, shown)
LEFT JOIN client ON client.client_no_hash = told.hash
ORDER BY told.key
ON CONFLICT (source, source_key) DO NOTHING
RETURNING source_key, state
""")
"""Keys are taken in one order, so that two systems that repeat each other do not deadlock."""

URGENT_TYPES = ",".join(f"'{one}'" for one in URGENT)
_CLAIM = text(f"""
WITH urgent AS MATERIALIZED (
  SELECT id, client_id FROM client_event
  WHERE state = 'new' AND type IN ({URGENT_TYPES}) ORDER BY id LIMIT LEAST(:limit, {URGENT_MOST})
), due AS MATERIALIZED (
  SELECT id, client_id FROM urgent UNION ALL
  (SELECT id, client_id FROM client_event WHERE state = 'new' AND type NOT IN ({URGENT_TYPES})
   AND NOT EXISTS (SELECT 1 FROM urgent) ORDER BY id LIMIT :limit)
), owner AS MATERIALIZED (
  SELECT id FROM client WHERE id IN (SELECT client_id FROM due)
  FOR NO KEY UPDATE SKIP LOCKED
), mine AS MATERIALIZED (
  SELECT client_event.id FROM client_event JOIN due ON due.id = client_event.id
  JOIN owner ON owner.id = due.client_id
  WHERE client_event.state = 'new' FOR UPDATE OF client_event SKIP LOCKED
), taken AS (
  UPDATE client_event SET state = 'handled', handled_at = clock_timestamp(), reason = NULL
  FROM mine WHERE client_event.id = mine.id
  RETURNING client_event.id, client_event.client_id, client_event.type, client_event.figures,
    client_event.at, client_event.source, client_event.source_key
)
SELECT * FROM taken ORDER BY at, id
""").columns(  # noqa: S608  (constants)
    *(table.c[name] for name in "id client_id type figures at source source_key".split())
)
_FAIL = text("""
UPDATE client_event SET state = 'failed', reason = :reason, handled_at = NULL
WHERE id = :id AND state = 'new'
""")
_READMIT = text("""
WITH ready AS (
  SELECT client_event.id, COALESCE(client.merged_into, client.id) AS client_id FROM client_event
  JOIN client ON client.client_no_hash = client_event.client_no_hash
  WHERE client_event.state IN ('unknown_client','unknown_type')
    AND client_event.type = ANY(CAST(:types AS text[]))
  ORDER BY client_event.id LIMIT :limit FOR UPDATE OF client_event SKIP LOCKED
)
UPDATE client_event SET state = 'new', client_id = ready.client_id, shown = NULL, reason = NULL
FROM ready WHERE client_event.id = ready.id
""")
