"""A step of set-up, and the stamp that says it need not be done again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.setup.place import ROOT, STAMPS
from tools.setup.shell import Shell

_UNSEEN = {".venv", "node_modules", "__pycache__", "dist", "build", "models", ".rasa", "tests"}


@dataclass(frozen=True)
class Step:
    """One thing to be done once for the same `inputs`, as long as its `outputs` are there."""

    name: str
    title: str
    run: Callable[[Shell], None]
    after: tuple[str, ...] = ()
    inputs: tuple[Path, ...] = ()
    outputs: tuple[Path, ...] = ()
    registry: str = "PyPI"

    def is_done(self) -> bool:
        """Tell whether the step was done for just these inputs and its outputs still stand."""
        if not all(output.exists() for output in self.outputs):
            return False
        try:
            stamp = json.loads(self._stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(stamp, dict) and stamp.get("fingerprint") == self.fingerprint()

    def record_done(self, seconds: float) -> None:
        """Write the stamp, so that the next set-up passes the step over."""
        stamp = {
            "fingerprint": self.fingerprint(),
            "seconds": round(seconds, 1),
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        self._stamp.write_text(json.dumps(stamp) + "\n", "utf-8")

    def fingerprint(self) -> str:
        """Hash what the step depends on: its name, the checkout's place and its input files."""
        digest = hashlib.sha256(f"{self.name}\0{ROOT}\0".encode())
        for path in self.inputs:
            for file in _files(path):
                digest.update(f"{file.relative_to(ROOT)}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    @property
    def log(self) -> Path:
        """Where the commands of this step print to."""
        return STAMPS / f"{self.name}.log"

    @property
    def _stamp(self) -> Path:
        return STAMPS / f"{self.name}.json"


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            if child.name not in _UNSEEN:
                yield from _files(child)
