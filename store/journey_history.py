"""What happened to clients since a day, for trying a journey on it without doing anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from store.client_event import ClientEvent
from store.engine import Connection


async def find_history(
    connection: Connection, types: Sequence[str], since: datetime, limit: int
) -> list[ClientEvent]:
    """Return up to `limit` events of these types since a moment, client by client, in order."""
    parameters = {"types": list(types), "since": since, "limit": limit}
    return [ClientEvent(*row) for row in await connection.execute(_HISTORY, parameters)]


_HISTORY = text("""
SELECT id, client_id, type, figures, at, source, source_key FROM client_event
WHERE type = ANY(CAST(:types AS text[])) AND at >= :since AND client_id IS NOT NULL
ORDER BY client_id, at, id LIMIT :limit
""")
