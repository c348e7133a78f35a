"""What the load generator sent and what was acknowledged, on the disk before it goes on."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Sent:
    """One message: its key at the provider, who sent it, what it says, in which place."""

    channel: str
    key: str
    who: str
    text: str
    place: int


@dataclass
class Diary:
    """An append-only file; `sent` and `acked` are what it says."""

    file: IO[bytes]
    sent: dict[str, Sent] = field(default_factory=dict)
    acked: set[str] = field(default_factory=set)

    @classmethod
    def open(cls, path: Path) -> Diary:
        return cls(path.open("ab", buffering=0))

    def record_sent(self, one: Sent) -> None:
        self.sent[one.key] = one
        self._write("sent", one.channel, one.key, one.who, one.text)

    def record_acked(self, key: str) -> None:
        self.acked.add(key)
        self._write("acked", key)

    def _write(self, *words: str) -> None:
        self.file.write(json.dumps(words, ensure_ascii=False).encode() + b"\n")
        os.fsync(self.file.fileno())


def make_words() -> str:
    """Return a question that nobody asked before; no digit in it, for digits may be masked."""
    number, letters = next(_numbers), ""
    while number:
        number, place = divmod(number, 26)
        letters = LETTERS[place] + letters
    return f"请问{letters.rjust(4, 'a')}怎么办"
