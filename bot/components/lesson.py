"""Trains the reader of intents, and measures it on sentences that it was not shown."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

import numpy as np

from bot.components import head as heads
from bot.components import trust as trusts
from bot.components.reader import ASK, Reader, Stage, get_group

_FOLDS = 3
_ROUNDS, _HELD_OUT_ROUNDS = 80, 45
# The costly mistakes that may pass, as a share of all knowledge questions in held-out folds.
_ALLOWED = {"talk": 0.01, "guard": 0.02, "beyond": 0.01, "small": 0.01}
# One mislabelled sentence moves a floor far; these bounds hold it.
_BOUNDS = {"talk": (0.5, 0.7), "guard": (0.5, 0.6), "beyond": (0.5, 0.8), "small": (0.5, 0.8)}


def train(texts: Sequence[str], names: Sequence[str], vectors: np.ndarray) -> Reader:
    """Trains both stages and measures them on held-out folds (the report, shares of 1)."""
    full, full_report = _train_stage(texts, names, vectors)
    bare, bare_report = _train_stage(texts, names, None)
    return Reader(full, bare, {"sentences": len(texts), "full": full_report, "bare": bare_report})


def _train_stage(
    texts: Sequence[str], names: Sequence[str], vectors: Optional[np.ndarray]
) -> Tuple[Stage, Dict[str, Any]]:
    head = heads.train(texts, names, vectors=vectors, rounds=_ROUNDS)
    place = {name: at for at, name in enumerate(head.intents)}
    kinds = np.array([place[name] for name in names])
    chance, likeness = _hold_out(texts, names, vectors, kinds=kinds, width=len(place))
    guess = chance.argmax(axis=1)
    signs = trusts.get_signs(chance, likeness)
    trust = trusts.train(signs, guess == kinds)
    sure = trust.rate(signs)
    floors = _find_floors(head.intents, kinds, guess, sure)
    known = None
    if vectors is not None and head.mean is not None:
        moved = heads.center(vectors, head.mean)
        known = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    stage = Stage(head, trust, floors, known, None if known is None else kinds)
    return stage, _report(head.intents, kinds, guess, sure, floors)


def _hold_out(
    texts: Sequence[str],
    names: Sequence[str],
    vectors: Optional[np.ndarray],
    *,
    kinds: np.ndarray,
    width: int,
) -> Tuple[np.ndarray, np.ndarray]:
    fold = np.random.default_rng(7).permutation(len(texts)) % _FOLDS
    chance = np.full((len(texts), width), 1e-9)
    likeness = np.full((len(texts), 2), trusts.FAR)
    place = {name: at for at, name in enumerate(sorted(set(names)))}
    for held in range(_FOLDS):
        rest, out = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        some = None if vectors is None else vectors[rest]
        head = heads.train(
            [texts[i] for i in rest],
            [names[i] for i in rest],
            vectors=some,
            rounds=_HELD_OUT_ROUNDS,
        )
        shown = None if vectors is None else vectors[out]
        columns = [place[name] for name in head.intents]
        chance[np.ix_(out, columns)] = head.predict([texts[i] for i in out], shown)
        if vectors is not None and head.mean is not None and some is not None and shown is not None:
            scale = 1.0 / np.linalg.norm(heads.center(some[:1], head.mean))
            likeness[out] = trusts.get_likeness(
                heads.center(shown, head.mean) * scale,
                chance[out].argmax(axis=1),
                known=heads.center(some, head.mean) * scale,
                known_kinds=kinds[rest],
            )
    return chance, likeness


def _find_floors(
    intents: Sequence[str], kinds: np.ndarray, guess: np.ndarray, sure: np.ndarray
) -> Dict[str, float]:
    group = np.array([get_group(name) for name in intents])
    asked = group[kinds] == "ask"
    floors: Dict[str, float] = {}
    for name, allowed in _ALLOWED.items():
        there = group[guess] == name
        wrong = there & (group[kinds] == "ask")
        found = trusts.find_floor(
            sure[there], wrong[there], allowed=allowed, total=int(asked.sum())
        )
        lowest, highest = _BOUNDS[name]
        floors[name] = min(max(found, lowest), highest)
    return floors


def _report(
    intents: Sequence[str],
    kinds: np.ndarray,
    guess: np.ndarray,
    sure: np.ndarray,
    floors: Mapping[str, float],
) -> Dict[str, Any]:
    group = np.array([get_group(name) for name in intents])
    floor = np.array([floors.get(name, 0.0) for name in group])[guess]
    final = np.where(sure >= floor, guess, list(intents).index(ASK))
    meant, taken = group[kinds], group[final]
    talk, asked, guarded = meant == "talk", meant == "ask", meant == "guard"
    return {
        "accuracy": _share(guess == kinds),
        "accuracy_after_floors": _share(final == kinds),
        "questions_taken_for_a_talk": _share(taken[asked] == "talk"),
        "questions_refused": _share(taken[asked] == "guard"),
        "guarded_let_through": _share(taken[guarded] == "ask"),
        "talks_taken_for_another_talk": _share(((taken == "talk") & (final != kinds))[talk]),
        "calibration_error": round(_calibration_error(sure, guess == kinds), 4),
        "floors": {name: round(value, 3) for name, value in floors.items()},
        "recall": {name: _share(final[kinds == at] == at) for at, name in enumerate(intents)},
    }


def _share(true: np.ndarray) -> float:
    return round(float(true.mean()), 4) if len(true) else 0.0


def _calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    bins = np.clip((sure * 10).astype(int), 0, 9)
    total = 0.0
    for one in range(10):
        inside = bins == one
        if inside.any():
            total += inside.mean() * abs(float(sure[inside].mean()) - float(right[inside].mean()))
    return float(total)
