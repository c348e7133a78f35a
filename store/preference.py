"""Which channel a client wants for which kind of message: as they said, or as we learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Preference:
    """A channel's weight for a kind of message; below 0 the client does not want it there."""

    category: str
    channel: str
    weight: int
    origin: str


async def find(connection: Connection, client_id: UUID) -> list[Preference]:
    """Return a client's preferences, the most wanted channel of each kind of message first."""
    rows = await connection.execute(_FIND, {"client": client_id})
    return [Preference(*row) for row in rows]


async def record_stated(
    connection: Connection, client_id: UUID, category: str, weights: Mapping[str, int]
) -> None:
    """Keep what a client states of a kind of message; it takes the place of all before.

    With no weights the statement is withdrawn, and what is learnt counts again.
    """
    await connection.execute(_CLEAR, {"client": client_id, "category": category})
    parameters = {
        "client": client_id,
        "category": category,
        "channels": list(weights),
        "weights": list(weights.values()),
    }
    await connection.execute(_STATE, parameters)


_FIND = text("""
SELECT category, channel, weight, origin FROM preference WHERE client_id = :client
ORDER BY category, weight DESC, channel
""")
_CLEAR = text("DELETE FROM preference WHERE client_id = :client AND category = :category")
_STATE = text("""
INSERT INTO preference (client_id, category, channel, weight, origin)
SELECT :client, :category, stated.channel, stated.weight, 'stated'
FROM unnest(CAST(:channels AS text[]), CAST(:weights AS integer[])) AS stated(channel, weight)
""")
