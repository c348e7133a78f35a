"""Sends what staff are to hear: no faster than the provider allows, merged where it waited."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter

from channels.contract import Channels
from channels.live import STAFF, Hub
from channels.staff.channel import NAME, TEXT_LIMIT, StaffChannel
from channels.staff.notice import compose
from kernel.errors import NotFound
from kernel.message import (
    Accepted,
    Address,
    Author,
    Content,
    Outbound,
    Rejected,
    Retryable,
    SendResult,
)
from store import staff_notice
from store.engine import Database
from store.staff_notice import Batch

log = logging.getLogger(__name__)

SENT = Counter("zhida_staff_messages_total", "Messages to staff by outcome", ["account", "outcome"])

LOOK_SECONDS: Final = 1.0
CALL_SECONDS: Final = 10.0
MOST_ATTEMPTS: Final = 10
LONGEST_PAUSE: Final = 300.0


@dataclass(frozen=True, slots=True)
class StaffSender:
    """Sends for every staff account; several may run, each account speaks one at a time.

    A message whose outcome is unknown is sent again: staff rather hear twice than never.
    """

    database: Database
    channels: Channels
    hub: Hub

    async def run(self) -> None:
        """Look and send until cancelled."""
        await self.hub.follow(
            STAFF, self.send_due, poll=LOOK_SECONDS, what="Messages to staff wait"
        )

    async def send_due(self) -> int:
        """Send to every account what is due; return how many messages were tried."""
        async with self.database.transaction() as connection:
            due = await staff_notice.find_due(connection)
        channels = [found for name in due if (found := self._find(name)) is not None]
        tried = await asyncio.gather(*(self._send_next(one) for one in channels))
        return sum(tried)

    async def _send_next(self, channel: StaffChannel) -> int:
        async with self.database.transaction() as connection:
            batch = await staff_notice.claim(connection, channel.account, channel.pace)
        if batch is None:
            return 0
        await self._record(batch, await _call(channel, batch))
        return 1

    async def _record(self, batch: Batch, result: SendResult) -> None:
        async with self.database.transaction() as connection:
            if isinstance(result, Accepted):
                await staff_notice.record_sent(connection, batch.id)
            elif isinstance(result, Rejected) or batch.attempt >= MOST_ATTEMPTS:
                log.error("A message to staff/%s is given up: %s", batch.account, result.code)
                await staff_notice.record_failed(connection, batch.id, result.code)
            else:
                wait = min(LONGEST_PAUSE, 2.0**batch.attempt)
                if isinstance(result, Retryable):
                    wait = max(wait, result.retry_after)
                await staff_notice.record_waiting(connection, batch.id, result.code, wait=wait)
        SENT.labels(batch.account, type(result).__name__.lower()).inc()

    def _find(self, account: str) -> StaffChannel | None:
        try:
            channel = self.channels.get(Address(NAME, account, ""))
        except NotFound:
            return None  # switched off: what waits goes out once it is on again
        return channel if isinstance(channel, StaffChannel) else None


async def _call(channel: StaffChannel, batch: Batch) -> SendResult:
    content = Content(text=compose(batch.notices, TEXT_LIMIT))
    outbound = Outbound(
        batch.id,
        Address(NAME, batch.account, "staff"),
        content,
        Author.SYSTEM,
        attempt=batch.attempt,
        is_repeat=batch.attempt > 1,
    )
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return await channel.send(outbound)
    except TimeoutError:
        return Retryable("timeout")
