"""The nearest known sentence of one kind and of all other kinds, for one sentence at a time.

Reading every known vector in full is what understanding a message costs most: seven megabytes that
no cache keeps. So the main directions of all vectors are held apart. The product in those, and the
lengths of what they leave out, bound each cosine from above; only rows that could still be the
nearest are read in full. What is found is what a full search finds.
"""

from __future__ import annotations

from typing import Tuple

import numpy as np

from bot.components.trust import FAR

_DIRECTIONS = 160
# Rounding in single precision stays well under it.
_SLACK = 1e-5
_OUT = -9.0


class Nearest:
    """Unit vectors kept in the order of their kinds, so that a kind is one stretch of them."""

    def __init__(self, known: np.ndarray, kinds: np.ndarray) -> None:
        order = np.argsort(kinds, kind="stable")
        self._kinds = kinds[order]
        self._rows = np.ascontiguousarray(known[order], np.float32)
        self._turn = _find_directions(self._rows)
        self._front = self._rows @ self._turn
        self._rest = _get_rest(self._front)

    def find(self, unit: np.ndarray, kind: int) -> Tuple[float, float]:
        """Finds the cosine to the nearest of `kind` and to the nearest of any other kind.

        The same as `trust.get_likeness` of one row; a side without sentences gives `FAR`.
        """
        front = unit @ self._turn
        near = self._front @ front
        bound = near + self._rest * _get_rest(front) + _SLACK
        start, stop = np.searchsorted(self._kinds, (kind, kind + 1))
        own = FAR
        if start < stop:
            own = self._find_most(unit, near[start:stop], bound[start:stop], start=start)
            near[start:stop] = bound[start:stop] = _OUT
        if stop - start == len(near):
            return own, FAR
        return own, self._find_most(unit, near, bound, start=0)

    def _find_most(
        self, unit: np.ndarray, near: np.ndarray, bound: np.ndarray, *, start: int
    ) -> float:
        likely = float(self._rows[start + near.argmax()] @ unit)
        left = np.flatnonzero(bound > likely) + start
        return float((self._rows[left] @ unit).max(initial=likely))


def _find_directions(rows: np.ndarray) -> np.ndarray:
    """Finds the main directions of unit vectors, the strongest first: dimensions x directions."""
    _, directions = np.linalg.eigh(rows.T.astype(np.float64) @ rows)
    return np.ascontiguousarray(directions[:, ::-1][:, :_DIRECTIONS], np.float32)


def _get_rest(front: np.ndarray) -> np.ndarray:
    """Gives the length of what the main directions leave of unit vectors."""
    return np.sqrt(np.maximum(1.0 - (front * front).sum(axis=-1), 0.0))
