"""How far tickets are, for the assistant to tell their client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.machine import PUBLIC_STATUS
from store import ticket
from store.engine import Database


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a ticket is, as its client may know it."""

    number: str
    title: str
    status_zh: str
    status_en: str
    opened_at: datetime
    promised_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketProgress:
    """Tells clients of their tickets: the conversation's, and once proved all of the client's."""

    database: Database

    async def find_progress(
        self, conversation_id: UUID, *, client_id: UUID | None, number: str | None
    ) -> list[Progress]:
        """Return the newest five, or the one of this number if it is theirs."""
        async with self.database.transaction() as connection:
            rows = await ticket.find_progress(
                connection, conversation_id, client_id=client_id, number=number
            )
        return [
            Progress(
                row.number, row.title, *PUBLIC_STATUS[row.state], row.opened_at, row.promised_at
            )
            for row in rows
        ]
