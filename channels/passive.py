"""Lets a reply ride on the answer to the callback that asked for it.

The webhook opens a line for its message and waits. The turn, when it is done, claims the
line before it commits the reply as `sending`, and gives the reply once that is committed.
A line that nobody has claimed in time is closed, and the reply goes out by the API.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from kernel.message import Outbound

GRACE = 1.0
"""Seconds that a claimed line waits beyond its time for the commit that is under way."""


@dataclass(eq=False, slots=True)
class Line:
    """One open callback that waits for the reply to one message."""

    reply: asyncio.Future[Outbound | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    is_claimed: bool = False


class PassiveLines:
    """The callbacks of this process that are open right now."""

    def __init__(self) -> None:
        self._lines: dict[UUID, set[Line]] = defaultdict(set)

    async def wait(self, message_id: UUID, seconds: float) -> Outbound | None:
        """Wait for the reply to a message; None if it will go another way."""
        line = Line()
        self._lines[message_id].add(line)
        try:
            return await self._wait(line, seconds)
        finally:
            self._lines[message_id].discard(line)
            if not self._lines[message_id]:
                del self._lines[message_id]

    def claim(self, message_id: UUID) -> bool:
        """Hold the lines of a message, if there is one, for a reply about to be committed."""
        lines = self._lines.get(message_id)
        for line in lines or ():
            line.is_claimed = True
        return bool(lines)

    def give(self, message_id: UUID, outbound: Outbound | None) -> bool:
        """Hand the committed reply (None: there is none after all) to every waiting line.

        False if no line waits any more: nobody will write the reply.
        """
        lines = tuple(self._lines.get(message_id, ()))
        for line in lines:
            if not line.reply.done():
                line.reply.set_result(outbound)
        return bool(lines)

    @staticmethod
    async def _wait(line: Line, seconds: float) -> Outbound | None:
        done, _ = await asyncio.wait({line.reply}, timeout=seconds)
        if not done and line.is_claimed:
            await asyncio.wait({line.reply}, timeout=GRACE)
        return line.reply.result() if line.reply.done() else None
