"""What staff outside of the console are told of tickets: that one is new, that one is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Alarm:
    """A ticket without anything of its client."""

    id: UUID
    number: str
    priority: str
    reason: str
    promised_at: datetime | None


async def find_alarms(connection: Connection, ticket_ids: Sequence[UUID]) -> list[Alarm]:
    """Return these tickets, oldest first."""
    rows = await connection.execute(_FIND, {"tickets": list(ticket_ids)})
    return [Alarm(*row) for row in rows]


async def find_late(connection: Connection, topic: str, limit: int = 200) -> list[Alarm]:
    """Return the tickets whose promise has passed unanswered and of which nobody was told.

    Promises of more than a day ago are left: who switches a robot on hears of today.
    """
    rows = await connection.execute(_LATE, {"topic": topic, "limit": limit})
    return [Alarm(*row) for row in rows]


_COLUMNS = "ticket.id, ticket.number, ticket.priority, ticket.reason, ticket.promised_at"
_FIND = text(f"SELECT {_COLUMNS} FROM ticket WHERE id = ANY(:tickets) ORDER BY opened_at")  # noqa: S608
_LATE = text(f"""
SELECT {_COLUMNS} FROM ticket
WHERE state NOT IN ('resolved','closed') AND answered_at IS NULL
  AND promised_at BETWEEN now() - interval '1 day' AND now()
  AND NOT EXISTS (SELECT 1 FROM staff_notice
    WHERE topic = :topic AND source_key = CAST(ticket.id AS text))
ORDER BY promised_at LIMIT :limit
""")  # noqa: S608  (constants of this file)
