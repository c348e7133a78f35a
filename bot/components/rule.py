"""The RulePolicy with an index: rules are looked up by what was done last and what was said."""

from __future__ import annotations

import json
from typing import Dict, List, Optional, Set, Tuple

from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker

_Mark = Tuple[Optional[str], Optional[str]]
# These leave a form whatever it has just been told.
_LEAVES = frozenset({"human", "urgent_complaint", "stop"})


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class IndexedRulePolicy(RulePolicy):
    """Decides as Rasa's RulePolicy does, in a third of its time; three intents leave any form.

    Rasa holds every rule against every state. A rule's last state names its previous action and
    mostly an intent, so only the rules of that pair, or of the action alone, can apply.
    """

    _indexes: Dict[int, Dict[_Mark, Set[str]]]

    def _get_possible_keys(self, lookup: Dict[str, str], states: List[State]) -> Set[str]:
        if not states:
            return super()._get_possible_keys(lookup, states)
        action, intent = _get_mark(states[-1])
        index = self._get_index(lookup)
        near = index.get((action, intent), set()) | index.get((action, None), set())
        return super()._get_possible_keys({key: lookup[key] for key in near}, states)

    def _get_index(self, lookup: Dict[str, str]) -> Dict[_Mark, Set[str]]:
        indexes = self.__dict__.setdefault("_indexes", {})
        known = indexes.get(id(lookup))
        if known is None or sum(map(len, known.values())) != len(lookup):
            known = indexes[id(lookup)] = {}
            for key in lookup:
                known.setdefault(_get_mark(json.loads(key)[-1]), set()).add(key)
        return known

    @staticmethod
    def _find_action_from_loop_happy_path(
        tracker: DialogueStateTracker,
    ) -> Tuple[Optional[str], Optional[str]]:
        # Rasa would ask the form first, and a form that was given a slot goes on.
        said = tracker.latest_message
        if said is not None and said.intent.get("name") in _LEAVES:
            return None, None
        return RulePolicy._find_action_from_loop_happy_path(tracker)

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Tuple[Optional[str], Optional[str], bool]:
        # No rule of ours is over the text itself, so the pass over it finds nothing.
        if use_text_for_last_user_input:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)


def _get_mark(state: State) -> _Mark:
    action = state.get(PREVIOUS_ACTION, {}).get("action_name")
    intent = state.get(USER, {}).get("intent")
    return (str(action) if action else None, str(intent) if intent else None)
