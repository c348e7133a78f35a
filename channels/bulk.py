"""Sends campaigns: takes a share, grants itself what the account may send, and calls the provider.

The rules are the Deliverer's: `sending` is committed before a provider is called, each message is
called for once, and what a dead worker left is `unknown`. What may be tried again goes to the
queue's bulk lane, where the Resender finds it (channels/resend.py).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from secrets import token_hex
from typing import Final, Protocol
from uuid import UUID

from channels.allowance import SLICE, Allowance
from channels.contract import Channel, Channels
from channels.deliver import SENT, UNWRITTEN
from channels.ending import insist
from channels.fetched import Poster
from channels.letter import Writer, measure_sms
from channels.live import CAMPAIGN, EVENT, Hub
from channels.recording import Watch
from channels.settle import Settler
from channels.sms.channel import NAME as SMS
from channels.volley import Flight, Volley
from channels.way import Way
from channels.window import claim_replies
from kernel.crash import reach
from kernel.errors import ServiceError
from kernel.message import Author, Outbound, Refusal
from store import batch, campaign_end, campaign_slice, share
from store.batch import Outcome
from store.engine import Connection, Database
from store.pace import Pace
from store.share import Lease, Slice

log = logging.getLogger(__name__)

SLICES: Final = 3
"""Slices of one share before the other campaigns have their turn."""
SMALL_SLICE: Final = 100
"""Recipients of a slice while critical messages are on their way: the next one waits less."""
LOOPS: Final = 3
POLL_SECONDS: Final = 0.5
IDLE_SECONDS: Final = 5.0
FINISH_SECONDS: Final = 1.0
SHORT_SECONDS: Final = 0.05
"""How long a loop rests that found a share and may not send just now."""


class Pacer(Protocol):
    """Knows how often and when clients may be written to (orchestrator/pacing.py)."""

    async def find(self, connection: Connection, category: str) -> Pace:
        """Return the rules of a category as they are now."""
        ...


@dataclass(slots=True)
class BulkSender:
    """Serves every running campaign in turn; start as many as you like, on any machine."""

    database: Database
    channels: Channels
    hub: Hub
    writer: Writer
    poster: Poster
    pacer: Pacer
    worker: str
    watch: Watch | None = None
    loops: int = LOOPS
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _allowance: Allowance = field(init=False)
    _way: Way = field(init=False)
    _flight: Flight = field(default_factory=Flight)
    _settler: Settler = field(init=False)
    _finish_at: float = 0.0

    def __post_init__(self) -> None:
        self._allowance = Allowance(self.database, self.channels)
        self._way = Way(self.database)
        self._settler = Settler(self.database, self.hub, self.watch)

    async def run(self) -> None:
        """Send until cancelled; what was called for is recorded even then, the rest goes back."""
        stop = self.hub.listen(CAMPAIGN, lambda *_: self._wake.set())
        await insist(self._recover, "a predecessor's messages")
        loops = [
            asyncio.create_task(self._loop(f"{self.worker}/{token_hex(4)}", poll), name="bulk")
            for poll in (POLL_SECONDS, *[IDLE_SECONDS] * (self.loops - 1))
        ]
        try:
            await asyncio.gather(*loops)
        finally:
            stop()
            for one in loops:
                one.cancel()
            await self._flight.stop()
            await asyncio.gather(*loops, return_exceptions=True)

    async def _recover(self) -> None:
        async with self.database.transaction() as connection:
            await share.recover(connection, self.worker)

    async def _loop(self, name: str, poll: float) -> None:
        """Serve until cancelled; while there is nothing to do, one loop alone looks for it."""
        while True:
            self._wake.clear()
            try:
                if await self._serve(name):
                    self._wake.set()
                    continue
            except ServiceError as error:
                log.warning("Campaigns wait: %s", error)
            await self.hub.rest(self._wake, poll)

    async def _serve(self, name: str) -> bool:
        """Send a few slices of whoever is next; False if there is nothing to do."""
        async with self.database.once() as connection:
            held = await share.lease(connection, name, closed=self._allowance.find_resting())
        if held is None and time.monotonic() > self._finish_at:
            self._finish_at = time.monotonic() + FINISH_SECONDS
            async with self.database.transaction() as connection:
                held = await share.find_held(connection, name)
                if held is None:
                    await campaign_end.finish(connection)
        if held is None:
            return False
        limit = 0
        try:
            for _ in range(SLICES):
                most = SMALL_SLICE if await self._way.make() else SLICE
                channel, limit = await self._allowance.grant(held, most=most)
                if channel is None or not limit:
                    break
                if not await self._flight.carry(self._send_slice(held, channel, limit)):
                    break
        finally:
            await asyncio.shield(self._release(held))
        if not limit:
            await asyncio.sleep(SHORT_SECONDS)  # without the share: another worker may take it
        return True

    async def _release(self, held: Lease) -> None:
        async with self.database.once() as connection:
            await share.release(connection, held)
        async with self.database.once() as connection:
            await share.record_served(connection, held.campaign_id)

    async def _send_slice(self, held: Lease, channel: Channel, limit: int) -> bool:
        """Send the next recipients of a share; False if there are no more."""
        if channel.capabilities.is_pulled:
            return await self._post_slice(held, channel, limit)
        async with self.database.transaction() as connection:
            taken, written = await self._take(connection, held, channel, limit)
            shut = await claim_replies(connection, channel, written)
        reach("bulk.after_take")
        await self._allowance.give_back(channel, limit - len(taken.going))
        going = (one for one in written if one.outbox_id not in shut)
        volley = Volley(channel, going, partial(self._find_state, held.campaign_id))
        volley.outcomes += [
            Outcome(one, "rejected", UNWRITTEN) for one in _find_lost(taken, written)
        ]
        volley.outcomes += [Outcome(one, "rejected", Refusal.WINDOW) for one in shut]
        await self._flight.fire(volley)
        reach("bulk.after_calls")
        if taken.going:
            was_failing = self._allowance.has_failed((channel.name, channel.account))
            record = partial(batch.record, under_way=taken.under_way)
            await self._settler.settle(volley, held.campaign_id, record, was_failing=was_failing)
        return not taken.is_last

    async def _post_slice(self, held: Lease, channel: Channel, limit: int) -> bool:
        """Write the next recipients' letters where they fetch them; False if there are no more."""
        async with self.database.transaction() as connection:
            taken, written = await self._take(connection, held, channel, limit)
            lost = [(one, 1) for one in _find_lost(taken, written)]
            record = partial(batch.record, under_way=taken.under_way)
            fetched = await self.poster.post(
                connection, channel, held.campaign_id, written, lost, record=record
            )
        await self._allowance.give_back(channel, limit - len(taken.going))
        SENT.labels(channel.name, "accepted", "").inc(len(fetched))
        self.poster.tell_all(fetched)
        self.hub.publish(EVENT, once=True)
        return not taken.is_last

    async def _take(
        self, connection: Connection, held: Lease, channel: Channel, limit: int
    ) -> tuple[Slice, list[Outbound]]:
        """Return the next recipients of a share, and the letters of those that have words."""
        pace = await self.pacer.find(connection, held.category)
        taken = await share.take(connection, held, pace, account=channel.account, limit=limit)
        words = await self.writer.write(connection, taken.going)
        parts = measure_sms(taken.going, words) if channel.name == SMS else None
        if parts:
            await campaign_slice.record_parts(connection, taken.under_way, parts)
        written = [
            Outbound(one.outbox_id, one.address, words[one.outbox_id], Author.SYSTEM)
            for one in taken.going
            if one.outbox_id in words
        ]
        return taken, written

    async def _find_state(self, campaign_id: UUID) -> str:
        async with self.database.once() as connection:
            return await campaign_end.find_state(connection, campaign_id)


def _find_lost(taken: Slice, written: Sequence[Outbound]) -> list[UUID]:
    """Return the letters that have no words."""
    known = {one.outbox_id for one in written}
    return [one.outbox_id for one in taken.going if one.outbox_id not in known]
