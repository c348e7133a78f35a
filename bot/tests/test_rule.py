"""The indexed policy decides exactly as Rasa's own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rasa.core.policies.rule_policy import RulePolicy

from bot.components.rule import IndexedRulePolicy

STATES: list[dict[str, Any]] = [
    {"prev_action": {"action_name": action}, **user, **loop}
    for action in ("action_listen", "utter_greet", "identity_form")
    for user in ({}, {"user": {"intent": "greet"}}, {"user": {"intent": "stop"}})
    for loop in ({}, {"active_loop": {"name": "identity_form"}})
]
RULES = {
    json.dumps([*before, state], sort_keys=True): f"action_{at}"
    for at, state in enumerate(STATES)
    for before in ([], [{"prev_action": {"action_name": "action_listen"}}])
}


def build(kind: type) -> Any:
    policy = kind.__new__(kind)
    policy.lookup = {"rules": RULES}
    return policy


@pytest.mark.parametrize("state", STATES, ids=json.dumps)
def test_the_same_rules_are_possible(state: dict[str, Any]) -> None:
    states = [{"prev_action": {"action_name": "action_listen"}}, state]
    expected = build(RulePolicy)._get_possible_keys(RULES, states)
    assert expected
    policy = build(IndexedRulePolicy)
    assert policy._get_possible_keys(RULES, states) == expected
    assert policy._get_possible_keys(dict(RULES), states) == expected
