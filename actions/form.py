"""What every form's check has in common: it never fails into silence, and it can be corrected."""

from __future__ import annotations

import logging
import re
from abc import ABC
from collections.abc import Mapping
from typing import ClassVar
from uuid import uuid4

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.reply import Events, set_slot
from actions.session import read_session

log = logging.getLogger(__name__)

Slots = Mapping[str, object]
LEAVE: Slots = {"requested_slot": None}
"""Ends a form before it is full; the action after it explains."""

_CHANGE = re.compile(
    r"改|换|重填|重写|错了|填错|发错|说错|写错|不对|不是这|wrong|change|instead|rewrite|correct",
    re.IGNORECASE,
)


class Form(FormValidationAction, ABC):  # type: ignore[misc]  # rasa_sdk has no types
    """Checks what a client fills in; a slot set to None is asked for again."""

    NAME: ClassVar[str]
    SLOTS: ClassVar[tuple[str, ...]]
    CORRECTED: ClassVar[str] = ""
    """The slot that is asked for again when the client corrects himself at the confirmation."""

    def name(self) -> str:
        """Return the name by which the domain knows this check."""
        return self.NAME

    def domain_slots(self, domain: object) -> list[str]:
        """Return the form's slots, without needing the domain to be sent."""
        del domain
        return list(self.SLOTS)

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: object
    ) -> Events:
        """Check the slots; a bug leaves the form, and the action after it explains."""
        _drop_cleared(tracker)
        try:
            events: Events = await super().run(dispatcher, tracker, domain)
        except Exception:  # a bug must not become silence
            log.exception("%s failed, reference %s.", self.NAME, uuid4().hex[:8])
            return [set_slot("requested_slot", None)]
        return events or self._correct(tracker)

    def _correct(self, tracker: Tracker) -> Events:
        """Ask again for what the client takes back at the confirmation ("改一下")."""
        asked = (tracker.slots or {}).get("requested_slot")
        text = str((tracker.latest_message or {}).get("text") or "")
        confirming = isinstance(asked, str) and asked.endswith("_confirm")
        if not (confirming and self.CORRECTED and _CHANGE.search(text)):
            return []
        session = read_session(tracker)
        return [set_slot(self.CORRECTED, None)] if session.intent == "inform" else []


def _drop_cleared(tracker: Tracker) -> None:
    """Forget slots that the action before has emptied: nobody has said anything for them.

    rasa-sdk takes every slot event at the end of the tracker for what the client filled in.
    """
    tracker.events = [
        event
        for event in tracker.events
        if event.get("event") != "slot" or event.get("value") is not None
    ]
