"""Numbers that a client can read out on the phone."""

from __future__ import annotations

from sqlalchemy import text

from store.engine import Connection


async def claim(connection: Connection) -> str:
    """Return a new ticket number, e.g. `T261122-0042`: the day in China and a running number."""
    number: str = (await connection.execute(_NEXT)).scalar_one()
    return number


_NEXT = text(
    "SELECT 'T' || to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYMMDD') || '-' || "
    "lpad(CAST(nextval('ticket_number_seq') AS text), 4, '0')"
)
