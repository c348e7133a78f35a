"""The intent classifier: a linear head with a confidence that is the chance of being right."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, Dict, List, Optional, Type

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import context, lesson, temper, wish
from bot.components.kept import KeptComponent
from bot.components.reader import Reader
from bot.components.vector import VectorFeaturizer

log = logging.getLogger(__name__)
_SHOWN = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TalkIntentClassifier(KeptComponent, IntentClassifier):
    """Ranks intents by `Reader`, then by `context.settle` for what a form is asking.

    A plain wish for a person (`wish.is_for_person`) is not guessed at: it is certain. A complaint
    in strong words is `urgent_complaint` (`temper.settle`).
    """

    _reader: Optional[Reader] = None

    @classmethod
    def required_components(cls) -> List[Type]:
        """Needs the vector before it."""
        return [VectorFeaturizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Gives the path of the report that training writes; empty for none."""
        return {"report": "bot/build/report.json"}

    def restore(self, folder: Path) -> None:
        """Reads the trained reader."""
        self._reader = Reader.load(folder / "reader.npz")

    def train(self, training_data: TrainingData) -> Resource:
        """Trains the reader on all sentences that have an intent and a vector."""
        known = [one for one in training_data.intent_examples if one.get(TEXT)]
        texts = [one.get(TEXT) for one in known]
        names = [one.get(INTENT) for one in known]
        vectors = np.stack([_get_vector(one) for one in known])
        self._reader = lesson.train(texts, names, vectors)
        with self.write() as folder:
            self._reader.save(folder / "reader.npz")
        if self._config["report"]:
            path = Path(self._config["report"])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self._reader.report, indent=1, ensure_ascii=False), "utf-8")
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets intent and ranking of each message that is no payload.

        Raises:
            RuntimeError: when it was neither trained nor loaded.
        """
        for message in messages:
            text = message.get(TEXT) or ""
            if text and not text.startswith("/"):
                ranking = self._rank(message, text)[:_SHOWN]
                shown = [{"name": name, "confidence": figure} for name, figure in ranking]
                message.set(INTENT, shown[0], add_to_output=True)
                message.set(INTENT_RANKING_KEY, shown, add_to_output=True)
        return messages

    def _rank(self, message: Message, text: str) -> context.Ranking:
        if self._reader is None:
            raise RuntimeError("The intent classifier has no trained reader.")
        asking = (message.get("metadata") or {}).get("asking") or ""
        if wish.is_for_person(text):
            ranking = [(wish.INTENT, 1.0)]
        else:
            ranking = context.settle(
                self._reader.read(text, _get_vector(message)),
                text=text,
                asking=asking,
                entities={one["entity"] for one in message.get(ENTITIES, [])},
            )
        return temper.settle(ranking, text=text, asking=asking)


def _get_vector(message: Message) -> Optional[np.ndarray]:
    for features in message.features:
        if features.attribute == TEXT and features.is_dense():
            return np.asarray(features.features)[0]
    return None
