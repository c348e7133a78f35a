"""How far a ticket is."""

from __future__ import annotations

from uuid import UUID

from actions.figure import show_moment
from actions.port import Tickets
from actions.reply import Outcome, Reply, card, clear_slots, human_choice
from actions.session import Session
from actions.talk import Saying
from clients.verification import NotVerified, Verification
from desk.progress import Progress


class CheckTicket(Saying):
    """Tells the tickets of this conversation, and those of the client once proved."""

    NAME = "action_check_ticket"

    def __init__(self, tickets: Tickets, verification: Verification) -> None:
        self._tickets = tickets
        self._verification = verification

    async def answer(self, session: Session) -> Outcome:
        """Tell number, status and the promised time; another client's ticket is not there."""
        number = session.get_text("ticket_number")
        found = await self._tickets.find_progress(
            session.conversation_id,
            client_id=await self._find_client(session),
            number=number.upper() if number else None,
        )
        hints = {"talk": "check_ticket", "topic": "human_agent"}
        if not found:
            return Outcome(
                Reply(_tell_none(session, number), (human_choice(session),), hints=hints),
                clear_slots("ticket_number"),
            )
        rows = [(row.number, _tell_state(session, row)) for row in found]
        table = card(session.say(zh="工单进度", en="Tickets"), rows) if len(rows) > 1 else None
        text = _tell_newest(session, found[0])
        reply = Reply(text, (human_choice(session),), table, hints)
        return Outcome(reply, clear_slots("ticket_number"))

    async def _find_client(self, session: Session) -> UUID | None:
        try:
            client = await self._verification.access_client_for(session.conversation_id, "account")
        except NotVerified:
            return None
        return client.client_id


def _tell_newest(session: Session, ticket: Progress) -> str:
    at = show_moment(ticket.opened_at, session.language)
    text = session.say(
        zh=f"工单 {ticket.number}（{at}提交）：{ticket.status_zh}。",
        en=f"Ticket {ticket.number}, opened {at}: {ticket.status_en}. ",
    )
    if ticket.promised_at is None:
        return text
    promised = show_moment(ticket.promised_at, session.language)
    return text + session.say(zh=f"预计{promised}前答复。", en=f"Answer promised by {promised}.")


def _tell_state(session: Session, ticket: Progress) -> str:
    state = session.say(zh=ticket.status_zh, en=ticket.status_en)
    return f"{state} · {ticket.title}"


def _tell_none(session: Session, number: str | None) -> str:
    if number:
        return session.say(
            zh=f"没有查到您名下编号为 {number} 的工单，请核对编号。",
            en=f"I cannot find a ticket {number} of yours; please check the number.",
        )
    return session.say(zh="您目前没有工单。", en="You have no ticket at the moment.")
