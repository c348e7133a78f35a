"""The embedded model without its process, for tests that want real vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.e5.engine import Engine
from knowledge.encoder import Kind, Vector, Vectors
from knowledge.normal import normalise


@dataclass
class LocalEncoder:
    """Notes every text that it was asked for; what it encoded once it remembers in `engine`."""

    engine: RememberingEngine
    ledger: list[tuple[Kind, str]] = field(default_factory=list)

    async def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        self.ledger += [(kind, text) for text in texts]
        if not texts:
            return np.zeros((0, 0), np.float32)
        return self.engine.encode([f"{kind}: {normalise(text)}" for text in texts])

    async def find_model(self) -> str:
        return "multilingual-e5-small"


class RememberingEngine:
    """The real network; a session of tests encodes each text once."""

    def __init__(self) -> None:
        self._engine = Engine()
        self._rows: dict[str, Vector] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        missing = [text for text in dict.fromkeys(texts) if text not in self._rows]
        self._rows.update(zip(missing, self._engine.encode(missing), strict=True))
        return np.stack([self._rows[text] for text in texts])
