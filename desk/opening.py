"""Opens a ticket for every hand-over, once, whatever crashes in between."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from channels.live import DESK, SEALED, Hub, talk_topic
from desk.promise import promise_answer
from desk.reason import describe_reason
from desk.ticket import public_status, record_moved
from desk.title import make_title
from kernel.crash import reach
from kernel.happening import HANDED_BACK, HANDED_OVER, TICKET_OPENED, Happening
from kernel.machine import TICKET
from kernel.masking import show_text
from kernel.message import Json
from store import audit, conversation, stream, ticket
from store.cipher import Cipher
from store.conversation import Said
from store.engine import Connection, Database
from store.stream import Told

log = logging.getLogger(__name__)

READER = "desk"
POLL_SECONDS = 0.5
TURNS = 8

_URGENT = frozenset({"check_margin"})


@dataclass(slots=True)
class Opener:
    """Reads hand-overs from the stream of happenings; several may run, one reads at a time."""

    database: Database
    cipher: Cipher
    hub: Hub

    async def run(self) -> None:
        """Open tickets until cancelled."""
        await self.hub.follow(
            SEALED, self.open_next, poll=POLL_SECONDS, what="Opening tickets waits"
        )

    async def open_next(self, limit: int = 50) -> int:
        """Work off the next happenings; return how many there were."""
        touched: list[UUID] = []
        async with self.database.transaction() as connection:
            told = await stream.read_next(connection, READER, [HANDED_OVER, HANDED_BACK], limit)
            for happening in told:
                touched += await self._take(connection, happening)
            if told:
                await stream.record_read(connection, READER, told[-1].position)
            if touched:
                reach("ticket.before_commit")
        if touched:
            reach("ticket.after_commit")
        await self._tell(touched)
        return len(told)

    async def _take(self, connection: Connection, told: Told) -> list[UUID]:
        conversation_id = UUID(told.subject_id)
        if told.verb == HANDED_OVER:
            opened = await self._open(connection, told, conversation_id)
            return [conversation_id] if opened else []
        if told.actor != "client":
            return []  # a person who hands back has moved the ticket himself
        waiting = await ticket.find_waiting(connection, conversation_id)
        if waiting is None:
            return []
        ticket_id, before = waiting
        TICKET.check_move(before, "resolved")
        await ticket.record_move(connection, ticket_id, "resolved", assignee_id=None)
        await record_moved(connection, "client", ticket_id, (before, "resolved"))
        return [conversation_id]

    async def _open(self, connection: Connection, told: Told, conversation_id: UUID) -> bool:
        why = told.after
        reason, intent = str(why.get("reason") or ""), str(why.get("intent") or "")
        known = describe_reason(reason)
        priority = "high" if intent in _URGENT else known.priority
        said = await conversation.read_transcript(
            connection, self.cipher, conversation_id, before=2**62, limit=TURNS
        )
        summary = str(why.get("summary") or "")
        new = ticket.NewTicket(
            number=str(why["number"]),
            conversation_id=conversation_id,
            source_event=told.id,
            kind="complaint" if reason == "complaint" else "question",
            title=make_title(known.words, intent=intent, summary=summary, said=said),
            priority=priority,
            reason=reason,
            handover=_describe(why, said),
            promised_at=promise_answer(told.at, priority),
        )
        opened = await ticket.open_once(connection, self.cipher, new)
        if opened is None:
            return False
        if opened.superseded:
            older, before = opened.superseded
            await record_moved(connection, "desk", older, (before, "resolved"))
        after: dict[str, Json] = {"number": new.number, "state": "new", "reason": reason}
        happening = Happening("desk", TICKET_OPENED, "ticket", opened.id, after=after)
        await audit.record(connection, [happening])
        return True

    async def _tell(self, conversation_ids: list[UUID]) -> None:
        """Tell desks to look, and clients the number and the promise."""
        if not conversation_ids:
            return
        async with self.database.transaction() as connection:
            for conversation_id in dict.fromkeys(conversation_ids):
                frame = await public_status(connection, conversation_id)
                if frame:
                    self.hub.publish(talk_topic(conversation_id), frame)
        for conversation_id in conversation_ids:
            self.hub.publish(DESK, {"type": "moved", "conversation_id": str(conversation_id)})


def _describe(why: Mapping[str, object], said: Sequence[Said]) -> dict[str, Json]:
    """Gather what the person who takes it wants to know, with the last turns."""
    turns: list[Json] = [
        {"author": one.author, "text": show_text(one.content.text), "at": one.at.isoformat()}
        for one in said
    ]
    known = ("reason", "summary", "intent", "confidence", "slots")
    return {**{name: cast("Json", why.get(name)) for name in known}, "turns": turns}
