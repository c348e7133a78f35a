"""Sends campaigns: takes a share, grants itself what the account may send, and calls the provider.

The rules are the Deliverer's: `sending` is committed before a provider is called, each message is
called for once, and what a dead worker left is `unknown`. What may be tried again goes to the
queue's bulk lane, where the Deliverer finds it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from secrets import token_hex
from typing import Final, Protocol
from uuid import UUID

from channels.allowance import Allowance
from channels.contract import Channel, Channels
from channels.deliver import SENT, UNWRITTEN, Watch
from channels.ending import insist
from channels.letter import Writer
from channels.live import CAMPAIGN, EVENT, Hub, rest
from channels.volley import Volley
from kernel.crash import reach
from kernel.errors import ServiceError
from kernel.message import Author, Outbound, Refusal, Rejected
from store import batch, campaign_end, consent, share, urgent
from store.batch import Outcome
from store.engine import Connection, Database
from store.pace import Pace
from store.share import Lease

log = logging.getLogger(__name__)

SLICES: Final = 3
"""Slices of one share before the other campaigns have their turn."""
LOOPS: Final = 3
POLL_SECONDS: Final = 0.5
IDLE_SECONDS: Final = 5.0
FINISH_SECONDS: Final = 1.0
SHORT_SECONDS: Final = 0.05
"""How long a loop rests that found a share and may not send just now."""
MAKE_WAY_SECONDS: Final = 0.5
LOOK_AGAIN_SECONDS: Final = 0.01
STOPPED: Final = "stopped"
"""Why what a worker that is told to stop had not called for goes back to the queue."""


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
    pacer: Pacer
    worker: str
    watch: Watch | None = None
    loops: int = LOOPS
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _allowance: Allowance = field(init=False)
    _busy: set[asyncio.Task[bool]] = field(default_factory=set)
    _volleys: set[Volley] = field(default_factory=set)
    _is_stopping: bool = False
    _finish_at: float = 0.0

    def __post_init__(self) -> None:
        self._allowance = Allowance(self.database, self.channels)

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
            self._is_stopping = True
            for volley in self._volleys:
                volley.halt(STOPPED)
            for one in loops:
                one.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await asyncio.gather(*self._busy, return_exceptions=True)

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
            await rest(self._wake, poll)

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
                    await campaign_end.cancel_late(connection)
        if held is None:
            return False
        limit = 0
        try:
            for _ in range(SLICES):
                await self._make_way()
                channel, limit = await self._allowance.grant(held)
                if channel is None or not limit:
                    break
                if not await self._send_slice(held, channel, limit):
                    break
        finally:
            await asyncio.shield(self._release(held))
        if not limit:
            await asyncio.sleep(SHORT_SECONDS)  # without the share: another worker may take it
        return True

    async def _make_way(self) -> None:
        """Wait a moment while something critical is on its way: it shall have the machine."""
        end = time.monotonic() + MAKE_WAY_SECONDS
        while time.monotonic() < end:
            async with self.database.once() as connection:
                if not await urgent.is_on_its_way(connection):
                    return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _release(self, held: Lease) -> None:
        async with self.database.once() as connection:
            await share.release(connection, held)
        async with self.database.once() as connection:
            await share.record_served(connection, held.campaign_id)

    async def _send_slice(self, held: Lease, channel: Channel, limit: int) -> bool:
        """Send the next recipients of a share; False if there are no more.

        It goes on to its end when this worker is told to stop: what is committed as `sending` was
        called for, or is put back.
        """
        work = asyncio.create_task(self._go_through(held, channel, limit), name="bulk-slice")
        self._busy.add(work)
        work.add_done_callback(self._busy.discard)
        return await asyncio.shield(work)

    async def _go_through(self, held: Lease, channel: Channel, limit: int) -> bool:
        async with self.database.transaction() as connection:
            pace = await self.pacer.find(connection, held.category)
            taken = await share.take(connection, held, pace, account=channel.account, limit=limit)
            words = await self.writer.write(connection, taken.going)
        reach("bulk.after_take")
        written = [
            Outbound(one.outbox_id, one.address, words[one.outbox_id], Author.SYSTEM)
            for one in taken.going
            if one.outbox_id in words
        ]
        volley = Volley(channel, iter(written), partial(self._find_state, held.campaign_id))
        lost = (one.outbox_id for one in taken.going if one.outbox_id not in words)
        volley.outcomes += [Outcome(one, "rejected", UNWRITTEN) for one in lost]
        self._volleys.add(volley)
        if self._is_stopping:
            volley.halt(STOPPED)
        try:
            await volley.fire()
        finally:
            self._volleys.discard(volley)
        reach("bulk.after_calls")
        if taken.going:
            what = f"{len(taken.going)} messages of a campaign"
            await insist(lambda: self._record(held, volley), what)
            self._tell(volley)
        return not taken.is_last

    async def _find_state(self, campaign_id: UUID) -> str:
        async with self.database.once() as connection:
            return await campaign_end.find_state(connection, campaign_id)

    async def _record(self, held: Lease, volley: Volley) -> None:
        place = (volley.channel.name, volley.channel.account)
        async with self.database.transaction() as connection:
            await batch.record(connection, held.campaign_id, place, volley.taken, volley.outcomes)
            for outbound, result in volley.refused:
                if isinstance(result, Rejected) and result.refusal is Refusal.CONSENT:
                    await consent.record_refused(connection, outbound.address, outbound.outbox_id)
                if self.watch:
                    await self.watch.record(connection, outbound.address, result)
            await self._allowance.record_calls(connection, place, volley.failed)

    def _tell(self, volley: Volley) -> None:
        name, others = volley.channel.name, ((one.state, one.code) for one in volley.outcomes)
        SENT.labels(name, "accepted", "").inc(len(volley.taken.ids))
        for (state, code), n in Counter(others).items():
            SENT.labels(name, state, code or "").inc(n)
        self.hub.publish(EVENT, once=True)
