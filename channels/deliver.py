"""The only code that calls a provider: claim, commit `sending`, call once, record the outcome."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from prometheus_client import Counter, Histogram

from channels.allowance import Spending
from channels.contract import Channels
from channels.ending import find_state, find_wait, insist
from channels.letter import Writer, write_letters
from channels.live import DELIVER, DESK, EVENT, Hub, talk_topic
from channels.sweep import MAX_ATTEMPTS, SETTLE_SECONDS, Sweeper
from kernel.crash import reach
from kernel.errors import NotFound, ServiceError
from kernel.message import (
    REPLY_CODE,
    TEMPLATE,
    Accepted,
    Address,
    Author,
    Outbound,
    Refusal,
    Rejected,
    Retryable,
    SendResult,
    Unknown,
)
from store import consent, outbox, outcome, receipt, window
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
SWEEP_SECONDS = 5.0
UNWRITTEN = "content:unwritten"
"""Why a letter was rejected for which its content has no words."""


class Watch(Protocol):
    """Somebody who follows how an account's calls end (channels/staff/trouble.py)."""

    async def record(self, connection: Connection, address: Address, result: SendResult) -> None:
        """Take the outcome of one call."""
        ...


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
    """Hears of every outcome, in the transaction that records it."""
    writer: Writer | None = None
    """Writes what has a content instead of a text of its own."""
    settle: float = SETTLE_SECONDS
    """Seconds after which an unknown outcome is looked up, where the channel can."""
    _sweep_at: float = 0.0
    _sweeper: Sweeper = field(init=False)
    _spending: Spending = field(init=False)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    _written: list[UUID] = field(default_factory=list)
    _recording: asyncio.Task[None] | None = None
    _claiming: asyncio.Task[int] | None = None

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
            while True:
                await self._round()
        finally:
            stop()
            await self._sweeper.close()
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

    async def _round(self) -> None:
        self._wake.clear()
        claimed = 0
        for lane in self.lanes:
            try:
                self._claiming = asyncio.create_task(self._claim(lane), name="claim")
                claimed += await asyncio.shield(self._claiming)  # who is claimed is called for
                await self._spending.record()
            except ServiceError as error:
                log.warning("Nothing can be claimed now: %s", error)
        if time.monotonic() > self._sweep_at:
            await self._sweeper.sweep()
            self._sweep_at = time.monotonic() + SWEEP_SECONDS
        if not claimed:
            await self.hub.rest(self._wake, POLL_SECONDS, most=SWEEP_SECONDS)

    async def _claim(self, lane: str) -> int:
        free = BATCH - len(self._calls)
        if free <= 0:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)
            return 1
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
        return len(claimed)

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
        state, code = _find_state(result, outbound)
        async with self.database.transaction() as connection:
            if isinstance(result, Retryable) and state == "queued":
                wait = max(result.retry_after, find_wait(outbound.attempt))
                # That this call did nothing says nothing about the one before it.
                doubt = outbox.IN_DOUBT if outbound.is_repeat else ""
                await outcome.record_retry(
                    connection,
                    outbound.outbox_id,
                    code=doubt + result.code,
                    wait=wait,
                    attempt=outbound.attempt,
                )
            else:
                await self._record_end(connection, outbound, result, ms)
            await self._settle_window(connection, outbound, result, rule)
            if isinstance(result, Rejected) and result.refusal is Refusal.CONSENT:
                await consent.record_refused(connection, outbound.address, outbound.outbox_id)
            if self.watch:
                await self.watch.record(connection, outbound.address, result)
        self._spending.note_result(outbound.address, result)
        SENT.labels(outbound.address.channel, state, code or "").inc()
        self._tell(outbound, state, code)

    async def _record_end(
        self, connection: Connection, outbound: Outbound, result: SendResult, ms: int
    ) -> None:
        """Record how a call ended; what nobody knows is queued again where it can do no harm."""
        state, code = _find_state(result, outbound)
        provider_id = result.provider_id if isinstance(result, Accepted) else None
        await outcome.record_moved(
            connection, outbound.outbox_id, state, code=code, provider_id=provider_id, ms=ms
        )
        if state == "unknown" and self._may_repeat(outbound):
            doubt, wait = outbox.IN_DOUBT + str(code), find_wait(outbound.attempt)
            await outcome.record_retry(
                connection, outbound.outbox_id, code=doubt, wait=wait, attempt=outbound.attempt
            )
        if provider_id:
            await receipt.record_parked(
                connection, outbound.address, outbound.outbox_id, provider_id
            )

    def _may_repeat(self, outbound: Outbound) -> bool:
        """Tell whether the provider itself would notice that it has the message already."""
        can = self.channels.get(outbound.address).capabilities
        return can.has_key and outbound.attempt < MAX_ATTEMPTS

    async def _settle_window(
        self, connection: Connection, outbound: Outbound, result: SendResult, rule: str | None
    ) -> None:
        if rule is None or outbound.conversation_id is None:
            return
        if isinstance(result, Rejected) and result.refusal is Refusal.WINDOW:
            await window.record_used_up(connection, outbound.conversation_id)
        elif isinstance(result, Rejected | Retryable):
            await window.record_refund(connection, outbound.outbox_id, rule)

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


def _find_state(result: SendResult, outbound: Outbound) -> tuple[str, str | None]:
    return find_state(result, attempt=outbound.attempt, is_repeat=outbound.is_repeat)
