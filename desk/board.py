"""Keeps every open desk's list fresh: one look into the database for all of them, not one each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from channels.live import DESK, Frame, Hub
from kernel.errors import ServiceError
from store import ticket_view
from store.cipher import Cipher
from store.engine import Database
from store.ticket_view import TicketRow

log = logging.getLogger(__name__)

BREATH_SECONDS = 0.15
"""News of one conversation within this time is one row, not many."""
BATCH = 200

Reader = Callable[[TicketRow], None]
Typing = Callable[[], None]


@dataclass(slots=True)
class Board:
    """Tells its readers of every ticket whose conversation has news; readers decide who may see."""

    database: Database
    cipher: Cipher
    hub: Hub
    _readers: set[Reader] = field(default_factory=set)
    _typing: dict[UUID, set[Typing]] = field(default_factory=dict)
    _news: set[UUID] = field(default_factory=set)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def follow(self, reader: Reader) -> Callable[[], None]:
        """Call `reader` with each changed ticket; returns what ends it."""
        self._readers.add(reader)
        return lambda: self._readers.discard(reader)

    def follow_typing(self, conversation_id: UUID, reader: Typing) -> Callable[[], None]:
        """Call `reader` while the client of this conversation types; returns what ends it."""
        self._typing.setdefault(conversation_id, set()).add(reader)

        def stop() -> None:
            readers = self._typing.get(conversation_id, set())
            readers.discard(reader)
            if not readers:
                self._typing.pop(conversation_id, None)

        return stop

    async def run(self) -> None:
        """Look and tell until cancelled."""
        stop = self.hub.listen(DESK, self._hear)
        try:
            while True:
                await self._wake.wait()
                await asyncio.sleep(BREATH_SECONDS)
                await self._look()
        finally:
            stop()

    def _hear(self, _topic: str, frame: Frame) -> None:
        named = frame.get("conversation_id") or frame.get("conversation")
        if not self._readers or not isinstance(named, str):
            return
        talk = UUID(named)
        if frame.get("type") == "typing":
            for reader in tuple(self._typing.get(talk, ())):
                reader()
            return
        self._news.add(talk)
        self._wake.set()

    async def _look(self) -> None:
        news = [self._news.pop() for _ in range(min(BATCH, len(self._news)))]
        if not self._news:
            self._wake.clear()
        try:
            async with self.database.transaction() as connection:
                rows = await ticket_view.find_of_conversations(connection, self.cipher, news)
        except ServiceError as error:
            log.warning("The desks' lists wait: %s", error)
            self._news.update(news)
            self._wake.set()
            await asyncio.sleep(1)
            return
        for row in rows:
            for reader in tuple(self._readers):
                reader(row)
