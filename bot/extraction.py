"""Tells beforehand whether a message can fill any slot.

Rasa tries every mapping of every slot on every message. Outside a form only an entity, or an intent
that some mapping names, can fill one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.slot_mappings import SlotMapping
from rasa.shared.core.trackers import DialogueStateTracker


class Extraction:
    """Knows what a domain's slot mappings wait for."""

    def __init__(self, domain: Domain) -> None:
        mappings = list(_list_mappings(domain))
        named = [name for one in mappings for name in SlotMapping.to_list(one.get("intent"))]
        self._intents = frozenset(named)
        self._is_always = any(map(_fills_unasked, mappings))

    def may_fill(self, tracker: DialogueStateTracker) -> bool:
        """Tells whether the last message could fill a slot; True where that is not certain."""
        message = tracker.latest_message
        if message is None or self._is_always or tracker.active_loop_name:
            return True
        return bool(message.entities) or message.intent.get("name") in self._intents


def _list_mappings(domain: Domain) -> Iterator[Mapping[str, Any]]:
    for slot in domain.slots:
        yield from slot.mappings


def _fills_unasked(mapping: Mapping[str, Any]) -> bool:
    """Tells whether a mapping may fill its slot without entity, named intent or open form."""
    if mapping["type"] == "custom":
        return bool(mapping.get("action"))
    conditions = mapping.get("conditions") or []
    waits_for_form = bool(conditions) and all(one.get("active_loop") for one in conditions)
    return mapping["type"] != "from_entity" and not mapping.get("intent") and not waits_for_form
