"""One reply out of everything that a turn's actions said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa.core.channels.channel import OutputChannel

from bot.prepared import Results

NO_HINTS: Mapping[str, Any] = {
    "handover": None,
    "article": None,
    "topic": None,
    "talk": None,
    "refused": None,
    "unknown": False,
    "feedback": False,
}
_TALKS = [
    "check_balance",
    "check_deposit",
    "check_withdrawal",
    "check_withdrawal_limit",
    "check_permission",
    "apply_permission",
    "check_margin",
    "check_ticket",
    "change_phone",
    "change_bank_card",
]
_TALK_OF = {
    **{f"action_{talk}": talk for talk in _TALKS},
    "permission_form": "check_permission",
    "apply_permission_form": "apply_permission",
    "change_phone_form": "change_phone",
    "change_bank_card_form": "change_bank_card",
    "complaint_form": "complaint",
    "action_file_complaint": "complaint",
}


class Collector(OutputChannel):
    """Takes every message of a turn, whole, in order; knows what was prepared for the turn."""

    def __init__(self, prepared: Results | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.prepared = prepared or {}

    @classmethod
    def name(cls) -> str:
        """Names the channel for Rasa."""
        return "zhida"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keeps one message."""
        self.messages.append(message)


@dataclass
class Reply:
    """What goes back to the service as one message."""

    text: str = ""
    choices: list[dict[str, str]] = field(default_factory=list)
    card: dict[str, Any] | None = None
    hints: dict[str, Any] = field(default_factory=lambda: dict(NO_HINTS))

    @property
    def is_empty(self) -> bool:
        """Tells whether there is nothing at all to show."""
        return not self.text and self.card is None and not self.choices


def merge(messages: Sequence[Mapping[str, Any]]) -> Reply:
    """Joins texts by an empty line, choices by payload, cards and hints by the last word."""
    reply = Reply()
    texts: list[str] = []
    for message in messages:
        text = (message.get("text") or "").strip()
        if text and text not in texts:
            texts.append(text)
        for button in message.get("buttons") or []:
            choice = {"title": str(button["title"]), "payload": str(button["payload"])}
            if choice not in reply.choices:
                reply.choices.append(choice)
        custom = message.get("custom") or {}
        reply.card = custom.get("card") or reply.card
        for name, value in (custom.get("hints") or {}).items():
            if value or name not in reply.hints:
                reply.hints[name] = value
    reply.text = "\n\n".join(texts)
    return reply


def find_talk(actions: Sequence[str], *, pending: str | None) -> str | None:
    """Names the transactional talk that answered or is asking; `pending` waits for the identity."""
    if "identity_form" in actions and "action_resume" not in actions:
        return pending
    found = [_TALK_OF[name] for name in actions if name in _TALK_OF]
    return found[-1] if found else None
