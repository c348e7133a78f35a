"""Whether anything that cannot wait is on its way, for those who can."""

from __future__ import annotations

from sqlalchemy import text

from store.client_event import URGENT_TYPES
from store.engine import Connection


async def is_on_its_way(connection: Connection) -> bool:
    """Tell whether a critical event, notice or message of the last minute is to be dealt with.

    What is older is stuck somewhere, and nobody shall wait for it.
    """
    found: bool = (await connection.execute(_ON_ITS_WAY)).scalar_one()
    return found


_ON_ITS_WAY = text(f"""
SELECT EXISTS (SELECT 1 FROM client_event WHERE state = 'new' AND type IN ({URGENT_TYPES})
    AND received_at > now() - interval '1 minute')
  OR EXISTS (SELECT 1 FROM notice WHERE urgency = 'critical'
    AND due_at BETWEEN now() - interval '1 minute' AND now())
  OR EXISTS (SELECT 1 FROM queue WHERE lane = 'critical' AND lease_until IS NULL
    AND not_before BETWEEN now() - interval '1 minute' AND now())
""")  # noqa: S608  (constants)
