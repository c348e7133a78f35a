"""The lists of tickets, and a ticket as the desk's screens read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from kernel.errors import InvalidInput, NotFound
from kernel.machine import PUBLIC_STATUS
from kernel.masking import show_name
from kernel.message import Json
from store import ticket_view
from store.cipher import Cipher
from store.engine import Database
from store.staff import Person
from store.ticket_view import TicketRow, Viewer

VIEWS = ("queue", "mine", "all", "resolved")
PAGE_LIMIT = 100
PREVIEW = 120


@dataclass(frozen=True, slots=True)
class Page:
    """Tickets of a view, and how many wait and how many are this person's."""

    rows: Sequence[TicketRow]
    queue: int
    mine: int


@dataclass(frozen=True, slots=True)
class Detail:
    """A ticket and why it came to people."""

    row: TicketRow
    handover: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Queue:
    """Reads tickets for a person; what the person may not see is not there."""

    database: Database
    cipher: Cipher

    async def find_page(
        self, person: Person, view: str, *, limit: int, before: UUID | None
    ) -> Page:
        """Return a page of a view.

        Raises:
            InvalidInput: there is no such view.
        """
        if view not in VIEWS:
            raise InvalidInput(f"view is one of {', '.join(VIEWS)}.", zh="没有这个视图。")
        viewer = Viewer(person.id, person.sees_all, person.sees_queue)
        limit = min(max(limit, 1), PAGE_LIMIT)
        async with self.database.transaction() as connection:
            rows = await ticket_view.find_page(
                connection, self.cipher, viewer, view=view, limit=limit, before=before
            )
            queue, mine = await ticket_view.count(connection, viewer)
        return Page(rows, queue, mine)

    async def access_ticket_for(self, person: Person, ticket_id: UUID) -> Detail:
        """Return a ticket if this person may see it.

        Raises:
            NotFound: there is none, or it is not theirs to see.
        """
        viewer = Viewer(person.id, person.sees_all, person.sees_queue)
        async with self.database.transaction() as connection:
            row = await ticket_view.find(connection, self.cipher, viewer, ticket_id)
            if row is None:
                raise NotFound("There is no such ticket.", zh="没有这张工单。")
            handover = await ticket_view.find_handover(connection, self.cipher, ticket_id)
        return Detail(row, handover)


def may_see(person: Person, row: TicketRow) -> bool:
    """Tell whether this person may see this row: the same rule as the queries' (ticket_view)."""
    if person.sees_all or row.assignee_id == person.id:
        return True
    return person.sees_queue and row.assignee_id is None and not row.is_over


def show_row(row: TicketRow) -> dict[str, Json]:
    """Return a ticket as the list shows it; the client's name is masked."""
    client: Json = None
    if row.client_id:
        client = {"id": str(row.client_id), "name": show_name(row.client_name or "")}
    last: Json = None
    if row.last_message:
        last = {
            "text": row.last_message.text[:PREVIEW],
            "kind": row.last_message.kind,
            "at": row.last_message.at.isoformat(),
            "author": row.last_message.author,
        }
    return _show_place(row) | {
        "title": row.title,
        "client": client,
        "reason": row.reason,
        "last_message": last,
        "unread": row.unread,
        "undelivered": row.undelivered,
    }


def show_gone(row: TicketRow) -> dict[str, Json]:
    """Return what somebody may know of a ticket that a colleague has taken: that it is gone."""
    return _show_place(row) | {
        "title": "", "client": None, "reason": "", "last_message": None, "unread": 0,
        "undelivered": 0,
    }  # fmt: skip


def show_detail(detail: Detail) -> dict[str, Json]:
    """Return a ticket as its own screen shows it."""
    row = detail.row
    zh, _ = PUBLIC_STATUS[row.state]
    return show_row(row) | {
        "conversation_id": str(row.conversation_id),
        "floor": row.floor,
        "floor_epoch": row.floor_epoch,
        "handover": cast("Json", dict(detail.handover)) if detail.handover else None,
        "public_status": zh,
    }


def _show_place(row: TicketRow) -> dict[str, Json]:
    assignee: Json = None
    if row.assignee_id:
        assignee = {"id": str(row.assignee_id), "name": row.assignee_name}
    return {
        "id": str(row.id),
        "number": row.number,
        "state": row.state,
        "priority": row.priority,
        "channel": row.channel,
        "assignee": assignee,
        "opened_at": row.opened_at.isoformat(),
        "promised_at": row.promised_at.isoformat() if row.promised_at else None,
    }
