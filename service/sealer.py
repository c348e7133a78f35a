"""Gives committed happenings their place in the audit chain, and closes sessions gone quiet."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from channels.live import EVENT, Hub
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
    told: Callable[[], None] = lambda: None
    """Called when new happenings can be read from the stream."""
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
            self.told()
            await asyncio.sleep(PAUSE_SECONDS)
            return
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return
        await asyncio.sleep(PAUSE_SECONDS)
