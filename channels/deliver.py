"""The only code that calls a provider: claim, commit `sending`, call once, record the outcome."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from uuid import UUID

from prometheus_client import Counter, Histogram

from channels.allowance import Spending
from channels.contract import Channels
from channels.ending import insist, to_outcome
from channels.letter import Writer, write_letters
from channels.live import DELIVER, DESK, EVENT, Hub, talk_topic
from channels.recording import Ending, Watch, record_ending
from channels.sweep import SETTLE_SECONDS, Sweeper
from kernel.crash import reach
from kernel.errors import NotFound, ServiceError
from kernel.message import (
    REPLY_CODE,
    TEMPLATE,
    Address,
    Author,
    Outbound,
    SendResult,
    Unknown,
)
from store import outbox, outcome, window
from store.cipher import Cipher
from store.engine import Connection, Database

log = logging.getLogger(__name__)

SENT = Counter("zhida_sent_total", "Calls to providers by outcome", ["channel", "result", "code"])
CALL = Histogram("zhida_provider_seconds", "Time of a call to a provider", ["channel"])

BATCH = 32
POLL_SECONDS = 1.0
CALL_SECONDS = 10.0
GATHER_SECONDS = 0.01
"""A breath in which written passive replies gather, to be recorded by one statement."""
UNWRITTEN = "content:unwritten"
"""Why a message was rejected that has no words: its content has none, or nobody can read them."""


@dataclass(slots=True)
class Deliverer:
    """Sends what is queued; start as many as you like, on as many machines as you like."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub
    worker: str
    lanes: tuple[str, ...] = ("critical", "normal")
    watch: Watch | None = None
    """Hears of every outcome, with the connection that records it."""
    writer: Writer | None = None
    """Writes what has a content instead of a text of its own."""
    settle: float = SETTLE_SECONDS
    """Seconds after which an unknown outcome is looked up, where the channel can."""
    _sweeper: Sweeper = field(init=False)
    _spending: Spending = field(init=False)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    _written: list[UUID] = field(default_factory=list)
    _recording: asyncio.Task[None] | None = None
    _claiming: asyncio.Task[bool] | None = None

    def __post_init__(self) -> None:
        self._spending = Spending(self.database, self.channels)
        self._sweeper = Sweeper(
            self.database,
            self.cipher,
            self.channels,
            self.hub,
            self.worker,
            self.settle,
            self.writer,
        )

    async def run(self) -> None:
        """Deliver until cancelled."""
        stop = self.hub.listen(DELIVER, lambda *_: self._wake.set())
        try:
            await self._sweeper.recover()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._sweeper.run(), name="sweep")
                group.create_task(self._round_always(), name="claims")
        finally:
            stop()
            if self._claiming is not None:
                await asyncio.gather(self._claiming, return_exceptions=True)
            await asyncio.gather(*self._calls, return_exceptions=True)
            if self._recording is not None:
                await self._recording

    def record_passive(self, outbox_id: UUID) -> None:
        """Record, a breath later, that a passive reply was written to the open callback.

        Nobody waits for it: what is lost with this process is `unknown` to the next one, as if
        the process had died before the reply was written.
        """
        self._written.append(outbox_id)
        if self._recording is None or self._recording.done():
            self._recording = asyncio.create_task(self._record_written(), name="record-passive")

    async def _record_written(self) -> None:
        while self._written:
            await asyncio.sleep(GATHER_SECONDS)
            batch, self._written = self._written, []

            async def record(batch: list[UUID] = batch) -> None:
                async with self.database.once() as connection:
                    await outcome.record_written(connection, batch)

            await insist(record, f"{len(batch)} passive replies")
            self.hub.publish(EVENT, once=True)

    async def _round_always(self) -> None:
        while True:
            self._wake.clear()
            if not await self._round():  # what comes later rings, and so does what waited its turn
                await self.hub.rest(self._wake, POLL_SECONDS)

    async def _round(self) -> bool:
        """Claim once in each lane; tell whether more may be due than could be claimed."""
        is_full = False
        for lane in self.lanes:
            try:
                self._claiming = asyncio.create_task(self._claim(lane), name="claim")
                is_full |= await asyncio.shield(self._claiming)  # who is claimed is called for
                await self._spending.record()
            except ServiceError as error:
                log.warning("Nothing can be claimed now: %s", error)
        return is_full

    async def _claim(self, lane: str) -> bool:
        free = BATCH - len(self._calls)
        if free <= 0:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)
            return True
        async with self.database.transaction() as connection:
            claimed = await outbox.claim(
                connection, self.cipher, self.worker, lane=lane, limit=free
            )
            due, unwritten = await write_letters(connection, self.writer, claimed)
            for one in unwritten:
                await outcome.record_moved(connection, one.outbox_id, "rejected", code=UNWRITTEN)
            going = [(one, await self._spend(connection, one)) for one in due]
        self._spending.note_claimed([one for one, rule in going if rule != _REFUSED])
        if going:
            reach("deliver.after_claim")
        for outbound, rule in going:
            if rule != _REFUSED:
                call = asyncio.create_task(self._deliver(outbound, rule), name="deliver")
                self._calls.add(call)
                call.add_done_callback(self._calls.discard)
            else:
                self._tell(outbound, "rejected", "window")
        return len(claimed) == free

    async def _spend(self, connection: Connection, outbound: Outbound) -> str | None:
        """Spend one message of the reply window; the reserve is for people alone.

        What is sent again under the same key was spent before; a reply to an event that brought
        a code of its own spends nothing, nor does an approved template.
        """
        try:
            can = self.channels.get(outbound.address).capabilities
        except NotFound:
            await outcome.record_moved(connection, outbound.outbox_id, "rejected", code="config")
            return _REFUSED
        if not can.has_windows or outbound.conversation_id is None:
            return None
        hints = outbound.content.hints
        if outbound.is_repeat or REPLY_CODE in hints or TEMPLATE in hints:
            return None
        reserve = 0 if outbound.author is Author.AGENT else can.reserve
        rule = await window.claim(connection, outbound.conversation_id, reserve=reserve)
        if rule is None:
            await outcome.record_moved(connection, outbound.outbox_id, "rejected", code="window")
            return _REFUSED
        return rule

    async def _deliver(self, outbound: Outbound, rule: str | None) -> None:
        started = time.monotonic()
        reach("deliver.before_call")
        result = await self._call(outbound)
        reach("deliver.after_call")
        ms = int((time.monotonic() - started) * 1000)
        CALL.labels(outbound.address.channel).observe(ms / 1000)
        await insist(lambda: self._record(outbound, result, rule, ms), str(outbound.outbox_id))
        reach("deliver.after_record")

    async def _call(self, outbound: Outbound) -> SendResult:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self.channels.get(outbound.address).send(outbound)
        except TimeoutError:
            return Unknown("timeout")
        except Exception:
            log.exception("The %s adapter broke its contract.", outbound.address.channel)
            return Unknown("adapter_error")

    async def _record(
        self, outbound: Outbound, result: SendResult, rule: str | None, ms: int
    ) -> None:
        ended = to_outcome(outbound, result, can_repeat=self._can_repeat(outbound.address))
        ending = Ending(outbound, result, ended, rule, ms)
        moved = await record_ending(self.database, ending, self.watch)
        if moved and moved.has_next:
            self._wake.set()
        self._spending.note_result(outbound.address, result)
        SENT.labels(outbound.address.channel, ended.state, ended.code or "").inc()
        self._tell(outbound, ended.state, ended.code)

    def _can_repeat(self, address: Address) -> bool:
        """Tell whether the provider itself would notice that it has a message already."""
        try:
            return self.channels.get(address).capabilities.has_key
        except NotFound:
            return False  # its account was taken away meanwhile

    def _tell(self, outbound: Outbound, state: str, code: str | None) -> None:
        frame = {
            "type": "delivery",
            "conversation": str(outbound.conversation_id),
            "seq": outbound.seq,
            "state": state,
            "why": code,
        }
        self.hub.publish(DESK, frame)
        self.hub.publish(talk_topic(outbound.conversation_id), frame)
        self.hub.publish(EVENT, once=True)


_REFUSED = "\0refused"
