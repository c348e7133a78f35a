"""Learns the head and the judge from the articles and the negative questions, nothing else.

Every threshold comes out of cross-validation on our own texts: a question is judged by a head that
was fitted without it and by neighbours without itself. The questions of `../shared/eval` are never
read here.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from knowledge.encoder import Vector, Vectors
from knowledge.head import FORMAT, Head, Judge, join
from knowledge.index import NO_ROW, SIGNS, Index
from knowledge.lexicon import Lexicon, count_runs
from knowledge.negative import Negative
from knowledge.normal import normalise
from knowledge.passage import Passages

_DIMENSIONS = 128
_FREEDOM = 60.0
_MIX = 0.4
_ROUNDS = 200
_FOLDS = 3
_JUDGED = 2500
_SEED = 7

_NO_SIGN = (0.0,) * (len(SIGNS) + 1)
_UNDECIDED = Judge(_NO_SIGN, _NO_SIGN, 1.0, 1.0, 1.0)

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Goal:
    """What the thresholds must keep to, in shares measured by cross-validation.

    Of the questions of a kind, how many may be answered with an article (or, `offered_…`, with a
    choice of three), and of our own questions, how many may be answered with the wrong one.
    """

    far: float = 0.015
    near: float = 0.07
    refused: float = 0.07
    wrong: float = 0.09
    offered_far: float = 0.06
    offered_near: float = 0.25


@dataclass(frozen=True, slots=True)
class Material:
    """All that is learned from, in rows: questions of articles first, then the negatives."""

    questions: Passages
    bodies: Passages
    negatives: tuple[Negative, ...]
    negative_vectors: Vectors

    @property
    def labels(self) -> list[str]:
        """The class of each row."""
        return [*self.questions.keys, *(f"#{negative.kind}" for negative in self.negatives)]

    @property
    def texts(self) -> list[str]:
        """The normalised text of each row."""
        written = [*self.questions.texts, *(negative.text for negative in self.negatives)]
        return [normalise(text) for text in written]

    @property
    def vectors(self) -> Vectors:
        """The sentence vector of each row."""
        if not self.negatives:
            return self.questions.vectors
        return np.concatenate([self.questions.vectors, self.negative_vectors])

    def digest(self, model: str) -> str:
        """Return the fingerprint of all this with the encoder's model."""
        return digest_material(self.questions, self.bodies, self.negatives, model)


def digest_material(
    questions: Passages, bodies: Passages, negatives: Sequence[Negative], model: str
) -> str:
    """Return a fingerprint of everything that a trained head depends on."""
    rows = [
        *sorted(zip(questions.keys, questions.texts, strict=True)),
        *sorted(zip(bodies.keys, bodies.texts, strict=True)),
        *sorted((negative.kind, negative.text) for negative in negatives),
    ]
    settings = [FORMAT, model, _DIMENSIONS, _FREEDOM, _MIX, repr(Goal())]
    return hashlib.sha256(json.dumps([settings, rows], ensure_ascii=False).encode()).hexdigest()


def train_head(
    material: Material,
    model: str,
    *,
    goal: Goal | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Head:
    """Fit the head on everything and the judge on what cross-validation says of it."""
    labels, texts, vectors = material.labels, material.texts, material.vectors
    lexicon = learn_lexicon(texts)
    letters = lexicon.encode_all(texts)
    tell(f"lexicon of {len(lexicon.places)} runs from {len(texts)} texts")
    centre = np.asarray(material.questions.vectors.mean(axis=0), dtype=np.float32)
    seen = join(vectors, letters, centre=centre, mix=_MIX)
    classes, weights, biases = _fit(seen, labels)
    head = Head(
        model=model,
        digest=digest_material(material.questions, material.bodies, material.negatives, model),
        classes=classes,
        centre=centre,
        weights=weights,
        biases=biases,
        mix=_MIX,
        lexicon=lexicon,
        judge=_UNDECIDED,
    )
    chances = _cross_validate(seen, labels, classes)
    tell("head fitted and cross-validated")
    judge = _learn_judge(material, head, letters, chances, goal or Goal())
    tell(f"answers from {judge.answer_from:.2f}, offers choices from {judge.offer_from:.2f}")
    return replace(head, judge=judge)


def learn_lexicon(texts: Sequence[str]) -> Lexicon:
    """Learn which runs of characters matter and condense them."""
    counter = TfidfVectorizer(
        analyzer=lambda text: list(count_runs(text).elements()), sublinear_tf=True, min_df=2
    )
    table = counter.fit_transform(texts)
    size = min(_DIMENSIONS, table.shape[1] - 1, table.shape[0] - 1)
    condensed = TruncatedSVD(size, n_iter=3, random_state=_SEED).fit(table)
    rows = condensed.components_.T * counter.idf_[:, None]
    places = {str(run): int(at) for run, at in counter.vocabulary_.items()}
    ordered = {run: places[run] for run in sorted(places, key=places.__getitem__)}
    return Lexicon(ordered, rows.astype(np.float16))


def _fit(seen: Vectors, labels: Sequence[str]) -> tuple[tuple[str, ...], Vectors, Vector]:
    # One thread: on a busy machine several wait for each other, ten times as long as one needs.
    with threadpool_limits(limits=1):
        fitted = LogisticRegression(C=_FREEDOM, max_iter=_ROUNDS, tol=3e-4).fit(seen, labels)
    classes = tuple(str(name) for name in fitted.classes_)
    weights, biases = fitted.coef_, fitted.intercept_
    if len(classes) == 2:  # scikit-learn keeps one row for two classes
        weights, biases = np.vstack([-weights, weights]), np.hstack([-biases, biases])
    return classes, weights.astype(np.float32), biases.astype(np.float32)


def _cross_validate(seen: Vectors, labels: Sequence[str], classes: Sequence[str]) -> Vectors:
    """Return the chances (rows, classes) that a head gives which was fitted without the row."""
    column = {name: at for at, name in enumerate(classes)}
    chances = np.full((len(labels), len(classes)), 1e-9, np.float32)
    named = np.array(labels)
    folds = min(_FOLDS, *Counter(labels).values())
    if folds < 2:
        raise ValueError("Every article and every kind of negative needs two texts at least.")
    for known, asked in StratifiedKFold(folds, shuffle=True, random_state=_SEED).split(seen, named):
        names, weights, biases = _fit(seen[known], named[known].tolist())
        scores = seen[asked] @ weights.T + biases
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        places = [column[name] for name in names]
        chances[np.ix_(asked, places)] = shares / shares.sum(axis=1, keepdims=True)
    return chances


def _learn_judge(
    material: Material, head: Head, letters: Vectors, chances: Vectors, goal: Goal
) -> Judge:
    index = Index(material.questions, material.bodies, head)
    labels, vectors = np.array(material.labels), material.vectors
    own = len(material.questions.keys)
    rows = np.unique(
        np.concatenate([np.linspace(0, own - 1, _JUDGED).astype(int), np.arange(own, len(labels))])
    )
    signs, right, among = [], [], []
    for row in rows.tolist():
        without = row if row < own else NO_ROW
        finding = index.rank(vectors[row], letters[row], chances[row], without=without)
        best = [index.keys[at] for at in finding.order[:3]]
        signs.append(finding.signs)
        right.append(best[0] == labels[row])
        among.append(labels[row] in best)
    table = np.stack(signs)
    weights = [_logistic(table, np.array(flags)) for flags in (right, among)]
    first, three = (table @ np.array(w[:-1]) + w[-1] for w in weights)
    answer_from = _threshold(_share(first), labels[rows], np.array(right), goal)
    offered = Goal(goal.offered_far, goal.offered_near, goal.offered_near, 1.0)
    offer_from = _threshold(_share(three), labels[rows], np.array(among), offered)
    return Judge(weights[0], weights[1], answer_from, offer_from, _likeness(material.questions))


def _logistic(table: Vectors, flags: Flags) -> tuple[float, ...]:
    fitted = LogisticRegression(max_iter=2000).fit(table, flags)
    return (*map(float, fitted.coef_[0]), float(fitted.intercept_[0]))


def _share(scores: Vector) -> Vector:
    return np.asarray(1 / (1 + np.exp(-scores)), dtype=np.float32)


def _threshold(found: Vector, labels: npt.NDArray[np.str_], right: Flags, goal: Goal) -> float:
    """Return the lowest probability from which every goal is kept."""
    ours = ~np.char.startswith(labels, "#")
    limits = [
        (found[labels == "#far"], goal.far),
        (found[labels == "#near"], goal.near),
        (found[(labels == "#advice") | (labels == "#probe")], goal.refused),
    ]
    bounds = [_bound(values, len(values), share) for values, share in limits]
    bounds.append(_bound(found[ours & ~right], int(ours.sum()), goal.wrong))
    return float(max(bounds))


def _bound(values: Vector, of: int, share: float) -> float:
    """Return the value that at most `share` of `of` lie at or above."""
    allowed = int(share * of)
    if len(values) <= allowed:
        return 0.0
    return float(np.nextafter(np.sort(values)[::-1][allowed], np.float32(2)))


def _likeness(questions: Passages) -> float:
    """Return the least cosine at which nine of ten nearest neighbours ask for the same article."""
    keys = np.array(questions.keys)
    rows = np.linspace(0, len(keys) - 1, min(len(keys), 1500)).astype(int)
    cosines = questions.vectors[rows] @ questions.vectors.T
    cosines[np.arange(len(rows)), rows] = -1
    nearest = cosines.argmax(axis=1)
    values = cosines[np.arange(len(rows)), nearest]
    same = (keys[nearest] == keys[rows])[np.argsort(-values)]
    precision = np.cumsum(same) / np.arange(1, len(same) + 1)
    enough = np.flatnonzero(precision >= 0.9)
    return float(np.sort(values)[::-1][enough[-1]]) if len(enough) else 1.0
