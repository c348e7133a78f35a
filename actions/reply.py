"""What an action says: a text, buttons, a card, and hints for the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rasa_sdk.executor import CollectingDispatcher

from actions.session import Session
from kernel.message import Card, Choice, Json, Row

Events = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing that an action says; `hints` stay inside the house (contract: bot result)."""

    text: str
    choices: Sequence[Choice] = ()
    card: Card | None = None
    hints: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action ends with: something said or nothing, and events for the dialogue."""

    reply: Reply | None = None
    events: Events = field(default_factory=list)


def speak(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Hand a reply to Rasa, which hands it on to the connector."""
    custom: dict[str, object] = {}
    if reply.hints:
        custom["hints"] = dict(reply.hints)
    if reply.card:
        custom["card"] = dict(reply.card)
    buttons = [dict(choice) for choice in reply.choices]
    dispatcher.utter_message(text=reply.text, buttons=buttons, json_message=custom)


def set_slot(name: str, value: object) -> dict[str, object]:
    """Return the event that sets a slot."""
    return {"event": "slot", "timestamp": None, "name": name, "value": value}


def clear_slots(*names: str) -> Events:
    """Return the events that empty slots."""
    return [set_slot(name, None) for name in names]


def follow_up(action: str) -> dict[str, object]:
    """Return the event that makes Rasa go on with an action or a form."""
    return {"event": "followup", "timestamp": None, "name": action}


def hand_over(reason: str, summary: str = "") -> dict[str, Json]:
    """Return the hint that asks for a person."""
    return {"handover": {"reason": reason, "summary": summary}}


def card(title: str, rows: Sequence[tuple[str, str]], note: str = "") -> Card:
    """Make a card of labels and values."""
    made = Card(title=title, rows=[Row(label=label, value=value) for label, value in rows])
    if note:
        made["note"] = note
    return made


def human_choice(session: Session) -> Choice:
    """Return the button that asks for a person."""
    return Choice(title=session.say(zh="转人工", en="Talk to a person"), payload="/human")
