"""Tries a journey on what has happened: who would have entered, and what would have been done.

Nothing is written and nobody is told. Branches look at a client's figures as they are today, for
what they were on a day of the past is not kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from kernel.errors import InvalidInput
from kernel.message import Json
from orchestrator.entry import is_met, meet
from orchestrator.journey import Journey
from orchestrator.journey_form import START
from orchestrator.step import Calendars, walk
from orchestrator.trading import make_calendars
from store import audience, journey_fact, journey_history, trading_day
from store.client_event import ClientEvent
from store.engine import Database
from store.journey_fact import Facts
from store.journey_run import Mark, Run

EVENTS: Final = 200_000
CLIENTS: Final = 500
SECONDS: Final = 60.0
_NOBODY: Final = UUID(int=0)


@dataclass(slots=True)
class Rehearsal:
    """What would have been done: clients who entered, results by step, outcomes of those who left.

    `basis` is `history`, or `today`: an audience as it is now, of which `walked` clients were
    walked to the end as if nothing happened to them.
    """

    basis: str
    events: int = 0
    entered: int = 0
    walked: int = 0
    waiting: Counter[str] = field(default_factory=Counter)
    results: Counter[tuple[str, str]] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Json]:
        """Return the counts as JSON."""
        return {
            "basis": self.basis,
            "events": self.events,
            "entered": self.entered,
            "walked": self.walked,
            "waiting": [{"step": step, "n": n} for step, n in sorted(self.waiting.items())],
            "done": [
                {"step": step, "result": result, "n": n}
                for (step, result), n in sorted(self.results.items())
            ],
        }

    def note(self, marks: Iterable[Mark]) -> None:
        """Count what was done."""
        self.results.update((one.step, one.result) for one in marks)


async def rehearse(
    database: Database, journey: Journey, *, since: datetime, now: datetime
) -> Rehearsal:
    """Try a journey on the events since a moment, or on today's audience.

    Raises:
        InvalidInput: there are more events than can be tried at once.
    """
    async with database.transaction(within=SECONDS) as connection:
        calendars = make_calendars(await trading_day.find_all(connection, since.date()))
        if journey.form.trigger.audience is not None:
            expression = journey.form.trigger.audience
            counted = await audience.count(connection, expression, sample=CLIENTS)
            ids = counted.sample
            facts = await journey_fact.find_facts(connection, ids, now)
            tried = Rehearsal("today", entered=counted.count, walked=len(ids))
            walk_quietly(tried, journey, ids, now=now, facts=facts, calendars=calendars)
            return tried
        types = sorted(journey.awaited | {journey.trigger.event if journey.trigger else ""})
        events = await journey_history.find_history(connection, types, since, EVENTS + 1)
        if len(events) > EVENTS:
            raise InvalidInput(
                f"There are more than {EVENTS} events since then; give a later day.",
                zh=f"该日期以来的事件超过{EVENTS}条，请选择更近的日期。",
            )
        needy = {one.client_id for one in events} if journey.needs_facts else set[UUID]()
        facts = await journey_fact.find_facts(connection, list(needy), now)
    return replay(journey, events, now=now, facts=facts, calendars=calendars)


def replay(
    journey: Journey,
    events: Sequence[ClientEvent],
    *,
    now: datetime,
    facts: Mapping[UUID, Facts],
    calendars: Calendars,
) -> Rehearsal:
    """Play events, client by client and in order, and count what the journey would have done."""
    tried = Rehearsal("history", events=len(events))
    for client_id, own in groupby(events, key=lambda one: one.client_id):
        player = _Player(journey, tried, facts.get(client_id, {}), calendars)
        for event in own:
            player.play(event)
        player.advance(now)
        tried.waiting.update(one.step for one in player.runs if not one.is_ended)
    tried.walked = tried.entered
    return tried


def walk_quietly(
    tried: Rehearsal,
    journey: Journey,
    ids: Sequence[UUID],
    *,
    now: datetime,
    facts: Mapping[UUID, Facts],
    calendars: Calendars,
) -> None:
    """Walk clients from now to their ends, as if nothing happened to them on the way."""
    for client_id in ids:
        run = Run(_NOBODY, client_id, "today", START, now)
        for _ in range(len(journey.steps) + 1):
            walked = walk(
                journey,
                run,
                now=run.due_at,
                facts=facts.get(client_id, {}),
                calendars=calendars,
            )
            tried.note(walked.marks)
            run = walked.run
            if run.is_ended:
                break


@dataclass(slots=True)
class _Player:
    """One client's past, event by event."""

    journey: Journey
    tried: Rehearsal
    facts: Facts
    calendars: Calendars
    runs: list[Run] = field(default_factory=list)
    _entered_at: list[datetime] = field(default_factory=list)

    def play(self, event: ClientEvent) -> None:
        self.advance(event.at)
        for n, run in enumerate(self.runs):
            if run.is_ended:
                continue
            after = meet(self.journey, run, event)
            if after:
                self.runs[n] = after
                if after.outcome:
                    self.tried.results[run.step, after.outcome] += 1
        trigger = self.journey.trigger
        if trigger and is_met(trigger, event) and self._may_enter(event.at):
            run = Run(_NOBODY, event.client_id, str(event.id), START, event.at, vars=event.figures)
            self.runs.append(run)
            self._entered_at.append(event.at)
            self.tried.entered += 1
        self.advance(event.at)

    def advance(self, now: datetime) -> None:
        for n, run in enumerate(self.runs):
            at = run
            while not at.is_ended and at.due_at <= now:
                walked = walk(
                    self.journey, at, now=at.due_at, facts=self.facts, calendars=self.calendars
                )
                self.tried.note(walked.marks)
                at = walked.run
            self.runs[n] = at

    def _may_enter(self, at: datetime) -> bool:
        reentry = self.journey.form.reentry
        if reentry.rule == "always" or not self.runs:
            return True
        if reentry.rule == "once" or any(not one.is_ended for one in self.runs):
            return False
        return reentry.gap is None or self._entered_at[-1] <= at - reentry.gap
