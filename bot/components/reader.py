"""The trained reader of intents: two heads, their trust and floors, in one npz file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np

from bot.components import head as heads
from bot.components import trust as trusts
from bot.components.head import Head
from bot.components.trust import Trust

ASK = "ask_knowledge"
REFUSAL = frozenset({"advice", "data_probe", "out_of_scope"})
SMALL_TALK = frozenset(
    "greet goodbye thanks affirm deny stop restart inform helpful not_helpful".split()
)
_FOLDS = 3
_ROUNDS, _HELD_OUT_ROUNDS = 100, 60
# The costly mistakes that may pass, as a share of all knowledge questions in held-out folds.
_ALLOWED = {"talk": 0.01, "refusal": 0.02, "small": 0.01}


def get_group(intent: str) -> str:
    """Names the group whose floor an intent must reach: ask, refusal, small or talk."""
    if intent == ASK:
        return "ask"
    if intent in REFUSAL:
        return "refusal"
    return "small" if intent in SMALL_TALK else "talk"


@dataclass(frozen=True)
class Stage:
    """One head with what makes its word reliable."""

    head: Head
    trust: Trust
    floors: Mapping[str, float]
    known: Optional[np.ndarray] = None
    kinds: Optional[np.ndarray] = None

    def read(self, text: str, vector: Optional[np.ndarray]) -> List[Tuple[str, float]]:
        """Ranks the intents of one sentence; the first one's figure is the chance that it is right.

        An intent whose trust is under its group's floor gives way to `ask_knowledge`: an unsure
        sentence is a question for the knowledge, never a transaction.
        """
        chance = self.head.predict_one(text, vector)
        order = np.argsort(-chance)
        likeness = self._get_likeness(vector, int(order[0]))
        sure = float(self.trust.rate(trusts.get_signs(chance[None, :], likeness))[0])
        ranked = [(self.head.intents[at], float(chance[at])) for at in order]
        first = ranked[0][0]
        if sure >= self.floors.get(get_group(first), 0.0):
            return [(first, sure)] + ranked[1:]
        rest = [one for one in ranked if one[0] != ASK]
        return [(ASK, min(1.0 - sure, 0.5))] + rest

    def _get_likeness(self, vector: Optional[np.ndarray], kind: int) -> np.ndarray:
        if vector is None or self.known is None or self.head.mean is None:
            return np.full((1, 2), trusts.FAR)
        moved = heads.center(vector, self.head.mean)
        unit = (moved / max(float(np.linalg.norm(moved)), 1e-9))[None, :]
        return trusts.get_likeness(
            unit, np.array([kind]), known=self.known, known_kinds=self.kinds
        )


@dataclass(frozen=True)
class Reader:
    """The stage over vectors and n-grams, and the one for when no vector is to be had."""

    full: Stage
    bare: Stage
    report: Dict[str, Any] = field(default_factory=dict)

    def read(self, text: str, vector: Optional[np.ndarray]) -> List[Tuple[str, float]]:
        """Ranks the intents of one sentence, with the vector where there is one."""
        return (self.bare if vector is None else self.full).read(text, vector)

    def save(self, path: Path) -> None:
        """Writes the reader as arrays without pickles."""
        arrays: Dict[str, np.ndarray] = {"report": np.array(json.dumps(self.report))}
        for name, stage in (("full", self.full), ("bare", self.bare)):
            arrays[f"{name}.intents"] = np.array(list(stage.head.intents))
            arrays[f"{name}.floors"] = np.array(json.dumps(dict(stage.floors)))
            for key, value in (
                ("weights", stage.head.weights), ("bias", stage.head.bias), ("idf", stage.head.idf),
                ("mean", stage.head.mean), ("trust", stage.trust.weights), ("known", stage.known),
                ("kinds", stage.kinds),
            ):
                if value is not None:
                    arrays[f"{name}.{key}"] = value
        np.savez(path, **arrays)

    @classmethod
    def load(cls, path: Path) -> "Reader":
        """Reads what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            held = {key: stored[key] for key in stored.files}
        return cls(_load_stage(held, "full"), _load_stage(held, "bare"), json.loads(str(held["report"])))


def _load_stage(held: Mapping[str, np.ndarray], name: str) -> Stage:
    head = Head(
        held[f"{name}.intents"].tolist(), held[f"{name}.weights"], held[f"{name}.bias"],
        held[f"{name}.idf"], held.get(f"{name}.mean"),
    )
    floors = json.loads(str(held[f"{name}.floors"]))
    known, kinds = held.get(f"{name}.known"), held.get(f"{name}.kinds")
    return Stage(head, Trust(held[f"{name}.trust"]), floors, known, kinds)


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
    texts: Sequence[str], names: Sequence[str], vectors: Optional[np.ndarray], *,
    kinds: np.ndarray, width: int,
) -> Tuple[np.ndarray, np.ndarray]:
    fold = np.random.default_rng(7).permutation(len(texts)) % _FOLDS
    chance = np.full((len(texts), width), 1e-9)
    likeness = np.full((len(texts), 2), trusts.FAR)
    place = {name: at for at, name in enumerate(sorted(set(names)))}
    for held in range(_FOLDS):
        rest, out = np.flatnonzero(fold != held), np.flatnonzero(fold == held)
        some = None if vectors is None else vectors[rest]
        head = heads.train([texts[i] for i in rest], [names[i] for i in rest], vectors=some, rounds=_HELD_OUT_ROUNDS)
        shown = None if vectors is None else vectors[out]
        columns = [place[name] for name in head.intents]
        chance[np.ix_(out, columns)] = head.predict([texts[i] for i in out], shown)
        if vectors is not None and head.mean is not None and some is not None and shown is not None:
            scale = 1.0 / np.linalg.norm(heads.center(some[:1], head.mean))
            likeness[out] = trusts.get_likeness(
                heads.center(shown, head.mean) * scale, chance[out].argmax(axis=1),
                known=heads.center(some, head.mean) * scale, known_kinds=kinds[rest],
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
        floors[name] = min(max(found, 0.5 if name != "refusal" else 0.4), 0.95)
    return floors


def _report(
    intents: Sequence[str], kinds: np.ndarray, guess: np.ndarray, sure: np.ndarray,
    floors: Mapping[str, float],
) -> Dict[str, Any]:
    group = np.array([get_group(name) for name in intents])
    ask = list(intents).index(ASK)
    floor = np.array([floors.get(name, 0.0) for name in group])[guess]
    final = np.where(sure >= floor, guess, ask)
    asked = kinds == ask
    by_intent = {
        name: round(float((final[kinds == at] == at).mean()), 4) for at, name in enumerate(intents)
    }
    stray = float((group[final[asked]] == "talk").mean())
    mistaken = (group[kinds] == "talk") & (group[final] == "talk") & (final != kinds)
    return {
        "accuracy": round(float((guess == kinds).mean()), 4),
        "accuracy_after_floors": round(float((final == kinds).mean()), 4),
        "questions_taken_for_a_talk": round(stray, 4),
        "talks_taken_for_another_talk": round(float(mistaken.sum() / (group[kinds] == "talk").sum()), 4),
        "calibration_error": round(_calibration_error(sure, guess == kinds), 4),
        "floors": {name: round(value, 3) for name, value in floors.items()},
        "recall": by_intent,
    }


def _calibration_error(sure: np.ndarray, right: np.ndarray) -> float:
    bins = np.clip((sure * 10).astype(int), 0, 9)
    total = 0.0
    for one in range(10):
        inside = bins == one
        if inside.any():
            total += inside.mean() * abs(float(sure[inside].mean()) - float(right[inside].mean()))
    return float(total)
