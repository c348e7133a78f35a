"""Texts as vectors of their letters: runs of one to three characters, weighted and condensed.

What the sentence encoder blurs (创业板 / 科创板, T+0 / T+1) the letters keep apart. Rows are
learned by `knowledge.training`: inverse document frequency times a truncated SVD.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Vector, Vectors

_LONGEST = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The known runs of characters and the row of `rows` (runs, dimensions) that each has."""

    places: Mapping[str, int]
    rows: npt.NDArray[np.float16]

    def encode(self, text: str) -> Vector:
        """Return the vector of a normalised text, of length 1, or zeros if no run is known."""
        found = [(self.places[run], n) for run, n in count_runs(text).items() if run in self.places]
        total = np.zeros(self.rows.shape[1], np.float32)
        if found:
            places, counts = zip(*found, strict=True)
            weights = np.array([1 + math.log(count) for count in counts], np.float32)
            total = weights @ self.rows[list(places)].astype(np.float32)
        return np.asarray(total / (np.linalg.norm(total) + 1e-6), dtype=np.float32)

    def encode_all(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text."""
        return np.stack([self.encode(text) for text in texts])


def count_runs(text: str) -> Counter[str]:
    """Count the runs of one to three characters of a text."""
    return Counter(
        text[at : at + size]
        for size in range(1, _LONGEST + 1)
        for at in range(len(text) - size + 1)
    )
