"""A conversation as an endless list of frames, in order, without a gap and without a repeat.

Listening begins before the backlog is read, so that nothing falls between. A live frame is
only believed if it is the very next one; otherwise the database is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from channels.live import Frame, Hub, talk_topic
from conversations.transcript import show_said
from kernel.message import Json
from store import conversation
from store.cipher import Cipher
from store.engine import Database

PAGE = 32
"""Messages read at once; a reader who takes them slowly keeps so many in our memory at most."""
PENDING = 256
LOOK_SECONDS = 20.0
"""How often the database is asked anyway, in case a frame of another process was lost."""
PASSING = frozenset({"typing", "floor", "ticket", "receipt"})


@dataclass(slots=True)
class Feed:
    """What one reader sees of one conversation after message number `after`."""

    database: Database
    cipher: Cipher
    hub: Hub
    conversation_id: UUID
    after: int
    inside: bool = False
    _queue: asyncio.Queue[Frame] = field(default_factory=lambda: asyncio.Queue(PENDING))

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield the backlog, then what happens, until the reader stops."""
        stop = self.hub.listen(talk_topic(self.conversation_id), self._keep)
        try:
            async for frame in self._backlog():
                yield frame
            while True:
                async for frame in self._next():
                    yield frame
        finally:
            stop()

    def _keep(self, _topic: str, frame: Frame) -> None:
        if self._queue.full():
            self._queue.get_nowait()  # the number that follows will show the gap
        self._queue.put_nowait(frame)

    async def _next(self) -> AsyncIterator[Frame]:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                frame = await self._queue.get()
        except TimeoutError:
            frame = {"type": "spoken", "seq": self.after + 1}
        seq = frame.get("seq")
        if frame["type"] in PASSING:
            yield frame
        elif isinstance(seq, int) and seq > self.after:
            if frame["type"] == "message" and seq == self.after + 1 and not self.inside:
                self.after = seq
                yield frame
            else:
                async for missed in self._backlog():
                    yield missed

    async def _backlog(self) -> AsyncIterator[Frame]:
        while True:
            async with self.database.once() as connection:
                page = await conversation.read_transcript(
                    connection, self.cipher, self.conversation_id, after=self.after, limit=PAGE
                )
            is_last = len(page) < PAGE
            page.reverse()
            while page:
                said = page.pop()  # whoever waits here for a slow reader keeps only the rest
                self.after = said.seq
                shown: dict[str, Json] = {"type": "message"}
                yield shown | show_said(said, inside=self.inside)
            if is_last:
                return
