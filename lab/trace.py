"""What went over the wire, both ways, sealed and opened: for the lab page and for tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.clock import Clock
from kernel.message import Json
from lab.live import Live

KEPT = 2000


@dataclass(slots=True)
class Trace:
    """The last exchanges, numbered without a gap."""

    clock: Clock
    live: Live
    _last: int = 0
    _kept: deque[Mapping[str, Json]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def record(self, kind: str, **parts: Json) -> None:
        """Keep an exchange: kind is `callback` or `api`, and `fake` says whose."""
        self._last += 1
        entry: dict[str, Json] = {
            "n": self._last,
            "at": self.clock.now().isoformat(),
            "kind": kind,
            **parts,
        }
        self._kept.append(entry)
        self.live.tell("trace", entry)

    def read(self, after: int = 0, limit: int = 200) -> list[Mapping[str, Json]]:
        """Return the exchanges after number `after`, at most `limit` of them."""
        found = [one for one in self._kept if int(str(one["n"])) > after]
        return found[:limit]

    def reset(self) -> None:
        """Forget all exchanges; the numbers go on."""
        self._kept.clear()
