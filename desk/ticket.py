"""What people do with a ticket: take, assign, hand back, resolve; each under the ticket's lock."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from channels.live import DESK, EVENT, Frame, Hub, talk_topic
from conversations import floor
from kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kernel.happening import TICKET_MOVED, Happening
from kernel.machine import PUBLIC_STATUS, TICKET
from store import audit, conversation, staff, ticket, ticket_view
from store.cipher import Cipher
from store.engine import Connection, Database
from store.staff import Person
from store.ticket_view import TicketRow, Viewer

NOTE_LIMIT = 1000


class AlreadyTaken(Conflict):
    """A colleague has taken this ticket already."""

    code = "already_taken"
    message_zh = "该工单已被同事接手。"


@dataclass(frozen=True, slots=True)
class Moved:
    """A ticket after a move, and the floor's epoch under which its holder may write."""

    row: TicketRow
    floor_epoch: int


@dataclass(frozen=True, slots=True)
class Tickets:
    """Moves tickets and the floor together, in one transaction, and tells everybody after it."""

    database: Database
    cipher: Cipher
    hub: Hub

    async def take(self, person: Person, ticket_id: UUID) -> Moved:
        """Give a ticket and its conversation's floor to a person; taking twice is taking once.

        Raises:
            NotFound: there is no such ticket, or this person may not see it.
            AlreadyTaken: somebody else holds it. Conflict: it is over.
        """
        async with self.database.transaction() as connection:
            row = await self._lock(connection, person, ticket_id)
            if row.assignee_id not in {None, person.id}:
                raise AlreadyTaken(
                    f"{row.assignee_name} has taken this ticket.",
                    zh=f"该工单已由{row.assignee_name}接手。",
                )
            _check_open(row)
            await self._start(connection, row, person)
            if (row.floor, row.floor_holder) != ("agent", person.id):
                await floor.take(connection, row.conversation_id, person.id)
            moved = await self._reload(connection, person, ticket_id)
        return self._tell(moved)

    async def assign(self, person: Person, ticket_id: UUID, target_id: UUID) -> Moved:
        """Give a ticket to a colleague: supervisors and admins alone.

        Raises:
            NotAllowed: this person is neither. InvalidInput: the colleague is unknown.
        """
        if not person.sees_all:
            raise NotAllowed("Only supervisors assign tickets.", zh="只有主管可以分派工单。")
        async with self.database.transaction() as connection:
            row = await self._lock(connection, person, ticket_id)
            target = await staff.find_person(connection, target_id)
            if target is None:
                raise InvalidInput("There is no such colleague.", zh="没有这位同事。")
            after = "assigned" if row.state in {"new", "triaged"} else row.state
            _check_open(row)
            await self._record(connection, person, row, after=after, holder=target.id)
            if row.floor == "agent" and row.floor_holder != target.id:
                await floor.take(connection, row.conversation_id, target.id)
            moved = await self._reload(connection, person, ticket_id)
        return self._tell(moved)

    async def hand_back(self, person: Person, ticket_id: UUID) -> Moved:
        """Give the conversation back to the assistant; the ticket stays with its holder."""
        async with self.database.transaction() as connection:
            row = await self._lock(connection, person, ticket_id)
            self._check_holder(person, row)
            if row.state == "in_progress":
                await self._record(
                    connection, person, row, after="waiting_internal", holder=row.assignee_id
                )
            await self._give_floor(connection, person, row)
            moved = await self._reload(connection, person, ticket_id)
        return self._tell(moved)

    async def resolve(
        self, person: Person, ticket_id: UUID, note: str, *, hand_back: bool
    ) -> Moved:
        """End a ticket with a note on how; the assistant answers what the client says next.

        With `hand_back` the floor goes to the assistant now, else to nobody until then.
        """
        note = note.strip()
        if len(note) > NOTE_LIMIT:
            raise InvalidInput(
                f"The note has at most {NOTE_LIMIT} characters.",
                zh=f"处理说明最多{NOTE_LIMIT}字。",
            )
        async with self.database.transaction() as connection:
            row = await self._lock(connection, person, ticket_id)
            self._check_holder(person, row)
            holder = row.assignee_id or person.id
            await self._record(connection, person, row, after="resolved", holder=holder)
            if note:
                await ticket.record_note(connection, self.cipher, ticket_id, note)
            if hand_back or row.floor == "queue":
                await self._give_floor(connection, person, row)
            elif row.floor == "agent":
                await conversation.move_floor(
                    connection, row.conversation_id, "none", actor=_actor(person)
                )
            moved = await self._reload(connection, person, ticket_id)
        return self._tell(moved)

    async def _lock(self, connection: Connection, person: Person, ticket_id: UUID) -> TicketRow:
        """Hold the ticket and read it as it stands under the lock."""
        if not await ticket.lock(connection, _viewer(person), ticket_id):
            raise NotFound("There is no such ticket.", zh="没有这张工单。")
        return (await self._reload(connection, person, ticket_id)).row

    async def _reload(self, connection: Connection, person: Person, ticket_id: UUID) -> Moved:
        row = await ticket_view.find(connection, self.cipher, _viewer(person), ticket_id)
        if row is None:
            raise NotFound("There is no such ticket.", zh="没有这张工单。")
        return Moved(row, row.floor_epoch)

    async def _start(self, connection: Connection, row: TicketRow, person: Person) -> None:
        """Move a ticket to `in_progress` along the table, noting each step."""
        if row.state == "in_progress" and row.assignee_id == person.id:
            return
        path = {"new": ("assigned", "in_progress"), "triaged": ("assigned", "in_progress")}
        before = row.state
        for after in path.get(row.state, ("in_progress",)):
            TICKET.check_move(before, after)
            await record_moved(connection, _actor(person), row.id, (before, after))
            before = after
        await ticket.record_move(connection, row.id, "in_progress", assignee_id=person.id)

    async def _record(
        self,
        connection: Connection,
        person: Person,
        row: TicketRow,
        *,
        after: str,
        holder: UUID | None,
    ) -> None:
        if after != row.state:
            TICKET.check_move(row.state, after)
        await ticket.record_move(connection, row.id, after, assignee_id=holder)
        await record_moved(connection, _actor(person), row.id, (row.state, after), holder)

    async def _give_floor(self, connection: Connection, person: Person, row: TicketRow) -> None:
        if row.floor in {"agent", "queue"}:
            await floor.hand_back(connection, row.conversation_id, actor=_actor(person))

    @staticmethod
    def _check_holder(person: Person, row: TicketRow) -> None:
        _check_open(row)
        if row.assignee_id != person.id and not person.sees_all:
            raise NotAllowed("Take the ticket first.", zh="请先接手该工单。")

    def _tell(self, moved: Moved) -> Moved:
        row = moved.row
        talk, moved_floor = talk_topic(row.conversation_id), show_floor(row)
        self.hub.publish(talk, moved_floor)
        self.hub.publish(talk, show_status(row))
        self.hub.publish(DESK, moved_floor)
        self.hub.publish(DESK, {"type": "moved", "conversation_id": str(row.conversation_id)})
        self.hub.publish(EVENT, once=True)
        return moved


async def record_moved(
    connection: Connection,
    actor: str,
    ticket_id: UUID,
    states: tuple[str, str],
    holder: UUID | None = None,
) -> None:
    """Note a move of a ticket in the chain of happenings."""
    before, after = states
    happening = Happening(
        actor,
        TICKET_MOVED,
        "ticket",
        ticket_id,
        before={"state": before},
        after={"state": after, "holder": str(holder or "")},
    )
    await audit.record(connection, [happening])


def show_floor(row: TicketRow) -> Frame:
    """Return the frame `floor`: who speaks for the house now, by the name that clients may know."""
    name = row.assignee_name if row.floor_holder == row.assignee_id else None
    return {
        "type": "floor",
        "conversation_id": str(row.conversation_id),
        "floor": row.floor,
        "floor_epoch": row.floor_epoch,
        "name": name if row.floor == "agent" else None,
    }


def show_status(row: TicketRow) -> Frame:
    """Return the frame `ticket` that the client sees: number, public status and promise."""
    zh, en = PUBLIC_STATUS[row.state]
    return {
        "type": "ticket",
        "number": row.number,
        "status": zh,
        "status_en": en,
        "promised_at": row.promised_at.isoformat() if row.promised_at else None,
    }


async def public_status(connection: Connection, conversation_id: UUID) -> Frame | None:
    """Return the newest ticket of a conversation as its client may see it, or None."""
    rows = await ticket.find_progress(connection, conversation_id, client_id=None, number=None)
    if not rows:
        return None
    newest = rows[0]
    zh, en = PUBLIC_STATUS[newest.state]
    promised = newest.promised_at.isoformat() if newest.promised_at else None
    return {
        "type": "ticket",
        "number": newest.number,
        "status": zh,
        "status_en": en,
        "promised_at": promised,
    }


def _check_open(row: TicketRow) -> None:
    """A ticket that is over stays over: the client's next hand-over opens a new one."""
    if row.is_over:
        raise Conflict("The ticket is over.", zh="工单已结束。")


def _viewer(person: Person) -> Viewer:
    return Viewer(person.id, person.sees_all, person.sees_queue)


def _actor(person: Person) -> str:
    return f"person:{person.id}"
