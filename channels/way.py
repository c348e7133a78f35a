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


@dataclass(slots=True)
class Way:
    """Shared by the loops of one worker: they look together, not each for itself."""

    database: Database
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looked_at: float = float("-inf")
    _is_taken: bool = False

    async def make(self) -> bool:
        """Wait a moment while something critical is on its way; return whether anything was."""
        end, has_waited = time.monotonic() + MOST_SECONDS, False
        while time.monotonic() < end and await self._look():
            has_waited = True
            await asyncio.sleep(LOOK_SECONDS)
        return has_waited

    async def _look(self) -> bool:
        async with self._looking:
            if time.monotonic() - self._looked_at > LOOK_SECONDS:
                async with self.database.once() as connection:
                    self._is_taken = await urgent.is_on_its_way(connection)
                self._looked_at = time.monotonic()
            return self._is_taken
