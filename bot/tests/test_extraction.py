"""Where the check says that nothing can be filled, Rasa fills nothing."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.core.actions.action import ActionExtractSlots
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.extraction import Extraction
from bot.reply import Collector

DOMAIN = Domain.load("bot/domain")
EXTRACTION = Extraction(DOMAIN)


def track(intent: str, entities: list[Any], loop: str | None = None) -> DialogueStateTracker:
    events: list[Event] = [ActiveLoop(loop), SlotSet("requested_slot", "product")] if loop else []
    heard = UserUttered("文字", {"name": intent, "confidence": 0.9}, entities)
    events += [ActionExecuted("action_listen"), heard]
    return DialogueStateTracker.from_events("c", events, slots=DOMAIN.slots)


async def extract(tracker: DialogueStateTracker) -> list[Event]:
    nlg = TemplatedNaturalLanguageGenerator({})
    return await ActionExtractSlots(None).run(Collector(), nlg, tracker, DOMAIN)


@pytest.mark.parametrize("intent", DOMAIN.intents)
async def test_no_slot_is_missed(intent: str) -> None:
    tracker = track(intent, [])
    if not EXTRACTION.may_fill(tracker):
        assert await extract(tracker) == []


async def test_the_usual_question_fills_nothing_and_is_known_to() -> None:
    for intent in ("ask_knowledge", "greet", "human", "out_of_scope"):
        assert not EXTRACTION.may_fill(track(intent, []))
    product = [{"entity": "product", "value": "gem"}]
    for tracker in (
        track("check_permission", product),
        track("urgent_complaint", []),
        track("check_withdrawal", []),
        track("inform", [], "permission_form"),
    ):
        assert EXTRACTION.may_fill(tracker)
        assert await extract(tracker) != []


@pytest.mark.parametrize(
    ("mapping", "is_always"),
    [
        ("{type: from_text}", True),
        ("{type: custom, action: action_fill}", True),
        ("{type: custom}", False),
        ("{type: from_entity, entity: product}", False),
        ("{type: from_text, conditions: [{active_loop: null}]}", True),
        ("{type: from_text, conditions: [{active_loop: a_form}]}", False),
    ],
)
def test_mapping_that_waits_for_nothing_is_always_tried(mapping: str, is_always: bool) -> None:
    domain = Domain.from_yaml(
        "version: '3.1'\nintents: [greet]\nentities: [product]\nactions: [action_fill]\n"
        "forms: {a_form: {required_slots: [one]}}\n"
        f"slots:\n  one:\n    type: text\n    mappings: [{mapping}]\n"
    )
    assert Extraction(domain).may_fill(track("greet", [])) is is_always
