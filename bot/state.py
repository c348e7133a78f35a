"""The conversation between two turns: out of Rasa's tracker, back into one.

Rasa keeps nothing. The service hands the last state in with every message, so any Rasa of the
fleet, or the same one after a restart, goes on where the conversation stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.choice import MOST

VERSION = 1
FIELDS = frozenset({"v", "slots", "loop", "asking", "choices"})
# Set anew by the connector for every message, or of no use once the message is answered.
_NEVER = frozenset({"language", "identified", "code", REQUESTED_SLOT, "session_started_metadata"})
_ALWAYS = frozenset({"article"})
_OF_FORM: Mapping[str, frozenset[str]] = {
    "permission_form": frozenset({"product"}),
    "apply_permission_form": frozenset({"product", "apply_confirm"}),
    "change_phone_form": frozenset({"new_phone", "change_confirm"}),
    "change_bank_card_form": frozenset({"bank", "change_confirm"}),
    "complaint_form": frozenset({"complaint_about", "complaint_text", "complaint_confirm"}),
}
# What may not leave for the hand-over's summary: words of the client's own.
_PRIVATE = frozenset({"phone", "new_phone", "code", "complaint_text"}) | _NEVER


class BadState(Exception):
    """`state` must be the object of the last reply, or null."""


@dataclass(frozen=True)
class State:
    """What one turn leaves for the next.

    Slots that matter, the open form, the slot it asks for, and the payloads of the choices shown.
    """

    slots: Mapping[str, Any] = field(default_factory=dict)
    loop: str | None = None
    asking: str | None = None
    choices: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Gives the opaque object that the caller keeps; choices only where there were some."""
        shown = {"choices": list(self.choices)} if self.choices else {}
        return {
            "v": VERSION,
            "slots": dict(self.slots),
            "loop": self.loop,
            "asking": self.asking,
            **shown,
        }


def parse_state(data: Any, domain: Domain) -> State:
    """Reads what `as_json` gave; what the trained domain no longer knows is left out.

    Raises:
        BadState: when it is no such object.
    """
    if data is None:
        return State()
    if not isinstance(data, dict) or not set(data) <= FIELDS or data.get("v") != VERSION:
        raise BadState(
            f"state must be null or an object of version {VERSION} with {sorted(FIELDS)}"
        )
    slots, loop, asking = data.get("slots") or {}, data.get("loop"), data.get("asking")
    if not isinstance(slots, dict) or not all(
        isinstance(x, (str, type(None))) for x in (loop, asking)
    ):
        raise BadState("state.slots must be an object, state.loop and state.asking text or null")
    choices = _parse_choices(data.get("choices"))
    names = {slot.name for slot in domain.slots}
    known = {name: value for name, value in slots.items() if name in names and name not in _NEVER}
    if loop not in domain.form_names:
        return State(known, choices=choices)
    return State(known, loop, asking if asking in names else None, choices)


def _parse_choices(data: Any) -> tuple[str, ...]:
    shown = data or []
    if not isinstance(shown, list) or not all(isinstance(one, str) for one in shown):
        raise BadState("state.choices must be a list of texts")
    return tuple(shown[:MOST])


def build_tracker(
    conversation: str, state: State, *, language: str, identified: bool, domain: Domain
) -> DialogueStateTracker:
    """Builds the tracker as it stood when the bot last listened."""
    events: list[Event] = [SlotSet("language", language), SlotSet("identified", identified)]
    events += [SlotSet(name, value) for name, value in sorted(state.slots.items())]
    if state.loop:
        events += [ActiveLoop(state.loop), SlotSet(REQUESTED_SLOT, state.asking)]
    events.append(ActionExecuted(ACTION_LISTEN_NAME))
    return DialogueStateTracker.from_events(conversation, events, slots=domain.slots)


def collect_state(tracker: DialogueStateTracker, choices: tuple[str, ...] = ()) -> State:
    """Collects what the next turn needs; a form's slots go when the form does.

    While identity is being proved, everything of the talk that waits for it is kept.

    Args:
        tracker: the conversation as the turn left it.
        choices: the payloads of the choices that the reply shows, in their order.
    """
    loop = tracker.active_loop_name
    filled = {
        name: slot.value
        for name, slot in tracker.slots.items()
        if slot.value is not None and name not in _NEVER
    }
    if loop != "identity_form":
        kept = _ALWAYS | _OF_FORM.get(loop or "", frozenset())
        filled = {name: value for name, value in filled.items() if name in kept}
    asking = tracker.get_slot(REQUESTED_SLOT) if loop else None
    return State(dict(sorted(filled.items())), loop, asking, choices)


def get_public_slots(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Gives the filled slots that a hand-over may show: no personal data."""
    return {
        name: slot.value
        for name, slot in sorted(tracker.slots.items())
        if slot.value is not None and name not in _PRIVATE
    }
