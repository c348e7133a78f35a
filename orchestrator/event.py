"""Hands each event of a client to those who act on it: figures, notices, journeys."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from prometheus_client import Counter

from channels.live import CLIENT_EVENT, NOTICE, Hub
from clients.event import EVENT_TYPES
from kernel.errors import ServiceError
from store import client_event, client_figure
from store.client_event import ClientEvent
from store.engine import Connection, Database, commit_lazily

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Connection, Sequence[ClientEvent]], Awaitable[None]]
"""Acts on events within the transaction that marks them handled; it never calls a provider."""

BATCH: Final = 1_000
POLL_SECONDS: Final = 2.0
READMIT_SECONDS: Final = 30.0

HANDLED = Counter("zhida_client_events_handled_total", "Client events handed to all handlers")
FAILED = Counter("zhida_client_events_failed_total", "Client events that no handler could take")


async def fold_figures(connection: Connection, events: Sequence[ClientEvent]) -> None:
    """Take the events into their clients' figures; the first handler of all."""
    await client_figure.fold(connection, [one.id for one in events])


@dataclass(slots=True)
class EventWorker:
    """Claims new events and calls every handler in turn; several may run, on any machine.

    Of one client events come in order of `at`, and are with one worker at a time. A batch that
    a handler cannot take is tried again one by one, and only the bad event is set aside.
    """

    database: Database
    hub: Hub
    handlers: Sequence[Handler]
    _looked_at: float = 0.0

    async def run(self) -> None:
        """Handle events until cancelled."""
        await self.hub.follow(
            CLIENT_EVENT, self._try_next, poll=POLL_SECONDS, what="Client events wait"
        )

    async def handle_next(self, limit: int = BATCH) -> int:
        """Handle the next events and return how many there were; all of them, or none."""
        async with self.database.transaction() as connection:
            events = await client_event.claim(connection, limit)
            if not events:
                return 0
            await commit_lazily(connection)  # else they are new again; nobody has heard of it
            for handle in self.handlers:
                await handle(connection, events)
        HANDLED.inc(len(events))
        self.hub.publish(NOTICE, once=True)
        return len(events)

    async def handle_singly(self, count: int = BATCH) -> int:
        """Handle up to `count` events one by one; one that no handler can take is set aside."""
        for done in range(count):
            failed: list[ClientEvent] = []
            try:
                if not await self._handle_one(failed):
                    return done
            except ServiceError:
                raise
            except Exception as error:
                log.exception("A client event cannot be handled: %s", failed)
                await self._set_aside(failed, error)
        return count

    async def readmit(self) -> int:
        """Make kept events new whose client or type has become known; return how many."""
        async with self.database.transaction() as connection:
            return await client_event.readmit(connection, tuple(EVENT_TYPES))

    async def _handle_one(self, failed: list[ClientEvent]) -> int:
        async with self.database.transaction() as connection:
            failed += await client_event.claim(connection, 1)
            for handle in self.handlers if failed else ():
                await handle(connection, failed)
        HANDLED.inc(len(failed))
        self.hub.publish(NOTICE, once=True)
        return len(failed)

    async def _set_aside(self, events: Sequence[ClientEvent], error: Exception) -> None:
        async with self.database.transaction() as connection:
            for one in events:
                await client_event.record_failed(connection, one.id, type(error).__name__)
        FAILED.inc(len(events))

    async def _try_next(self) -> int:
        if time.monotonic() - self._looked_at > READMIT_SECONDS:
            self._looked_at = time.monotonic()
            await self.readmit()
        try:
            return await self.handle_next()
        except ServiceError:
            raise
        except Exception:
            log.exception("A batch of client events cannot be handled; they are tried singly.")
            return await self.handle_singly()
