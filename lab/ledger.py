"""The oracle: every message that a fake provider accepted, in order, never changed.

One ledger for all fakes. With a file, an entry is on the disk before the sender gets its answer.
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
    """An append-only list of what reached a person."""

    clock: Clock
    file: IO[bytes] | None = None
    _entries: list[Mapping[str, Json]] = field(default_factory=list)

    @classmethod
    def open(cls, clock: Clock, path: Path | None) -> Ledger:
        """Open a ledger, with a file where a test wants to read it after a crash."""
        return cls(clock, path.open("ab", buffering=0) if path else None)

    def record(
        self, channel: str, kind: str, *, account: str, address: str, **parts: Json
    ) -> Mapping[str, Json]:
        """Append an accepted message of a channel; kind is the fake's word for how it was sent.

        `parts` carry at least `body`, and `outbox` where our own id was sent along.
        """
        number = len(self._entries) + 1
        entry: dict[str, Json] = {
            "n": number,
            "id": f"lab-{number}",
            "at": self.clock.now().isoformat(),
            "channel": channel,
            "kind": kind,
            "account": account,
            "address": address,
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
