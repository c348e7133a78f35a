"""Work by the thousand makes way for what is critical: both share the same machines."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Final

from store import urgent
from store.engine import Database

MOST_SECONDS: Final = 0.5
"""How long work waits at most: a storm of margin calls shall not stop a campaign for good."""
LOOK_SECONDS: Final = 0.02
NEAR_SECONDS: Final = 1.0
"""How long after something critical the next is expected: so long work goes on in small pieces."""


@dataclass(slots=True)
class Way:
    """Shared by the loops of one worker: they look together, not each for itself."""

    database: Database
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looked_at: float = float("-inf")
    _is_taken: bool = False
    _taken_at: float = float("-inf")

    async def make(self) -> bool:
        """Wait a moment while something critical is on its way; return whether anything is near."""
        end = time.monotonic() + MOST_SECONDS
        while await self._look():
            if time.monotonic() > end:
                break
            await asyncio.sleep(LOOK_SECONDS)
        return time.monotonic() < self._taken_at + NEAR_SECONDS

    async def _look(self) -> bool:
        async with self._looking:
            if time.monotonic() - self._looked_at > LOOK_SECONDS:
                async with self.database.once() as connection:
                    self._is_taken = await urgent.is_on_its_way(connection)
                self._looked_at = time.monotonic()
                if self._is_taken:
                    self._taken_at = self._looked_at
            return self._is_taken
