"""How many messages of a category a client was sent today, by the clock on the client's wall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection


async def count_today(
    connection: Connection, told: Sequence[tuple[UUID, str]], at: datetime
) -> dict[tuple[UUID, str], int]:
    """Return how many messages these clients were sent of these categories on the day of `at`."""
    rows = await connection.execute(_COUNT, _to_columns(told) | {"at": at})
    return {(row.client_id, row.category): row.n for row in rows}


async def record_told(
    connection: Connection, told: Sequence[tuple[UUID, str]], at: datetime
) -> None:
    """Count messages to clients, one for each pair of client and category."""
    if told:
        await connection.execute(_RECORD, _to_columns(told) | {"at": at})


def _to_columns(told: Sequence[tuple[UUID, str]]) -> dict[str, object]:
    return {
        "clients": [client_id for client_id, _ in told],
        "categories": [category for _, category in told],
    }


_TOLD = """
SELECT client.id AS client_id, told.category, count(*) AS n,
  CAST(CAST(:at AS timestamptz) AT TIME ZONE client.timezone AS date) AS day
FROM unnest(CAST(:clients AS uuid[]), CAST(:categories AS text[])) AS told (client_id, category)
JOIN client ON client.id = told.client_id
GROUP BY client.id, told.category, client.timezone
"""
_COUNT = text(f"""
SELECT counted.client_id, counted.category, counted.n FROM ({_TOLD}) AS wanted
JOIN contact_count AS counted USING (client_id, category, day)
""")  # noqa: S608  (constants of this file)
_RECORD = text(f"""
INSERT INTO contact_count (client_id, category, day, n)
SELECT client_id, category, day, n FROM ({_TOLD}) AS told ORDER BY client_id, category
ON CONFLICT (client_id, category, day) DO UPDATE SET n = contact_count.n + EXCLUDED.n
""")  # noqa: S608
