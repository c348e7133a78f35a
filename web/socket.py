"""One bounded queue and one writer per WebSocket: a stuck reader harms nobody but itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType

import orjson
from aiohttp import web

log = logging.getLogger(__name__)

PENDING = 256
ROOM = 16
"""Frames that may wait when a source that can wait itself goes on."""
WRITE_SECONDS = 10.0


class SocketWriter:
    """Writes frames to a WebSocket, in order, from a queue that never blocks the sender."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self._socket = socket
        self._request = request
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(PENDING)
        self._has_room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> SocketWriter:
        self._task = asyncio.create_task(self._write(), name="socket-writer")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_alive(self) -> bool:
        """Tell whether frames still reach the socket."""
        return not self._socket.closed and self._task is not None and not self._task.done()

    def send(self, frame: Mapping[str, object]) -> None:
        """Queue a frame; a reader that has 256 frames waiting is cut off and may come back."""
        try:
            self._queue.put_nowait(orjson.dumps(frame))
        except asyncio.QueueFull:
            self._cut()

    async def pass_on(self, frame: Mapping[str, object]) -> None:
        """Queue a frame as soon as the reader has come near: for a feed, which can wait."""
        while self._queue.qsize() >= ROOM:
            self._has_room.clear()
            await self._has_room.wait()
        self.send(frame)

    def _cut(self) -> None:
        """End the connection at once: a polite close would wait for the reader that is stuck."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _write(self) -> None:
        try:
            while True:
                frame = await self._queue.get()
                self._has_room.set()
                async with asyncio.timeout(WRITE_SECONDS):
                    await self._socket.send_str(frame.decode())
        except (TimeoutError, ConnectionError, RuntimeError) as error:
            log.info("A socket's reader is gone: %s", type(error).__name__)
            self._cut()
