"""The trained part of search: which article a question asks for, and how sure that is.

A file `head.npz` holds the linear head over articles and negative classes, the lexicon, and the
judge with its thresholds. `knowledge.training` writes it; at run time it takes numpy alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.encoder import Vector, Vectors
from knowledge.lexicon import Lexicon

FORMAT = 2
NEGATIVES = ("#far", "#near", "#advice", "#probe")


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns the signs of a finding into two probabilities, and knows from where to act.

    `right` and `among` are logistic weights over `knowledge.index.SIGNS` with the constant last:
    that the best article answers the question, and that one of the best three does.
    """

    right: tuple[float, ...]
    among: tuple[float, ...]
    answer_from: float
    offer_from: float
    likeness: float

    def judge(self, signs: Vector) -> tuple[float, float]:
        """Return the two probabilities for one finding."""
        return _logistic(self.right, signs), _logistic(self.among, signs)


@dataclass(frozen=True, slots=True)
class Head:
    """A linear head over sentence vector and lexical vector, and the judge of its findings."""

    model: str
    digest: str
    classes: tuple[str, ...]
    centre: Vector
    weights: Vectors
    biases: Vector
    mix: float
    lexicon: Lexicon
    judge: Judge

    def chances(self, vector: Vector, letters: Vector) -> Vector:
        """Return the probability of each class for a question."""
        scores = self.weights @ join(vector, letters, centre=self.centre, mix=self.mix)[0]
        scores = scores + self.biases
        shares = np.exp(scores - scores.max())
        return np.asarray(shares / shares.sum(), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the head to a file; a reader sees the old one or the new one, never a half."""
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = {
            "format": FORMAT,
            "model": self.model,
            "digest": self.digest,
            "classes": self.classes,
            "mix": self.mix,
            "judge": asdict(self.judge),
            "runs": list(self.lexicon.places),
        }
        half = path.with_suffix(".half.npz")
        np.savez(
            half,
            plain=np.array(json.dumps(plain, ensure_ascii=False)),
            centre=self.centre,
            weights=self.weights.astype(np.float16),
            biases=self.biases,
            rows=self.lexicon.rows,
        )
        half.replace(path)


def load_head(path: Path) -> Head | None:
    """Read a head from a file; None when there is none or it is of another format."""
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        plain = json.loads(str(file["plain"]))
        if plain["format"] != FORMAT:
            return None
        judge = plain["judge"]
        return Head(
            model=plain["model"],
            digest=plain["digest"],
            classes=tuple(plain["classes"]),
            centre=file["centre"],
            weights=file["weights"].astype(np.float32),
            biases=file["biases"],
            mix=plain["mix"],
            lexicon=Lexicon({run: at for at, run in enumerate(plain["runs"])}, file["rows"]),
            judge=Judge(
                right=tuple(judge["right"]),
                among=tuple(judge["among"]),
                answer_from=judge["answer_from"],
                offer_from=judge["offer_from"],
                likeness=judge["likeness"],
            ),
        )


def join(vectors: Vectors, letters: Vectors, *, centre: Vector, mix: float) -> Vectors:
    """Return what the head sees: the centred sentence vectors beside the lexical ones.

    All vectors of E5 share most of their direction; without it the rest is spread out.
    """
    return np.hstack([spread(vectors, centre), mix * np.atleast_2d(letters)])


def spread(vectors: Vectors, centre: Vector) -> Vectors:
    """Return sentence vectors without their common part, of length 1 again; always 2-D."""
    rest = np.atleast_2d(vectors) - centre
    return np.asarray(rest / (np.linalg.norm(rest, axis=1, keepdims=True) + 1e-9), np.float32)


def _logistic(weights: Sequence[float], signs: Vector) -> float:
    total = float(np.dot(weights[:-1], signs)) + weights[-1]
    return float(1 / (1 + np.exp(-total)))
