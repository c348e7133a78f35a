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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import length_hint
from secrets import token_hex
from typing import Final, Protocol

from channels.allowance import Allowance
from channels.contract import Channel, Channels
from channels.deliver import CALL_SECONDS, SENT, UNWRITTEN, Watch
from channels.ending import insist, is_fault, to_outcome
from channels.letter import Writer
from channels.live import CAMPAIGN, EVENT, Hub, rest
from kernel.crash import reach
from kernel.errors import ServiceError
from kernel.message import (
    Accepted,
    Author,
    Outbound,
    Refusal,
    Rejected,
    Retryable,
    SendResult,
    Unknown,
)
from store import batch, campaign_end, consent, share, throttle
from store.batch import Outcome
from store.engine import Connection, Database
from store.pace import Pace
from store.share import Lease

log = logging.getLogger(__name__)

SLICES: Final = 3
"""Slices of one share before the other campaigns have their turn."""
AT_ONCE: Final = 256
LOOPS: Final = 3
POLL_SECONDS: Final = 0.5
IDLE_SECONDS: Final = 5.0
FINISH_SECONDS: Final = 1.0
SHORT_SECONDS: Final = 0.05
"""How long a loop rests that found a share and may not send just now."""
BREATH: Final = 100
"""Calls after which others have their turn, for a provider that answers without any waiting."""
LATEST_SECONDS: Final = 30.0


class Pacer(Protocol):
    """Knows how often and when clients may be written to (orchestrator/pacing.py)."""

    async def find(self, connection: Connection, category: str) -> Pace:
        """Return the rules of a category as they are now."""
        ...


@dataclass(slots=True)
class Called:
    """The outcomes of a slice, in the order in which they came."""

    outcomes: list[Outcome] = field(default_factory=list)
    results: list[tuple[Outbound, SendResult]] = field(default_factory=list)
    failed: list[bool] = field(default_factory=list)
    in_a_row: int = 0
    until: float = field(default_factory=lambda: time.monotonic() + LATEST_SECONDS)
    """No call begins after this: the sweep takes the worker for dead soon (channels/sweep.py)."""
    halted: str | None = None
    """The state of the campaign, once it is no longer running: no call begins any more."""


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
    _busy: set[asyncio.Task[None]] = field(default_factory=set)
    _finish_at: float = 0.0

    def __post_init__(self) -> None:
        self._allowance = Allowance(self.database, self.channels)

    async def run(self) -> None:
        """Send until cancelled; what was called for is recorded even then."""
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

    async def _release(self, held: Lease) -> None:
        async with self.database.once() as connection:
            await share.release(connection, held)
        async with self.database.once() as connection:
            await share.record_served(connection, held.campaign_id)

    async def _send_slice(self, held: Lease, channel: Channel, limit: int) -> bool:
        """Send the next recipients of a share; False if there are no more."""
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
        lost = [one.outbox_id for one in taken.going if one.outbox_id not in words]
        called = Called([Outcome(one, "rejected", UNWRITTEN) for one in lost])
        work = asyncio.create_task(
            self._call_and_record(held, channel, written, called), name="bulk-slice"
        )
        self._busy.add(work)
        work.add_done_callback(self._busy.discard)
        await asyncio.shield(work)
        return not taken.is_last

    async def _call_and_record(
        self, held: Lease, channel: Channel, written: Sequence[Outbound], called: Called
    ) -> None:
        waiting = iter(written)

        async def call() -> None:
            for outbound in waiting:
                await self._call(channel, outbound, called)

        watching = asyncio.create_task(self._watch(held, called), name="bulk-watch")
        calling = [asyncio.create_task(call(), name="bulk-call")]
        await asyncio.sleep(0)
        while len(calling) < AT_ONCE and length_hint(waiting):
            calling.append(asyncio.create_task(call(), name="bulk-call"))
            await asyncio.sleep(0)
        await asyncio.gather(*calling)
        watching.cancel()
        reach("bulk.after_calls")
        if called.outcomes:
            what = f"{len(called.outcomes)} messages of a campaign"
            await insist(lambda: self._record(held, channel, called), what)
        for (state, code), n in Counter((one.state, one.code) for one in called.outcomes).items():
            SENT.labels(channel.name, state, code or "").inc(n)
        self.hub.publish(EVENT, once=True)

    async def _watch(self, held: Lease, called: Called) -> None:
        """Look whether people have stopped the campaign while its messages are being called for."""
        while called.halted is None:
            await asyncio.sleep(POLL_SECONDS)
            with suppress(ServiceError):
                async with self.database.once() as connection:
                    state = await campaign_end.find_state(connection, held.campaign_id)
                called.halted = state if state != "running" else None

    async def _call(self, channel: Channel, outbound: Outbound, called: Called) -> None:
        result: SendResult
        if called.halted == "cancelled":
            called.outcomes.append(Outcome(outbound.outbox_id, "cancelled", "cancelled"))
            return
        if called.halted is not None:
            result = Retryable(called.halted)
        elif called.in_a_row >= throttle.FAILURES:
            result = Retryable("circuit_open", throttle.OPEN_SECONDS)
        elif time.monotonic() > called.until:
            result = Retryable("late")
        else:
            result = await _send(channel, outbound)
            failed = is_fault(result)
            called.in_a_row = called.in_a_row + 1 if failed else 0
            called.failed.append(failed)
        called.outcomes.append(
            to_outcome(outbound, result, can_repeat=channel.capabilities.has_key)
        )
        if not isinstance(result, Accepted):
            called.results.append((outbound, result))
        if len(called.outcomes) % BREATH == 0:
            await asyncio.sleep(0)

    async def _record(self, held: Lease, channel: Channel, called: Called) -> None:
        place = (channel.name, channel.account)
        async with self.database.transaction() as connection:
            await batch.record_outcomes(connection, held.campaign_id, place, called.outcomes)
            await self._record_refusals(connection, called)
            await self._allowance.record_calls(connection, place, called.failed)

    async def _record_refusals(self, connection: Connection, called: Called) -> None:
        for outbound, result in called.results:
            if isinstance(result, Rejected) and result.refusal is Refusal.CONSENT:
                await consent.record_refused(connection, outbound.address, outbound.outbox_id)
            if self.watch:
                await self.watch.record(connection, outbound.address, result)


async def _send(channel: Channel, outbound: Outbound) -> SendResult:
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return await channel.send(outbound)
    except TimeoutError:
        return Unknown("timeout")
    except Exception:
        log.exception("The %s adapter broke its contract.", channel.name)
        return Unknown("adapter_error")
