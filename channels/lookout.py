"""Looks into the database for every worker of this process, so that idle workers need not.

A worker is told by the hub what others have done. What nobody tells, a retry whose time has come
or what a machine did while Valkey was away, it found by looking every second; twenty workers were
twenty looks. Now one look wakes those who have something to do, and the others sleep.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from channels.live import SEALED, Hub
from kernel.errors import ServiceError
from store.due import find_due
from store.engine import Database

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
TRUST_SECONDS: Final = 3.0
"""How long after a look workers rely on the next one."""


@dataclass(slots=True)
class Lookout:
    """One a process; without it, or while it fails, every worker looks for itself."""

    database: Database
    hub: Hub
    _position: int = 0

    async def run(self) -> None:
        """Look and wake until cancelled."""
        while True:
            try:
                await self.look()
            except ServiceError as error:
                log.debug("The lookout sees nothing: %s", error)  # the workers say it aloud
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Wake the workers of this process for which something waits."""
        async with self.database.once() as connection:
            due = await find_due(connection)
        self.hub.watch(TRUST_SECONDS)
        for kind in sorted(due.kinds):
            self.hub.wake(kind)
        if due.position > self._position:
            self._position = due.position
            self.hub.wake(SEALED)
