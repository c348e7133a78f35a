"""How far a prediction can be trusted: the chance that the head's first intent is right."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Sequence

import numpy as np

FAR = -1.0


@dataclass(frozen=True)
class Trust:
    """A logistic regression over the signs of one prediction (see `get_signs`)."""

    weights: np.ndarray

    def rate(self, signs: np.ndarray) -> np.ndarray:
        """Gives the chance, 0 to 1, that each prediction is right; signs: rows x 4."""
        return 1.0 / (1.0 + np.exp(-(signs @ self.weights[:-1] + self.weights[-1])))

    def rate_one(self, first: float, second: float, near: float, other: float) -> float:
        """Gives the chance that one prediction is right, as `rate` does for a row of `get_signs`.

        Args:
            first: the highest probability of the head.
            second: the second highest.
            near: the cosine to the nearest known sentence of the predicted intent, or `FAR`.
            other: the cosine to the nearest of any other intent, or `FAR`.
        """
        first, second = (min(max(one, 1e-6), 1 - 1e-6) for one in (first, second))
        signs = (math.log(first / (1 - first)), math.log(first / second), near, near - other)
        score = sum(sign * weight for sign, weight in zip(signs, self.weights.tolist()))
        return 1.0 / (1.0 + math.exp(-score - float(self.weights[-1])))


def get_signs(chance: np.ndarray, likeness: np.ndarray) -> np.ndarray:
    """Gathers what tells a sure prediction from a guess: rows x 4.

    Args:
        chance: probabilities of the head, rows x intents.
        likeness: cosine to the nearest known sentence of the predicted intent, and to the nearest
            of any other intent, rows x 2; `FAR` where there is no vector.
    """
    ranked = np.sort(chance, axis=1)
    first = np.clip(ranked[:, -1], 1e-6, 1 - 1e-6)
    second = np.clip(ranked[:, -2], 1e-6, 1 - 1e-6)
    return np.column_stack(
        [
            np.log(first / (1 - first)),
            np.log(first / second),
            likeness[:, 0],
            likeness[:, 0] - likeness[:, 1],
        ]
    )


def train(signs: np.ndarray, right: Sequence[bool], *, rounds: int = 50) -> Trust:
    """Fits the chance of being right by Newton's method on held-out predictions."""
    rows = np.column_stack([signs, np.ones(len(signs))])
    truth = np.asarray(right, dtype=float)
    weights = np.zeros(rows.shape[1])
    for _ in range(rounds):
        chance = 1.0 / (1.0 + np.exp(-rows @ weights))
        slope = rows.T @ (chance - truth) + 1e-2 * weights
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + 1e-2 * np.eye(rows.shape[1])
        step = np.linalg.solve(bend, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-6:
            break
    return Trust(weights)


def get_likeness(
    vectors: np.ndarray, kinds: np.ndarray, *, known: np.ndarray, known_kinds: np.ndarray
) -> np.ndarray:
    """Finds the cosine to the nearest known sentence of the own and of another kind: rows x 2."""
    similar = vectors @ known.T
    own = known_kinds[None, :] == kinds[:, None]
    near = np.where(own, similar, FAR).max(axis=1)
    other = np.where(own, FAR, similar).max(axis=1)
    return np.column_stack([near, other])


def find_floor(trust: np.ndarray, wrong: np.ndarray, *, allowed: float, total: int) -> float:
    """Finds the lowest trust at which at most `allowed * total` predictions are wrong.

    Args:
        trust: the trust of each held-out prediction of one group of intents.
        wrong: whether that prediction is a costly mistake.
        allowed: the share of costly mistakes that may pass.
        total: how many sentences could have been mistaken.
    """
    order = np.argsort(-trust)
    mistakes = np.cumsum(wrong[order])
    passing = np.flatnonzero(mistakes <= allowed * total)
    if len(passing) == len(order):
        return 0.0
    return float(trust[order][len(passing)]) + 1e-6 if len(passing) else 1.0
