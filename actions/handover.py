"""The client asks for a person."""

from __future__ import annotations

from actions.article import name_talk
from actions.reply import Outcome, Reply, clear_slots, hand_over
from actions.session import Session
from actions.talk import Saying


class HandOver(Saying):
    """Asks the house for a person; the floor is moved there, not here."""

    NAME = "action_handover"

    async def answer(self, session: Session) -> Outcome:
        """Say yes, and tell the person what the client was about."""
        wanted = "" if session.text.startswith("/") else session.text
        talk = session.get_text("pending_talk")
        parts = [wanted, f"正在办理：{name_talk(talk)}" if talk else ""]
        summary = "；".join(part for part in parts if part)
        text = session.say(
            zh="好的，这就为您找人工。", en="Of course, I will get a person for you."
        )
        events = clear_slots("pending_talk", "phone", "code")
        return Outcome(Reply(text, hints=hand_over("client_asked", summary)), events)
