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
_SHORTLIST = 32
NO_ROW = -2

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Finding:
    """The articles for one question as places in `Index.keys`, best first, with their scores.

    `signs` is what speaks for the best (see SIGNS), `negatives` the chance of each other business.
    """

    order: Places
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
        return self.rank(vector, letters, chances)

    def rank(
        self, vector: Vector, letters: Vector, chances: Vector, *, without: int = NO_ROW
    ) -> Finding:
        """Rank the articles that the head thinks most of, with what their neighbours say.

        `without` leaves one question of the index out of sight: training asks with questions that
        are themselves in the index.
        """
        articles, logs = self._shortlist(chances)
        groups = self._groups[articles]
        seen = (groups >= 0) & (groups != without)
        rows = groups[seen]
        raw = self._raw[rows] @ vector
        near = _table(self._spread(raw, rows, vector), seen)
        three = _mean_of_best(near)
        alike = _mean_of_best(_table(self._letters[rows] @ letters, seen))
        neighbours = _standard(three) + _LETTERS * _standard(alike)
        scores = np.asarray(logs + _NEIGHBOURS * neighbours, np.float32)
        order = np.argsort(-scores)
        best, negatives = order[0], {name: float(chances[at]) for name, at in self._negatives}
        signs = [
            logs[best],
            scores[best] - scores[order[1]] if len(order) > 1 else _FAR_AHEAD,
            20 * _table(raw, seen)[best].max(),
            5 * near[best].max(),
            5 * three[best],
            np.log(sum(negatives.values()) + _TINY),
            20 * self._nearest_body(articles[best], vector),
        ]
        told = np.array(signs, np.float32)
        return Finding(articles[order], scores[order], told, negatives)

    def _nearest_body(self, article: np.intp, vector: Vector) -> float:
        rows = self._body_groups[article]
        return float((self._bodies[rows[rows >= 0]] @ vector).max(initial=-1.0))

    def _shortlist(self, chances: Vector) -> tuple[Places, Vector]:
        """Return the articles worth comparing and the logarithm of the chance of each."""
        # An article that the head has not seen yet (imported after training) gets the chance of a
        # class that it thinks nothing of, lives by its neighbours, and is always compared.
        is_new = self._columns < 0
        chance = np.where(is_new, np.float32(_TINY), chances[self._columns])
        most = np.argsort(-np.where(is_new, np.float32(2.0), chance), kind="stable")
        articles = most[: _SHORTLIST + int(is_new.sum())]
        return articles, np.log(chance[articles] + np.float32(_TINY))

    def _spread(self, raw: Vector, rows: Places, vector: Vector) -> Vector:
        """Return the cosines of spread vectors (knowledge.head.spread) from those of raw ones."""
        # Multiplying twice would read twice as much memory, which is where the time goes.
        middle = self._head.centre
        reach = float(np.linalg.norm(vector - middle)) + _TINY
        shared = float(vector @ middle) + self._shared[rows]
        return np.asarray((raw - shared) / (reach * self._reach[rows]), np.float32)


def _group(places: Sequence[int], size: int) -> Places:
    """Return for each article the numbers of its rows, filled up with -1 at the end."""
    groups: list[list[int]] = [[] for _ in range(size)]
    for row, place in enumerate(places):
        groups[place].append(row)
    # An article with fewer texts than are averaged counts its own again instead of nothing.
    groups = [group if len(group) >= _MANY else (group * _MANY)[:_MANY] for group in groups]
    width = max((len(group) for group in groups), default=_MANY)
    return np.array([(group + [-1] * width)[:width] for group in groups], dtype=np.intp)


def _table(values: Vector, seen: npt.NDArray[np.bool_]) -> Vectors:
    """Lay values out as the rows of articles, -1 where there is none."""
    table = np.full(seen.shape, -1.0, np.float32)
    table[seen] = values
    return table


def _mean_of_best(table: Vectors) -> Vector:
    return np.asarray(np.partition(table, -_MANY, axis=1)[:, -_MANY:].mean(axis=1), np.float32)


def _standard(values: Vector) -> Vector:
    return np.asarray((values - values.mean()) / (values.std() + _TINY), dtype=np.float32)
