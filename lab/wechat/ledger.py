"""The oracle: every message that the fake WeChat accepted, in order, never changed.

With a file, an entry is on the disk before the sender gets its answer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from kernel.clock import Clock
from kernel.message import Json


@dataclass(slots=True)
class Ledger:
    """An append-only list of what reached a phone."""

    clock: Clock
    file: IO[bytes] | None = None
    _entries: list[Mapping[str, Json]] = field(default_factory=list)

    @classmethod
    def open(cls, clock: Clock, path: Path | None) -> Ledger:
        """Open a ledger, with a file where a test wants to read it after a crash."""
        return cls(clock, path.open("ab", buffering=0) if path else None)

    def record(self, kind: str, account: str, openid: str, **parts: Json) -> Mapping[str, Json]:
        """Append an accepted message: kind is `custom`, `passive` or `template`."""
        entry: dict[str, Json] = {
            "n": len(self._entries) + 1,
            "id": f"lab-{len(self._entries) + 1}",
            "at": self.clock.now().isoformat(),
            "kind": kind,
            "account": account,
            "openid": openid,
            **parts,
        }
        if self.file:
            self.file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            os.fsync(self.file.fileno())
        self._entries.append(entry)
        return entry

    def read(self, after: int = 0, limit: int = 1000) -> list[Mapping[str, Json]]:
        """Return the entries after number `after`."""
        return self._entries[max(0, after) : max(0, after) + limit]

    def __len__(self) -> int:
        return len(self._entries)

    def reset(self) -> None:
        """Forget what is in memory; the file stays."""
        self._entries.clear()

    def close(self) -> None:
        """Close the file."""
        if self.file:
            self.file.close()
