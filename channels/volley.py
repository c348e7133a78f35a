"""The calls for one slice of a campaign: many at once, each message once, all accounted for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from operator import length_hint
from typing import Any, Final

from channels.contract import Channel
from channels.deliver import CALL_SECONDS
from channels.ending import is_fault, to_outcome
from kernel.errors import ServiceError
from kernel.message import Accepted, Outbound, Retryable, SendResult, Unknown
from store import throttle
from store.batch import Outcome, Taken

log = logging.getLogger(__name__)

AT_ONCE: Final = 256
LOOK_SECONDS: Final = 0.5
BREATH: Final = 100
"""Calls after which others have their turn, for a provider that answers without any waiting."""
LATEST_SECONDS: Final = 30.0
RUNNING: Final = "running"
_CANCELLED: Final = ("cancelled", "cancelled")
STOPPED: Final = "stopped"
"""Why what a worker that is told to stop had not called for goes back to the queue."""


@dataclass(slots=True)
class _Caller:
    """One of those who call at once; `since` is when its present call began."""

    task: asyncio.Task[None] | None = None
    since: float | None = None
    is_late: bool = False


@dataclass(slots=True, eq=False)
class Volley:
    """Calls for messages that are committed as `sending`; afterwards it says what became of each.

    `find_state` tells the campaign's state: what was not called for when people stopped it, when
    the account fails, or when it is too late, goes back to the queue.
    """

    channel: Channel
    waiting: Iterator[Outbound]
    find_state: Callable[[], Awaitable[str]]
    until: float = field(default_factory=lambda: time.monotonic() + LATEST_SECONDS)
    """No call begins after this: the sweep takes the worker for dead soon (channels/sweep.py). Who
    claims for several volleys at once gives them the same."""
    taken: Taken = field(default_factory=Taken)
    outcomes: list[Outcome] = field(default_factory=list)
    refused: list[tuple[Outbound, SendResult]] = field(default_factory=list)
    failed: list[bool] = field(default_factory=list)
    halted: str | None = None
    _callers: list[_Caller] = field(default_factory=list)
    _in_a_row: int = 0

    async def fire(self) -> None:
        """Call for every message, or say why not."""
        watching = asyncio.create_task(self._watch(), name="volley-watch")
        self._start()
        await asyncio.sleep(0)
        while len(self._callers) < AT_ONCE and length_hint(self.waiting):
            self._start()
            await asyncio.sleep(0)
        await asyncio.gather(*(one.task for one in self._callers if one.task))
        watching.cancel()

    def halt(self, why: str) -> None:
        """Begin no call any more."""
        self.halted = self.halted or why

    def _start(self) -> None:
        caller = _Caller()
        caller.task = asyncio.create_task(self._call_on(caller), name="volley-call")
        self._callers.append(caller)

    async def _call_on(self, caller: _Caller) -> None:
        count = 0
        for outbound in self.waiting:
            held = self._find_hold()
            if held is not None:
                self._put_back(outbound, held)
                continue
            self._note(outbound, await self._call(caller, outbound))
            count += 1
            if count % BREATH == 0:
                await asyncio.sleep(0)

    def _find_hold(self) -> Retryable | None:
        if self.halted is not None:
            return Retryable(self.halted, 0.0)
        if self._in_a_row >= throttle.FAILURES:
            return Retryable("circuit_open", throttle.OPEN_SECONDS)
        return Retryable("late") if time.monotonic() > self.until else None

    def _put_back(self, outbound: Outbound, held: Retryable) -> None:
        """Note that no call was made: that is none of the calls after which we give up."""
        if self.halted == "cancelled":
            ended = ("failed", "outcome_unknown:cancelled") if outbound.is_repeat else _CANCELLED
            self.outcomes.append(Outcome(outbound.outbox_id, *ended, attempt=outbound.attempt))
        else:
            uncalled = to_outcome(replace(outbound, attempt=1), held, can_repeat=True)
            self.outcomes.append(replace(uncalled, attempt=outbound.attempt))

    async def _call(self, caller: _Caller, outbound: Outbound) -> SendResult:
        caller.since = time.monotonic()
        try:
            return await self.channel.send(outbound)
        except asyncio.CancelledError:
            if not caller.is_late or caller.task is None:
                raise
            caller.is_late = False
            caller.task.uncancel()
            return Unknown("timeout")
        except Exception:
            log.exception("The %s adapter broke its contract.", self.channel.name)
            return Unknown("adapter_error")
        finally:
            caller.since = None

    def _note(self, outbound: Outbound, result: SendResult) -> None:
        if isinstance(result, Accepted):
            self._in_a_row = 0
            self.failed.append(False)
            self.taken.add(outbound.outbox_id, result.provider_id)
            return
        failed = is_fault(result)
        self._in_a_row = self._in_a_row + 1 if failed else 0
        self.failed.append(failed)
        can_repeat = self.channel.capabilities.has_key
        self.outcomes.append(to_outcome(outbound, result, can_repeat=can_repeat))
        self.refused.append((outbound, result))

    async def _watch(self) -> None:
        """End calls that take too long, and look whether people have stopped the campaign."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            latest = time.monotonic() - CALL_SECONDS
            for one in self._callers:
                if one.since is not None and one.since < latest and one.task and not one.is_late:
                    one.is_late = True
                    one.task.cancel()
            with suppress(ServiceError):
                state = await self.find_state()
                if state != RUNNING:
                    self.halt(state)


@dataclass(slots=True)
class Flight:
    """What a worker has begun: it goes on to its end when the worker is told to stop.

    What is committed as `sending` was called for, or is put back.
    """

    _works: set[asyncio.Task[bool]] = field(default_factory=set)
    _volleys: set[Volley] = field(default_factory=set)
    _is_stopping: bool = False

    async def carry(self, work: Coroutine[Any, Any, bool]) -> bool:
        """Do some work that a cancelled caller leaves to itself."""
        task = asyncio.create_task(work, name="bulk-slice")
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        return await asyncio.shield(task)

    async def fire(self, volley: Volley) -> None:
        """Fire a volley, which ends at once when all must stop."""
        self._volleys.add(volley)
        if self._is_stopping:
            volley.halt(STOPPED)
        try:
            await volley.fire()
        finally:
            self._volleys.discard(volley)

    async def stop(self) -> None:
        """Begin no call any more; return when what was called for is recorded."""
        self._is_stopping = True
        for volley in self._volleys:
            volley.halt(STOPPED)
        await asyncio.gather(*self._works, return_exceptions=True)
