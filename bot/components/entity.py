"""Finds products, banks, ticket numbers, amounts and masked values by words and patterns."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Pattern, Sequence, Tuple

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file

from bot.components.kept import KeptComponent

Lookup = Mapping[str, Mapping[str, Sequence[str]]]

_PATTERNS: Tuple[Tuple[str, Pattern[str]], ...] = (
    ("phone", re.compile(r"\[手机号\d*\]")),
    ("code", re.compile(r"\[验证码\d*\]")),
    ("id_card", re.compile(r"\[身份证\d*\]")),
    ("card_number", re.compile(r"\[银行卡\d*\]")),
    ("email", re.compile(r"\[邮箱\d*\]")),
    ("account", re.compile(r"\[账号\d*\]")),
    (
        "ticket_number",
        re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,4}-?\d{4,8}(?:-?\d{2,8})?(?![A-Za-z0-9])"),
    ),
    ("amount", re.compile(r"\d[\d,]*(?:\.\d+)?\s*(?:万|千|百)?(?:元|块|万|yuan|rmb|cny)", re.I)),
)
# Everyday words that name a thing only as the answer to a question for it.
_ONLY_WHEN_ASKED = frozenset({"complaint_about"})


class Finder:
    """Finds entities in a text; where two overlap the longer one stays."""

    def __init__(self, lookup: Lookup) -> None:
        self._values: Dict[str, Dict[str, str]] = {}
        self._words: List[Tuple[str, Pattern[str]]] = []
        for entity, values in lookup.items():
            known = {
                str(word).lower(): str(value) for value, words in values.items() for word in words
            }
            self._values[entity] = known
            parts = [_as_pattern(word) for word in sorted(known, key=len, reverse=True)]
            self._words.append((entity, re.compile("|".join(parts), re.I)))

    def find(self, text: str) -> List[Dict[str, Any]]:
        """Finds `{"entity", "value", "start", "end"}` in the order of the text.

        Rasa fills a slot with the last of a kind, so that "不是创业板，是科创板" means the second.
        """
        found = [
            {"entity": entity, "value": hit.group(), "start": hit.start(), "end": hit.end()}
            for entity, pattern in _PATTERNS
            for hit in pattern.finditer(text)
        ]
        for entity, pattern in self._words:
            for hit in pattern.finditer(text):
                value = self._values[entity][hit.group().lower()]
                found.append(
                    {"entity": entity, "value": value, "start": hit.start(), "end": hit.end()}
                )
        return sorted(found, key=lambda one: one["start"])


def _as_pattern(word: str) -> str:
    escaped = re.escape(word)
    return rf"(?<![a-z0-9]){escaped}(?![a-z0-9])" if word.isascii() else escaped


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class TalkEntityExtractor(KeptComponent, EntityExtractorMixin):
    """Adds what `Finder` finds; the words are read from `lookup` and kept in the model."""

    _finder = Finder({})

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Gives the path of the lookup file, from the top folder."""
        return {"lookup": "bot/data/lookup.yml"}

    def restore(self, folder: Path) -> None:
        """Reads the words that were kept at training."""
        self._finder = Finder(json.loads((folder / "lookup.json").read_text("utf-8")))

    def train(self, training_data: TrainingData) -> Resource:
        """Keeps the words of the lookup file in the model."""
        words = read_yaml_file(self._config["lookup"])
        with self.write() as folder:
            (folder / "lookup.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
        self._finder = Finder(words)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves training sentences as they are: nothing learns from entities."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the entities found to each message that is no payload."""
        for message in messages:
            text = message.get(TEXT) or ""
            if text and not text.startswith("/"):
                asking = (message.get("metadata") or {}).get("asking")
                found = [
                    one
                    for one in self._finder.find(text)
                    if one["entity"] not in _ONLY_WHEN_ASKED or one["entity"] == asking
                ]
                found = self.add_extractor_name(found)
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages
