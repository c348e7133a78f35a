"""Stops two machines from writing to each other for ever: a mailbox is answered only so often."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

MAILS = 12
WITHIN_SECONDS = 600.0
_MOST_KEPT = 20_000


@dataclass(slots=True)
class LoopGuard:
    """Counts the mails of each mailbox within ten minutes, in this process."""

    now: Callable[[], float] = time.monotonic
    _came: dict[str, deque[float]] = field(default_factory=dict)

    def is_looping(self, mailbox: str) -> bool:
        """Count one more mail; True if no person writes that many in so short a time."""
        now = self.now()
        came = self._came.setdefault(mailbox, deque(maxlen=MAILS + 1))
        came.append(now)
        while came[0] < now - WITHIN_SECONDS:
            came.popleft()
        if len(self._came) > _MOST_KEPT:
            self._forget(now)
        return len(came) > MAILS

    def _forget(self, now: float) -> None:
        self._came = {
            key: value for key, value in self._came.items() if value[-1] > now - WITHIN_SECONDS
        }
