"""Remembers what the policy decided after the same turn of events.

Rasa works out every state of a conversation anew for each prediction, copying the tracker for each.
The rules are a pure function of few things: the actions, intents, entities' kinds, loops and those
slots that influence the conversation, in their order. Where these are the same, so is the decision.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable

from rasa.core.policies.policy import PolicyPrediction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

MOST = 4096


class PredictionMemory:
    """Asks the policy only for a turn of events that it has not decided before."""

    def __init__(self, domain: Domain) -> None:
        self._influencing = {slot.name for slot in domain.slots if slot.influence_conversation}
        self._known: dict[Hashable, PolicyPrediction] = {}

    def find(
        self, tracker: DialogueStateTracker, predict: Callable[[], PolicyPrediction]
    ) -> PolicyPrediction:
        """Gives the decision for a tracker: the remembered one, or that of `predict`.

        The events of a decision are the caller's own: a tracker stamps the time on them.
        """
        key = self._get_key(tracker)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[key] = predict()
        given = copy.copy(known)
        given.events = [copy.copy(event) for event in known.events]
        return given

    def _get_key(self, tracker: DialogueStateTracker) -> Hashable:
        return tuple(
            self._get_mark(event)
            for event in tracker.events
            if not isinstance(event, BotUttered)
            and not (isinstance(event, SlotSet) and event.key not in self._influencing)
        )

    @staticmethod
    def _get_mark(event: Event) -> Hashable:
        if isinstance(event, ActionExecuted):
            return (event.action_name, event.action_text, event.hide_rule_turn)
        if isinstance(event, UserUttered):
            kinds = [(one["entity"], one.get("role"), one.get("group")) for one in event.entities]
            return ("user", event.intent_name, *kinds)
        marks = {name: value for name, value in event.as_dict().items() if name != "timestamp"}
        return repr(sorted(marks.items()))
