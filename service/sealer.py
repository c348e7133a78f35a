"""Gives committed happenings their place in the audit chain, and closes sessions gone quiet."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

from channels.live import EVENT, SEALED, Hub
from kernel.errors import ServiceError
from store import audit, session
from store.engine import Database

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.2
"""A breath between two rounds, so that a burst of deeds is sealed as one batch."""
POLL_SECONDS = 1.0
CLOSE_EVERY_SECONDS = 60.0


@dataclass(slots=True)
class Sealer:
    """Seals what happened; several may run, one seals at a time."""

    database: Database
    hub: Hub
    _closed_at: float = 0.0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Seal until cancelled."""
        stop = self.hub.listen(EVENT, lambda *_: self._wake.set())
        try:
            while True:
                await self._round()
        finally:
            stop()

    async def _close_sessions(self) -> None:
        if time.monotonic() - self._closed_at > CLOSE_EVERY_SECONDS:
            self._closed_at = time.monotonic()
            async with self.database.transaction() as connection:
                await session.close_quiet(connection)

    async def _round(self) -> None:
        self._wake.clear()
        try:
            async with self.database.transaction() as connection:
                sealed = await audit.seal(connection)
            await self._close_sessions()
        except ServiceError as error:
            log.warning("Sealing waits: %s", error)
            sealed = 0
        if sealed:
            self.hub.publish(SEALED)
            await asyncio.sleep(PAUSE_SECONDS)
            return
        await self.hub.rest(self._wake, POLL_SECONDS)
        if self._wake.is_set():
            await asyncio.sleep(PAUSE_SECONDS)
