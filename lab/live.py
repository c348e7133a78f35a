"""Tells the lab's pages what happens, as it happens; a slow page loses frames, nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from kernel.message import Json

PENDING = 500

Frame = tuple[str, Mapping[str, Json]]


class Live:
    """Hands each frame to every page that is open."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[Frame]] = set()

    def tell(self, name: str, frame: Mapping[str, Json]) -> None:
        """Give a frame to every open page that keeps up."""
        for page in self._pages:
            if not page.full():
                page.put_nowait((name, frame))

    async def frames(self) -> AsyncGenerator[Frame | None, None]:
        """Give the frames of one page until it goes; None now and then, as a sign of life."""
        page: asyncio.Queue[Frame] = asyncio.Queue(PENDING)
        self._pages.add(page)
        try:
            while True:
                try:
                    async with asyncio.timeout(15):
                        frame = await page.get()
                except TimeoutError:
                    yield None
                else:
                    yield frame
        finally:
            self._pages.discard(page)
