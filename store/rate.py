"""How many messages a second channels may send, as far as somebody has said so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from store.engine import Connection


async def find_rate(connection: Connection, channels: Sequence[str]) -> float | None:
    """Return what all accounts of these channels may send a second; None if none is limited."""
    found = await connection.execute(_RATE, {"channels": list(channels)})
    rate: float | None = found.scalar_one()
    return rate


_RATE = text(
    "SELECT sum(CAST(per_second AS double precision)) FROM throttle WHERE channel = ANY(:channels) "
    "AND per_second < 1000000"
)
