"""Walking: where a run comes to rest, what it does on the way, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.condition import Facts
from orchestrator.journey import Journey
from orchestrator.journey_lint import check_journey, parse_journey
from orchestrator.step import LATE, Walk, walk
from orchestrator.trading import make_calendars
from store.journey_run import Run

AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
"""Friday, 15:00 in China."""
CALENDARS = make_calendars()
HEAD = "key: try\ntitle: Try\ntrigger: {event: drawdown}\nsteps:\n"


def make(steps: str) -> Journey:
    return parse_journey(HEAD + steps + "\n  - {id: over, exit: over}\n")


def start(**more: object) -> Run:
    run = Run(UUID(int=1), UUID(int=2), "k", "start", AT, vars={"ratio": 0.3})
    return replace(run, **more)  # type: ignore[arg-type]


def go(
    journey: Journey, run: Run, *, now: datetime | None = None, facts: Facts | None = None
) -> Walk:
    return walk(journey, run, now=now or run.due_at, facts=facts or {}, calendars=CALENDARS)


@pytest.mark.parametrize(
    ("wait", "due"),
    [
        ("wait: 90m", "2026-11-20T08:30+00:00"),
        ("wait: 2w", "2026-12-04T07:00+00:00"),
        ("wait_until: {at: '10:00'}", "2026-11-21T10:00+08:00"),
        ("wait_until: {at: '15:30'}", "2026-11-20T15:30+08:00"),
        ("wait_until: {open: SSE}", "2026-11-23T09:30+08:00"),
        ("wait_until: {open: SHFE}", "2026-11-20T21:00+08:00"),
        ("wait_until: {exchange: SSE, at: '14:55'}", "2026-11-23T14:55+08:00"),
        ("wait_until: {exchange: SSE, days: 1, at: '08:30'}", "2026-11-23T08:30+08:00"),
        ("wait_until: {exchange: SSE, trading_minutes: 130}", "2026-11-23T13:10+08:00"),
        ("wait_for: {event: login, timeout: 3d}", "2026-11-23T07:00+00:00"),
    ],
)
def test_each_rest_ends_when_it_says(wait: str, due: str) -> None:
    walked = go(make(f"  - id: rest\n    {wait}"), start())
    assert walked.run.step == "rest"
    assert walked.run.due_at == datetime.fromisoformat(due)
    assert not walked.run.is_ended


def test_a_time_of_day_is_by_the_clients_clock() -> None:
    journey = make("  - id: rest\n    wait_until: {at: '10:00'}")
    walked = go(journey, start(), facts={"client": {"timezone": "America/New_York"}})
    assert walked.run.due_at == datetime.fromisoformat("2026-11-20T10:00-05:00")


def test_a_moment_that_is_now_is_no_rest() -> None:
    journey = make("  - id: rest\n    wait_until: {exchange: SSE, at: '15:00'}")
    assert go(journey, start()).run.is_ended


def test_effects_are_told_with_the_moment_of_the_journey() -> None:
    journey = make(
        "  - id: hello\n    send: {content: a, category: service}\n"
        "  - id: rest\n    wait: 1d\n"
        "  - id: call\n    open_task: {title: call}"
    )
    first = go(journey, start())
    assert [(one.step.id, one.at) for one in first.effects] == [("hello", AT)]
    second = go(journey, first.run, now=first.run.due_at + timedelta(minutes=5))
    assert [(one.step.id, one.at) for one in second.effects] == [("call", AT + timedelta(days=1))]
    assert [one.result for one in second.marks] == ["waited", "opened", "exit:over"]
    assert second.run.is_ended


def test_who_is_more_than_an_hour_late_counts_from_now() -> None:
    journey = make("  - id: a\n    wait: 1d\n  - id: b\n    wait: 1d")
    run = go(journey, start()).run
    in_time = go(journey, run, now=run.due_at + LATE).run
    late = go(journey, run, now=run.due_at + LATE + timedelta(seconds=1)).run
    assert in_time.due_at == AT + timedelta(days=2)
    assert late.due_at == AT + timedelta(days=2) + LATE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("awaits", "ways"), [("login", ["timed_out", "sent"]), (None, ["came", "exit:over"])]
)
def test_a_wait_for_goes_one_way_or_the_other(awaits: str | None, ways: list[str]) -> None:
    journey = make(
        "  - id: rest\n    wait_for: {event: login, timeout: 1d, then: over, otherwise: tell}\n"
        "  - id: tell\n    send: {content: a, category: service}"
    )
    walked = go(journey, start(step="rest", awaits=awaits))
    assert [one.result for one in walked.marks][:2] == ways


@pytest.mark.parametrize(
    ("facts", "way"),
    [
        ({"figure": {"assets": 2.0}}, "went:over"),
        ({"figure": {"assets": 1.0}, "tier": {"layer": "vip"}}, "went:rest"),
        ({}, "went:tell"),
    ],
)
def test_a_branch_takes_the_first_way_that_holds(facts: Facts, way: str) -> None:
    journey = make(
        "  - id: fork\n    branch:\n      ways:\n"
        "        - {when: figure.assets > 1, go: over}\n"
        "        - {when: tier.layer = 'vip' and event.ratio > 20%, go: rest}\n"
        "      otherwise: tell\n"
        "  - id: tell\n    send: {content: a, category: service}\n"
        "  - id: rest\n    wait: 1d"
    )
    assert go(journey, start(), facts=facts).marks[0].result == way


names = st.sampled_from(["a", "b", "c", "d"])
forms = st.one_of(
    st.just("wait: 1h"),
    st.just("send: {content: x, category: service}"),
    st.just("wait_for: {event: login, timeout: 1h}"),
    names.map(lambda go: f"wait: 1h\n    next: {go}"),
    names.map(lambda go: f"tag: {{add: [x]}}\n    next: {go}"),
    st.tuples(names, names).map(
        lambda two: (
            f"branch: {{ways: [{{when: event.ratio > 1, go: {two[0]}}}], otherwise: {two[1]}}}"
        )
    ),
)


@given(steps=st.lists(forms, min_size=4, max_size=4), hours=st.integers(0, 40))
def test_what_the_check_lets_through_always_comes_to_rest(steps: list[str], hours: int) -> None:
    """Any journey that was checked rests or ends after each walk, and never goes back in time."""
    text = "".join(
        f"  - id: {name}\n    {step}\n" for name, step in zip("abcd", steps, strict=True)
    )
    journey = check_journey(f"{HEAD}{text}  - {{id: over, exit: over}}\n").journey
    if journey is None:
        return
    run = start()
    for _ in range(hours):
        walked = go(journey, run)
        if walked.run.is_ended:
            assert walked.marks[-1].result == "exit:over"
            return
        assert walked.run.due_at > run.due_at
        run = walked.run
