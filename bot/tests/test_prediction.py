"""A decision is remembered for the same turn of events, and for no other."""

from __future__ import annotations

import pytest
from rasa.core.policies.policy import PolicyPrediction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    LoopInterrupted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.prediction import PredictionMemory

DOMAIN = Domain.load("bot/domain")
PRODUCT = {"entity": "product", "value": "gem"}


def said(intent: str, *entities: dict[str, str]) -> UserUttered:
    return UserUttered("text", {"name": intent, "confidence": 0.9}, list(entities))


TURN: list[Event] = [
    SlotSet("identified", True),
    ActionExecuted("action_listen"),
    said("check_permission"),
]


class Policy:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> PolicyPrediction:
        self.asked += 1
        events = [DefinePrevUserUtteredFeaturization(False)]
        return PolicyPrediction([0.0, float(self.asked)], "policy", 1, events)


def track(events: list[Event]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("c", events, slots=DOMAIN.slots)


@pytest.mark.parametrize(
    "same",
    [
        TURN,
        [SlotSet("language", "en"), SlotSet("phone", "[手机号1]"), *TURN],
        [*TURN, BotUttered("hello")],
        [*TURN[:2], said("check_permission")],
    ],
)
def test_what_no_rule_sees_makes_no_difference(same: list[Event]) -> None:
    memory, policy = PredictionMemory(DOMAIN), Policy()
    first = memory.find(track(TURN), policy)
    again = memory.find(track(same), policy)
    assert policy.asked == 1
    assert again.probabilities == first.probabilities


@pytest.mark.parametrize(
    "other",
    [
        [SlotSet("identified", False), *TURN[1:]],
        [*TURN[:2], said("check_balance")],
        [*TURN[:2], said("check_permission", PRODUCT)],
        [*TURN, ActionExecuted("permission_form")],
        [*TURN, ActionExecutionRejected("permission_form")],
        [*TURN, ActiveLoop("permission_form")],
        [*TURN, LoopInterrupted(True)],
        [*TURN, LoopInterrupted(False)],
    ],
)
def test_what_a_rule_may_see_is_decided_anew(other: list[Event]) -> None:
    memory, policy = PredictionMemory(DOMAIN), Policy()
    memory.find(track(TURN), policy)
    assert memory.find(track(other), policy).probabilities == [0.0, 2.0]


def test_events_of_a_decision_belong_to_one_tracker() -> None:
    memory, policy = PredictionMemory(DOMAIN), Policy()
    first, second = memory.find(track(TURN), policy), memory.find(track(TURN), policy)
    assert first.events == second.events
    assert first.events[0] is not second.events[0]
