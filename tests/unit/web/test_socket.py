"""The one writer of a socket: a feed waits for its reader, the rest of the house never does."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from web.socket import PENDING, ROOM, SocketWriter


class StuckSocket:
    """A socket whose reader takes a frame only when it is let."""

    def __init__(self) -> None:
        self.closed = False
        self.taken: list[str] = []
        self.may_read = asyncio.Semaphore(0)

    async def send_str(self, text: str) -> None:
        await self.may_read.acquire()
        self.taken.append(text)


class Line:
    """A transport that remembers that it was cut."""

    is_cut = False

    def abort(self) -> None:
        self.is_cut = True


def make_writer() -> tuple[SocketWriter, StuckSocket, Line]:
    socket, line = StuckSocket(), Line()
    request = SimpleNamespace(transport=line)
    return SocketWriter(cast("Any", socket), cast("Any", request)), socket, line


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_feed_waits_for_its_reader_and_keeps_the_order() -> None:
    writer, socket, line = make_writer()
    async with writer:

        async def feed() -> None:
            for n in range(3 * ROOM):
                await writer.pass_on({"n": n})

        feeding = asyncio.create_task(feed())
        await settle()
        assert not feeding.done()
        for _ in range(3 * ROOM):
            socket.may_read.release()
            await settle()
        await feeding
    assert socket.taken == [f'{{"n":{n}}}' for n in range(3 * ROOM)]
    assert not line.is_cut


async def test_a_broadcast_never_waits_and_cuts_who_is_stuck() -> None:
    writer, _, line = make_writer()
    async with writer:
        await settle()
        for n in range(PENDING):
            writer.send({"n": n})
        assert not line.is_cut
        for n in range(2):
            writer.send({"n": n})
        assert line.is_cut
