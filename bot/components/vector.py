"""Puts the sentence's embedding into the pipeline; the service sends it along with the message."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import encoder

log = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class VectorFeaturizer(DenseFeaturizer, GraphComponent):
    """Takes `metadata["vector"]` (base64 float32) or asks the encoder, else goes without."""

    def __init__(self, config: Dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._cache = Path(config["cache"])

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Gives the path of the training cache."""
        return {**DenseFeaturizer.get_default_config(), "cache": "bot/build/vectors.npz"}

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Refuses a configuration without a place for the cache.

        Raises:
            ValueError: when `cache` is empty.
        """
        if not config.get("cache"):
            raise ValueError("VectorFeaturizer needs `cache`, the path of its training cache")

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "VectorFeaturizer":
        """Makes the component as Rasa asks for it."""
        return cls(config, execution_context.node_name)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encodes every training sentence; training without an encoder is an error."""
        messages = [one for one in training_data.training_examples if one.get(TEXT)]
        vectors = encoder.encode_all([one.get(TEXT) for one in messages], self._cache)
        for message, vector in zip(messages, vectors):
            self._add(message, vector)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the vector to each message that has text and no payload."""
        for message in messages:
            text = message.get(TEXT)
            if text and not text.startswith("/"):
                vector = self._find(message, text)
                if vector is not None:
                    self._add(message, vector)
        return messages

    def _find(self, message: Message, text: str) -> Optional[np.ndarray]:
        sent = (message.get("metadata") or {}).get("vector")
        if sent:
            return encoder.parse_vector(sent)
        try:
            return encoder.encode([text])[0]
        except encoder.EncoderDown as error:
            log.warning("bot.vector.missing %s", error)
            return None

    def _add(self, message: Message, vector: np.ndarray) -> None:
        features = Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
        message.add_features(features)
