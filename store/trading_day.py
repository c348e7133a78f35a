"""Days on which an exchange's hours differ from its usual week, as operators imported them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from store.engine import Connection


@dataclass(frozen=True, slots=True)
class TradingDay:
    """One day of an exchange: its sessions as “09:00-10:15”, none on a holiday, and who says so."""

    exchange: str
    day: date
    sessions: tuple[str, ...]
    source: str


async def record_many(connection: Connection, days: Sequence[TradingDay]) -> int:
    """Write days, newer words over older ones; return how many."""
    if not days:
        return 0
    parameters: Mapping[str, object] = {
        "exchanges": [one.exchange for one in days],
        "days": [one.day for one in days],
        "sessions": ["\n".join(one.sessions) for one in days],
        "sources": [one.source for one in days],
    }
    return (await connection.execute(_RECORD, parameters)).rowcount


async def find_all(connection: Connection, since: date) -> list[TradingDay]:
    """Return every imported day from `since` on."""
    rows = await connection.execute(_ALL, {"since": since})
    return [TradingDay(row.exchange, row.day, tuple(row.sessions), row.source) for row in rows]


_RECORD = text("""
INSERT INTO trading_day (exchange, day, sessions, source)
SELECT exchange, day, to_jsonb(string_to_array(sessions, E'\\n')), source
FROM unnest(CAST(:exchanges AS text[]), CAST(:days AS date[]), CAST(:sessions AS text[]),
  CAST(:sources AS text[])) AS given (exchange, day, sessions, source)
ON CONFLICT (exchange, day) DO UPDATE SET sessions = EXCLUDED.sessions, source = EXCLUDED.source
""")
_ALL = text("""
SELECT exchange, day, sessions, source FROM trading_day WHERE day >= :since ORDER BY exchange, day
""")
