"""All that is published, in memory: every question's neighbours in one multiplication.

The database is the truth (`store.article.find_near` asks pgvector the same question and a test
holds the two equal); this is its hot copy, a few thousand rows of float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.encoder import Vector, Vectors
from knowledge.head import NEGATIVES, Head
from knowledge.normal import normalise
from knowledge.passage import Passages

SIGNS = ("log_chance", "lead", "nearest", "nearest_spread", "nearest_three", "log_negative", "body")
"""What the judge looks at for a finding, in this order."""

_MANY = 3
_LETTERS = 0.2
_NEIGHBOURS = 0.5
_FAVOUR = 2.0
_TINY = 1e-6
_FAR_AHEAD = 10.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like one question is to each question of the index (three ways) and to each body."""

    raw: Vector
    spread: Vector
    letters: Vector
    bodies: Vector

    def without(self, row: int) -> Likeness:
        """Return the same with one question of the index taken out of sight.

        Training asks with questions that are themselves in the index.
        """
        raw, near, letters = (
            np.where(np.arange(len(values)) == row, np.float32(-1.0), values)
            for values in (self.raw, self.spread, self.letters)
        )
        return Likeness(raw, near, letters, self.bodies)


@dataclass(frozen=True, slots=True)
class Finding:
    """The articles of the index for one question, best first, with what speaks for the best."""

    order: npt.NDArray[np.intp]
    scores: Vector
    signs: Vector
    negatives: dict[str, float]

    @property
    def chance(self) -> float:
        """The head's probability of the best article."""
        return float(np.exp(self.signs[0]))


class Index:
    """Compares a question with every question, title and body that is published."""

    def __init__(self, questions: Passages, bodies: Passages, head: Head) -> None:
        self.keys = tuple(sorted(set(questions.keys)))
        self._head = head
        place = {key: at for at, key in enumerate(self.keys)}
        self._groups = _group([place[key] for key in questions.keys], len(self.keys))
        self._raw = questions.vectors
        self._shared = questions.vectors @ head.centre - float(head.centre @ head.centre)
        self._reach = np.linalg.norm(questions.vectors - head.centre, axis=1) + _TINY
        self._letters = head.lexicon.encode_all([normalise(text) for text in questions.texts])
        self._body_groups = _group([place[key] for key in bodies.keys], len(self.keys))
        self._bodies = bodies.vectors
        known = {name: at for at, name in enumerate(head.classes)}
        self._columns = np.array([known.get(key, -1) for key in self.keys])
        self._negatives = [(name, known[name]) for name in NEGATIVES if name in known]

    def find(self, text: str, vector: Vector, *, favoured: frozenset[str] = frozenset()) -> Finding:
        """Rank the articles for a normalised question; `favoured` keys win where it is close."""
        letters = self._head.lexicon.encode(text)
        chances = self._head.chances(vector, letters)
        if favoured:
            names = self._head.classes
            lift = np.array([_FAVOUR if name in favoured else 1.0 for name in names], np.float32)
            chances = chances * lift / (chances @ lift)
        return self.rank(self.compare(vector[None], letters[None])[0], chances)

    def compare(self, vectors: Vectors, letters: Vectors) -> list[Likeness]:
        """Compare some questions with everything in the index at once."""
        raw = vectors @ self._raw.T
        # The cosine of two spread vectors follows from that of the raw ones; multiplying twice
        # would read twice as much memory, which is what a search spends its time on.
        middle = self._head.centre
        reach = np.linalg.norm(vectors - middle, axis=1, keepdims=True) + _TINY
        shared = (vectors @ middle)[:, None] + self._shared
        near = np.asarray((raw - shared) / (reach * self._reach), np.float32)
        parts = (raw, near, letters @ self._letters.T, vectors @ self._bodies.T)
        return [Likeness(*rows) for rows in zip(*parts, strict=True)]

    def rank(self, like: Likeness, chances: Vector) -> Finding:
        """Rank the articles from a question's likeness to all texts and the head's chances."""
        three = _mean_of_best(like.spread, self._groups)
        letters = _mean_of_best(like.letters, self._groups)
        # An article that the head has not seen yet (imported after training) gets the chance of a
        # class that it thinks nothing of, and lives by its neighbours.
        chance = np.where(self._columns >= 0, chances[self._columns], _TINY)
        logs = np.log(chance + np.float32(_TINY))
        neighbours = _standard(three) + _LETTERS * _standard(letters)
        scores = np.asarray(logs + _NEIGHBOURS * neighbours, np.float32)
        order = np.argsort(-scores)
        best = order[0]
        negatives = {name: float(chances[at]) for name, at in self._negatives}
        signs = [
            logs[best],
            scores[best] - scores[order[1]] if len(order) > 1 else _FAR_AHEAD,
            20 * _best(like.raw, self._groups[best]),
            5 * _best(like.spread, self._groups[best]),
            5 * three[best],
            np.log(sum(negatives.values()) + _TINY),
            20 * _best(like.bodies, self._body_groups[best]),
        ]
        return Finding(order, scores, np.array(signs, np.float32), negatives)


def _group(places: Sequence[int], size: int) -> npt.NDArray[np.intp]:
    """Return for each article the numbers of its rows, filled up with -1 at the end."""
    groups: list[list[int]] = [[] for _ in range(size)]
    for row, place in enumerate(places):
        groups[place].append(row)
    # An article with fewer texts than are averaged counts its own again instead of nothing.
    groups = [group if len(group) >= _MANY else (group * _MANY)[:_MANY] for group in groups]
    width = max((len(group) for group in groups), default=_MANY)
    return np.array([(group + [-1] * width)[:width] for group in groups], dtype=np.intp)


def _mean_of_best(values: Vector, groups: npt.NDArray[np.intp]) -> Vector:
    found = np.append(values, np.float32(-1.0))[groups]
    best = np.partition(found, -_MANY, axis=1)[:, -_MANY:]
    return np.asarray(best.mean(axis=1), dtype=np.float32)


def _best(values: Vector, group: npt.NDArray[np.intp]) -> float:
    return float(values[group[group >= 0]].max(initial=-1.0))


def _standard(values: Vector) -> Vector:
    return np.asarray((values - values.mean()) / (values.std() + _TINY), dtype=np.float32)
