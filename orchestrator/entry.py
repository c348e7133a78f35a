"""Lets clients into journeys and tells those under way what has happened, event by event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from kernel.clock import CHINA, Clock, SystemClock
from kernel.happening import JOURNEY_SWEPT, Happening
from orchestrator.journey import Journey, Sign
from orchestrator.journey_book import Book, Shelf
from store import audit, journey, journey_run
from store.audience_sql import compile_where
from store.client_event import ClientEvent
from store.engine import Connection, Database
from store.journey import Live
from store.journey_run import Entry, Mark, Run

SWEEP_SECONDS: Final = 120.0


@dataclass(slots=True)
class Entries:
    """Acts on client events within the transaction that handles them (orchestrator/event.py)."""

    book: Book = field(default_factory=Book)
    clock: Clock = field(default_factory=SystemClock)

    async def enter_for(self, connection: Connection, events: Sequence[ClientEvent]) -> None:
        """End and move the runs that these events mean, then let in those whom they let in.

        Doing it again for the same events changes nothing.
        """
        await journey_run.go_by_index(connection)
        shelf = await self.book.open(connection)
        for round_ in _make_rounds(events):
            await self._answer(connection, shelf, round_)
            await self._admit(connection, shelf, round_)

    async def _answer(
        self, connection: Connection, shelf: Shelf, events: Sequence[ClientEvent]
    ) -> None:
        waiting = shelf.list_awaiting(one.type for one in events)
        types = frozenset[str]().union(*(shelf.journeys[id_].awaited for id_ in waiting))
        by_client = {one.client_id: one for one in events if one.type in types}
        runs = await journey_run.lock_waiting(connection, waiting, list(by_client))
        moved: list[Run] = []
        marks: list[Mark] = []
        for run in runs:
            event = by_client[run.client_id]
            after = meet(shelf.journeys[run.journey_id], run, event)
            if after is not None:
                moved.append(after)
                if after.outcome:
                    marks.append(Mark(after, run.step, after.outcome, event.at))
        await journey_run.record_moved(connection, moved, marks)

    async def _admit(
        self, connection: Connection, shelf: Shelf, events: Sequence[ClientEvent]
    ) -> None:
        now = self.clock.now()
        for row, found in shelf.list_active():
            trigger = found.trigger
            if trigger is None:
                continue
            oldest = now - found.form.trigger.within
            is_once = found.form.reentry.rule == "once"
            entries = [
                Entry(one.client_id, "once" if is_once else str(one.id), one.at, one.figures)
                for one in events
                if one.at >= oldest and is_met(trigger, one)
            ]
            await journey_run.enter_many(connection, shelf.make_door(row), entries)


@dataclass(slots=True)
class Sweeps:
    """Looks every day for the audiences that journeys wait for; several may run."""

    database: Database
    book: Book = field(default_factory=Book)
    clock: Clock = field(default_factory=SystemClock)

    async def sweep_due(self) -> int:
        """Do every sweep that is due and that nobody has done; return how many clients entered."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            shelf = await self.book.open(connection)
        entered = 0
        for row, found in shelf.list_active():
            since = find_sweep(found, now)
            if since and (row.swept_at is None or row.swept_at < since):
                async with self.database.transaction(within=SWEEP_SECONDS) as connection:
                    entered += await self._sweep(connection, shelf, row, since)
        return entered

    async def _sweep(self, connection: Connection, shelf: Shelf, row: Live, since: datetime) -> int:
        if not await journey.claim_sweep(connection, row.id, since=since):
            return 0
        await journey_run.allow_long(connection, SWEEP_SECONDS)
        audience = shelf.journeys[row.id].form.trigger.audience or {}
        where = compile_where(audience, whole=True)
        entered = await journey_run.enter_where(connection, shelf.make_door(row), where, since)
        happening = Happening("journey", JOURNEY_SWEPT, "journey", row.id, {}, {"entered": entered})
        await audit.record(connection, [happening])
        return entered


def find_sweep(found: Journey, now: datetime) -> datetime | None:
    """Return the moment of today's sweep, by China's clock, once it has come."""
    clock = found.form.trigger.daily_at
    if clock is None:
        return None
    since = datetime.combine(now.astimezone(CHINA).date(), clock, CHINA).astimezone(now.tzinfo)
    return since if since <= now else None


def _make_rounds(events: Sequence[ClientEvent]) -> Iterator[list[ClientEvent]]:
    """Yield the first event of each client, then the second of each, and so on."""
    rounds: list[list[ClientEvent]] = []
    seen: dict[object, int] = {}
    for one in sorted(events, key=lambda event: event.at):
        n = seen.get(one.client_id, 0)
        seen[one.client_id] = n + 1
        if n == len(rounds):
            rounds.append([])
        rounds[n].append(one)
    yield from rounds


def meet(found: Journey, run: Run, event: ClientEvent) -> Run | None:
    """Return the run after it met an event, or None if the event means nothing to it."""
    if found.goal and is_met(found.goal, event):
        return _end(run, event, "goal")
    if any(is_met(one, event) for one in found.exits):
        return _end(run, event, "exit")
    step = found.steps.get(run.step)
    is_awaited = run.awaits == event.type and event.at <= run.due_at
    if step and is_awaited and is_met(Sign(event.type, step.when), event):
        return replace(run, awaits=None, due_at=event.at)
    return None


def _end(run: Run, event: ClientEvent, kind: str) -> Run:
    outcome = f"{kind}:{event.type}"
    return replace(run, is_ended=True, awaits=None, due_at=event.at, outcome=outcome)


def is_met(sign: Sign, event: ClientEvent) -> bool:
    """Tell whether an event is one that is looked out for."""
    if sign.event != event.type:
        return False
    return sign.when is None or sign.when.holds({"event": event.figures}, event.at)
