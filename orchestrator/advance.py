"""Moves clients along their journeys when their rests are over, a batch in one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from channels.live import JOURNEY, Hub
from kernel.clock import Clock, SystemClock
from kernel.crash import reach
from kernel.errors import ServiceError
from kernel.happening import JOURNEY_ADVANCED, Happening
from orchestrator.effect import record_effects
from orchestrator.entry import Sweeps
from orchestrator.journey import Journey
from orchestrator.journey_book import Book, Shelf
from orchestrator.step import Calendars, Effect, Walk, walk
from orchestrator.trading import CalendarShelf
from store import audit, journey_fact, journey_run
from store.cipher import Cipher
from store.engine import Connection, Database
from store.journey_fact import Facts, Wanted
from store.journey_run import Run

log = logging.getLogger(__name__)

BATCH: Final = 500
POLL_SECONDS: Final = 1.0
BREATH_SECONDS: Final = 0.05
SWEEP_EVERY_SECONDS: Final = 20.0
STAND: Final = timedelta(hours=1)
"""How long somebody rests whose journey cannot be walked, before it is tried again."""


@dataclass(slots=True)
class Advance:
    """Walks batches of runs; several may work, on any machine, each takes what no other holds."""

    database: Database
    cipher: Cipher
    book: Book = field(default_factory=Book)
    calendars: CalendarShelf = field(default_factory=CalendarShelf)
    clock: Clock = field(default_factory=SystemClock)
    next_due: datetime | None = None
    """When the next rest is over, as it was known after the last look."""

    async def advance_next(self, limit: int = BATCH) -> int:
        """Walk the next runs whose rest is over; return how many there were."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            await journey_run.go_by_index(connection)
            runs = await journey_run.claim_due(connection, now, limit)
            if not runs:
                self.next_due = await journey_run.find_next_due(connection)
                return 0
            batch = _Batch(connection, await self.book.open(connection), now)
            batch.calendars = await self.calendars.open(connection, now)
            await batch.walk_all(runs)
            await record_effects(connection, self.cipher, batch.effects, batch.calendars)
            marks = [mark for one in batch.walks for mark in one.marks]
            await journey_run.record_moved(connection, [one.run for one in batch.walks], marks)
            await audit.record(connection, [batch.describe()])
            reach("journey.before_commit")
        reach("journey.after_commit")
        return len(runs)

    async def advance_singly(self, count: int = BATCH) -> int:
        """Walk up to `count` runs one by one, and let rest those that cannot be walked.

        Returns how many could.
        """
        done = 0
        for _ in range(count):
            try:
                if not await self.advance_next(1):
                    break
                done += 1
            except ServiceError:
                raise
            except Exception as error:
                log.exception("A run cannot be walked; it rests for %s.", STAND)
                await self._set_aside(f"内部错误 · internal error: {type(error).__name__}")
        return done

    async def _set_aside(self, trouble: str) -> None:
        now = self.clock.now()
        async with self.database.transaction() as connection:
            runs = await journey_run.claim_due(connection, now, 1)
            rested = [_stand(one, now, trouble).run for one in runs]
            await journey_run.record_moved(connection, rested, [])


@dataclass(slots=True)
class _Batch:
    """Runs that are walked together: what is asked of the database is asked once for all."""

    connection: Connection
    shelf: Shelf
    now: datetime
    calendars: Calendars = field(default_factory=dict)
    walks: list[Walk] = field(default_factory=list)
    _facts: Mapping[UUID, Facts] = field(default_factory=dict)

    @property
    def effects(self) -> list[Effect]:
        """Everything that the walked steps do."""
        return [effect for one in self.walks for effect in one.effects]

    async def walk_all(self, runs: Sequence[Run]) -> None:
        """Walk every run to a rest at which nothing has come yet."""
        needy = [one.client_id for one in runs if self._needs_facts(one)]
        self._facts = await journey_fact.find_facts(self.connection, needy, self.now)
        fresh = [self._walk(one) for one in runs]
        self.walks += fresh
        while fresh:
            fresh = await self._go_on(fresh)

    def describe(self) -> Happening:
        """Return the one happening that tells of the batch."""
        ended = sum(one.run.is_ended for one in self.walks)
        counts = {"runs": len(self.walks), "ended": ended, "effects": len(self.effects)}
        return Happening("journey", JOURNEY_ADVANCED, "journey", "batch", {}, counts)

    async def _go_on(self, walks: Sequence[Walk]) -> list[Walk]:
        """Walk on those whose awaited event had come before they came to await it."""
        resting = [one for one in walks if one.run.awaits and one.rested_at]
        wanted = [
            Wanted(one.run.client_id, one.run.awaits or "", one.rested_at or self.now)
            for one in resting
        ]
        moved: dict[int, Walk] = {}
        for came in await journey_fact.find_came(self.connection, wanted, self.now):
            walked = resting[came.n]
            when = self.shelf.journeys[walked.run.journey_id].steps[walked.run.step].when
            if came.n in moved or came.at > walked.run.due_at:
                continue
            if when is None or when.holds({"event": came.figures}, came.at):
                moved[came.n] = walked
                walked.run = replace(walked.run, awaits=None, due_at=came.at)
        for walked in moved.values():
            further = self._walk(walked.run)
            walked.run, walked.rested_at = further.run, further.rested_at
            walked.effects += further.effects
            walked.marks += further.marks
        return list(moved.values())

    def _walk(self, run: Run) -> Walk:
        found = self.shelf.journeys.get(run.journey_id)
        facts = self._facts.get(run.client_id, {})
        try:
            if found is not None:
                return walk(found, run, now=self.now, facts=facts, calendars=self.calendars)
        except ServiceError as error:
            log.warning("Run %s of %s stands still: %s", run.entry_key, run.client_id, error)
            return _stand(run, self.now, f"{error.zh} · {error.message}")
        return _stand(run, self.now, "这一版流程不能运行 · this version cannot run")

    def _needs_facts(self, run: Run) -> bool:
        found: Journey | None = self.shelf.journeys.get(run.journey_id)
        return found is not None and found.needs_facts


def _stand(run: Run, now: datetime, trouble: str) -> Walk:
    """Let a run stand where it is: it is tried again later, or when a person says so."""
    return Walk(replace(run, due_at=now + STAND, trouble=trouble))


@dataclass(slots=True)
class JourneyWorker:
    """Fires the timers of journeys and does their sweeps, until it is cancelled."""

    advance: Advance
    sweeps: Sweeps
    hub: Hub
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Walk what is due, rest a second or until woken, look again; sweeps go on beside it."""
        stop = self.hub.listen(JOURNEY, lambda *_: self._wake.set())
        sweeping = asyncio.create_task(self._sweep_on(), name="journey-sweep")
        try:
            while True:
                self._wake.clear()
                if not await self._try_advance():
                    await self._rest()
        finally:
            stop()
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)

    async def _sweep_on(self) -> None:
        """Look for the audiences that are due; a million clients may take many seconds."""
        while True:
            try:
                if await self.sweeps.sweep_due():
                    self._wake.set()
            except ServiceError as error:
                log.warning("Sweeps of journeys wait: %s", error)
            except Exception:
                log.exception("A journey's audience cannot be swept.")
            await asyncio.sleep(SWEEP_EVERY_SECONDS)

    async def _try_advance(self) -> int:
        self.advance.next_due = None
        try:
            return await self.advance.advance_next()
        except ServiceError as error:
            log.warning("Journeys wait: %s", error)
        except Exception:
            log.exception("Journeys meet a mistake; what is due is walked singly.")
            with suppress(ServiceError):
                return await self.advance.advance_singly()
        return 0

    async def _rest(self) -> None:
        """Rest until the next timer, or until somebody is let in."""
        due, now = self.advance.next_due, self.advance.clock.now()
        seconds = (due - now).total_seconds() if due else float("inf")
        await self.hub.rest(self._wake, POLL_SECONDS, most=max(BREATH_SECONDS, seconds))
