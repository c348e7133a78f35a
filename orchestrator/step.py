"""Walks a client through the steps of a journey: from a rest to the next, without any input.

Time on a journey is the moment at which a rest was over, not the moment at which a worker came
by: three waits of a day are three days. Who comes by more than an hour late counts from now, so
that a week's steps are not done in a minute after a week's standstill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Final

from kernel.errors import ServiceError
from orchestrator.calendar import TradingCalendar
from orchestrator.condition import Facts
from orchestrator.journey import Journey, Step
from orchestrator.journey_form import END, START, Until
from orchestrator.quiet import find_zone
from store.journey_run import Mark, Run

LATE: Final = timedelta(hours=1)
_MOST_STEPS: Final = 1000

Calendars = Mapping[str, TradingCalendar]


class Astray(ServiceError):
    """The journey does not come to rest."""

    code = "astray"
    message_zh = "流程没有停下来的步骤。"


@dataclass(frozen=True, slots=True)
class Effect:
    """A step that does something, and when on the journey's time."""

    run: Run
    step: Step
    at: datetime
    facts: Facts


@dataclass(slots=True)
class Walk:
    """Where walking led: the run as it is now, what is to be done, and what is to be noted."""

    run: Run
    effects: list[Effect] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    rested_at: datetime | None = None


def walk(journey: Journey, run: Run, *, now: datetime, facts: Facts, calendars: Calendars) -> Walk:
    """Walk a run whose rest is over to its next rest or its end.

    Facts of `event` are those that let the client in.

    Raises:
        Astray: the journey does not come to rest, which `check_journey` would have said.
    """
    at = run.due_at if now - run.due_at <= LATE else now
    result = Walk(run)
    facts = {**facts, "event": run.vars}
    go = _leave(journey, run, result, at)
    for _ in range(_MOST_STEPS):
        step = journey.steps.get(go)
        if go == END or step is None:
            _end(result, go, "exit:", at)
            return result
        if step.verb in _REST:
            due = _find_rest(step, at, facts, calendars)
            awaits = step.form.wait_for.event if step.form.wait_for else None
            if due > at:
                result.run = replace(run, step=step.id, due_at=due, awaits=awaits)
                result.rested_at = at
                return result
            go = step.next
        elif step.verb in ("exit", "goal"):
            words = step.form.exit or step.form.goal or ""
            _end(result, step.id, f"{step.verb}:{words}", at)
            return result
        else:
            go = _take(step, Effect(run, step, at, facts), result, now)
    raise Astray(f"{journey.key}: {run.step} leads to no rest.")


_REST: Final = ("wait", "wait_until", "wait_for")
_RESULTS: Final = {"send": "sent", "open_task": "opened", "tag": "tagged"}


def _leave(journey: Journey, run: Run, result: Walk, at: datetime) -> str:
    """Return the step after the rest; a `wait_for` that awaits nothing any more was answered."""
    if run.step == START:
        return journey.first
    step = journey.steps[run.step]
    if step.form.wait_for is None:
        result.marks.append(Mark(run, step.id, "waited", at))
        return step.next
    came = run.awaits is None
    result.marks.append(Mark(run, step.id, "came" if came else "timed_out", at))
    return (step.form.wait_for.then if came else step.form.wait_for.otherwise) or step.next


def _take(step: Step, effect: Effect, result: Walk, now: datetime) -> str:
    """Do a step that takes no time and return the one after it."""
    if step.form.branch:
        ways = (go for condition, go in step.ways if condition.holds(effect.facts, effect.at))
        go = next(ways, step.form.branch.otherwise)
        result.marks.append(Mark(effect.run, step.id, f"went:{go}", effect.at))
        return go
    result.effects.append(effect)
    result.marks.append(Mark(effect.run, step.id, _RESULTS[step.verb], effect.at))
    return step.next


def _end(result: Walk, step: str, outcome: str, at: datetime) -> None:
    run = result.run
    result.marks.append(Mark(run, step, outcome, at))
    result.run = replace(run, step=step, outcome=outcome, is_ended=True, awaits=None, due_at=at)


def _find_rest(step: Step, at: datetime, facts: Facts, calendars: Calendars) -> datetime:
    """Return when a rest that begins at `at` is over."""
    form = step.form
    if form.wait is not None:
        return at + form.wait
    if form.wait_for is not None:
        return at + form.wait_for.timeout
    assert form.wait_until is not None  # noqa: S101  (one of the three, by the form)
    return find_moment(form.wait_until, at, facts, calendars)


def find_moment(until: Until, at: datetime, facts: Facts, calendars: Calendars) -> datetime:
    """Return the moment that `until` means, from `at` on."""
    if until.open is not None:
        return calendars[until.open].next_open(at)
    if until.exchange is not None:
        calendar = calendars[until.exchange]
        if until.trading_minutes is not None:
            return calendar.add_trading_minutes(at, until.trading_minutes)
        clock = until.at or time()
        if until.days is not None:
            return calendar.by_trading_day(at, until.days, clock)
        return calendar.before(at, clock)
    zone = find_zone(str(facts.get("client", {}).get("timezone", "Asia/Shanghai")))
    local = at.astimezone(zone)
    moment = datetime.combine(local.date(), until.at or time(), zone)
    if moment < local:
        moment = datetime.combine(local.date() + timedelta(days=1), until.at or time(), zone)
    return moment.astimezone(at.tzinfo)
