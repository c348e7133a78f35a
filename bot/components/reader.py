"""The trained reader of intents: two heads, their trust and floors, in one npz file."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np

from bot.components import head as heads
from bot.components import trust as trusts
from bot.components.head import Head
from bot.components.nearest import Nearest
from bot.components.trust import Trust

log = logging.getLogger(__name__)
ASK = "ask_knowledge"
GUARDED = frozenset({"advice", "data_probe"})
SMALL_TALK = frozenset(
    [
        "greet",
        "goodbye",
        "thanks",
        "affirm",
        "deny",
        "stop",
        "restart",
        "inform",
        "helpful",
        "not_helpful",
    ]
)


def get_group(intent: str) -> str:
    """Names the group whose floor an intent must reach: ask, guard, beyond, small or talk."""
    if intent == ASK:
        return "ask"
    if intent in GUARDED:
        return "guard"
    if intent == "out_of_scope":
        return "beyond"
    return "small" if intent in SMALL_TALK else "talk"


@dataclass(frozen=True)
class Stage:
    """One head with what makes its word reliable: trust, floors, known sentences' vectors."""

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
        near, other = self._get_likeness(vector, int(order[0]))
        sure = self.trust.rate_one(float(chance[order[0]]), float(chance[order[1]]), near, other)
        ranked = [(self.head.intents[at], float(chance[at])) for at in order]
        first = ranked[0][0]
        if sure >= self.floors.get(get_group(first), 0.0):
            return [(first, sure), *ranked[1:]]
        rest = [one for one in ranked if one[0] != ASK]
        return [(ASK, min(1.0 - sure, 0.5)), *rest]

    def _get_likeness(self, vector: Optional[np.ndarray], kind: int) -> Tuple[float, float]:
        if vector is None or self._nearest is None or self.head.mean is None:
            return trusts.FAR, trusts.FAR
        moved = heads.center(vector, self.head.mean)
        return self._nearest.find(moved / max(float(np.linalg.norm(moved)), 1e-9), kind)

    @cached_property
    def _nearest(self) -> Optional[Nearest]:
        if self.known is None or self.kinds is None:
            return None
        return Nearest(self.known, self.kinds)


@dataclass(frozen=True)
class Reader:
    """The stage over vectors and n-grams, and the one for when no vector is to be had."""

    full: Stage
    bare: Stage
    report: Dict[str, Any] = field(default_factory=dict)

    def read(self, text: str, vector: Optional[np.ndarray]) -> List[Tuple[str, float]]:
        """Ranks the intents of one sentence, with the vector where there is a fitting one."""
        if vector is not None and not self.fits(vector):
            log.warning("bot.vector.unfit %s numbers; train again for this encoder", vector.shape)
            vector = None
        return (self.bare if vector is None else self.full).read(text, vector)

    def fits(self, vector: np.ndarray) -> bool:
        """Tells whether the vector is of the encoder that the reader was trained with."""
        mean = self.full.head.mean
        return mean is not None and vector.shape == mean.shape

    def save(self, path: Path) -> None:
        """Writes the reader as arrays without pickles."""
        arrays: Dict[str, np.ndarray] = {"report": np.array(json.dumps(self.report))}
        for name, stage in (("full", self.full), ("bare", self.bare)):
            arrays[f"{name}.intents"] = np.array(list(stage.head.intents))
            arrays[f"{name}.floors"] = np.array(json.dumps(dict(stage.floors)))
            for key, value in (
                ("weights", stage.head.weights),
                ("bias", stage.head.bias),
                ("idf", stage.head.idf),
                ("mean", stage.head.mean),
                ("trust", stage.trust.weights),
                ("known", stage.known),
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
        return cls(
            _load_stage(held, "full"), _load_stage(held, "bare"), json.loads(str(held["report"]))
        )


def _load_stage(held: Mapping[str, np.ndarray], name: str) -> Stage:
    head = Head(
        held[f"{name}.intents"].tolist(),
        held[f"{name}.weights"],
        held[f"{name}.bias"],
        held[f"{name}.idf"],
        held.get(f"{name}.mean"),
    )
    floors = json.loads(str(held[f"{name}.floors"]))
    known, kinds = held.get(f"{name}.known"), held.get(f"{name}.kinds")
    return Stage(head, Trust(held[f"{name}.trust"]), floors, known, kinds)
