"""What the shipped journeys must come to over a generated year, by brute force.

This says in plain words what four files of orchestrator/journeys say, once more and without
the engine: it imports nothing of it, and looks at one client after the other, hour by hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import groupby
from typing import Final

from service.year import HOURS, Fact

Counts = Counter[tuple[str, str, str]]
"""How often, by journey, step and what was done; a step `start` counts those who entered."""

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
_ALIVE: Final = (
    "login",
    "order_filled",
    "first_deposit",
    "deposit_settled",
    "withdrawal_settled",
)


def count_year(facts: Sequence[Fact], first: datetime, days: int) -> Counts:
    """Return what every journey does to every client until the end of the year."""
    counts: Counts = Counter()
    end = first + days * DAY
    for _, own in groupby(sorted(facts, key=lambda one: one.client), key=lambda one: one.client):
        life = sorted(own, key=lambda one: one.at)
        for play in (_new_client, _margin, _drawdown, _silent):
            counts.update(play(life, first, end))
    return counts


Play = Callable[[Sequence[Fact], datetime, datetime], Iterator[tuple[str, str, str]]]


def _new_client(
    life: Sequence[Fact], first: datetime, end: datetime
) -> Iterator[tuple[str, str, str]]:
    key = "new-client"
    opened = [one.at for one in life if one.type == "account_opened"]
    if not opened:
        return
    start = opened[0]
    yield key, "start", "entered"
    yield key, "welcome", "sent"
    deposits = [one.at for one in life if one.type == "first_deposit" and one.at > start]
    deposit = deposits[0] if deposits else None
    guide, over = start + 3 * DAY, start + 30 * DAY
    if deposit and deposit < guide:
        yield key, "await-deposit", "came"
    else:
        if guide > end:
            return
        yield key, "await-deposit", "timed_out"
        yield key, "guide", "sent"
        if not deposit or deposit >= over:
            if over <= end:
                yield key, "await-longer", "timed_out"
                yield key, "no-deposit", "exit:30 天未入金 · no deposit within 30 days"
            return
        yield key, "await-longer", "came"
    yield key, "call", "opened"
    yield key, "deposited", "goal:已入金 · first deposit"


def _margin(life: Sequence[Fact], first: datetime, end: datetime) -> Iterator[tuple[str, str, str]]:
    key = "margin-warning"
    told = {one.at: one.figures["ratio"] for one in life if one.type == "margin_usage"}
    since: datetime | None = None
    hour = first
    while hour <= end and told:
        if since and hour == since + 2 * HOUR:
            since = None
            yield key, "settle", "waited"
            yield key, "done", "exit:已提醒 · warned"
        ratio = told.get(hour)
        if ratio is not None and since and ratio < 0.7:
            since = None
            yield key, "settle", "goal:margin_usage"
        elif ratio is not None and not since and ratio > 0.8:
            since = hour
            yield key, "start", "entered"
            yield key, "warn", "sent"
        hour += HOUR


def _drawdown(
    life: Sequence[Fact], first: datetime, end: datetime
) -> Iterator[tuple[str, str, str]]:
    key = "drawdown-care"
    last: datetime | None = None
    for one in life:
        if one.type != "drawdown" or one.figures["ratio"] <= 0.2:
            continue
        if one.figures.get("days", 1) > 1 or (last and one.at - last < DAY):
            continue
        last = one.at
        yield key, "start", "entered"
        yield key, "care", "opened"
        yield key, "marked", "tagged"
        yield key, "done", "exit:已通知客户经理 · manager informed"


def _silent(life: Sequence[Fact], first: datetime, end: datetime) -> Iterator[tuple[str, str, str]]:
    key = "silent-client"
    alive = {one.at: one.type for one in life if one.type in _ALIVE}
    seen: datetime | None = None
    entered: datetime | None = None
    is_under_way = False
    for tick in _list_ticks(first, end) if alive else ():
        if is_under_way and entered:
            days = (tick - entered) / DAY
            if days in (7, 14, 21):
                yield key, {7: "week-one", 14: "week-two", 21: "week-three"}[int(days)], "waited"
            if days == 7:
                yield key, "chances", "sent"
            if days == 14:
                yield key, "call", "opened"
            if days == 21:
                yield key, "done", "exit:仍沉默 · still silent"
                is_under_way = False
        if tick in alive:
            seen = tick
            if is_under_way and entered:
                rest = ("week-one", "week-two", "week-three")[(tick - entered) // (7 * DAY)]
                yield key, rest, f"exit:{alive[tick]}"
                is_under_way = False
        is_free = entered is None or tick - entered >= 90 * DAY
        if _is_sweep(tick) and seen and tick - seen >= 30 * DAY and is_free and not is_under_way:
            entered, is_under_way = tick, True
            yield key, "start", "entered"
            yield key, "topics", "sent"


@cache
def _list_ticks(first: datetime, end: datetime) -> list[datetime]:
    """Return every hour at which anything happens, and the time of each day's sweep."""
    ticks = [first + n * HOUR / 2 for n in range(int((end - first) / HOUR * 2) + 1)]
    return [one for one in ticks if (one.hour in HOURS and one.minute == 0) or _is_sweep(one)]


def _is_sweep(at: datetime) -> bool:
    return (at.hour, at.minute) == (9, 30)
