"""A generated year of a broker's clients: what its systems would report, hour by hour.

Everything follows from the seed. Events fall on full hours from 9 to 21, China's clock, at most one
a client and hour, so that an oracle that looks hour by hour sees what the engine sees.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kernel.clock import CHINA

FIRST: Final = datetime(2026, 1, 1, tzinfo=CHINA)
HOURS: Final = (9, 10, 11, 13, 14, 15, 19, 21)
_STORMS: Final = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a client, by number."""

    client: int
    at: datetime
    type: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Habit:
    """How a client lives: days between visits, and the day on which visits end for good."""

    every: float
    until: int
    trades: bool


def make_year(clients: int, days: int, seed: int = 20261122) -> list[Fact]:
    """Return the events of `days` days from `FIRST`, in order."""
    storms = _make_storms(days, random.Random(seed))  # noqa: S311  (a generated year)
    found: list[Fact] = []
    for number in range(clients):
        dice = random.Random(f"{seed}:{number}")  # noqa: S311
        life = {(fact.at): fact for fact in _live(number, days, dice, storms)}
        found += life.values()
    return sorted(found, key=lambda one: (one.at, one.client))


def _make_storms(days: int, dice: random.Random) -> frozenset[int]:
    """Return the days on which the market falls and many margins with it."""
    return frozenset(dice.sample(range(days), min(days, _STORMS)))


def _live(number: int, days: int, dice: random.Random, storms: frozenset[int]) -> Iterator[Fact]:
    opened = dice.randrange(days) if dice.random() < 0.6 else None
    start = opened or 0
    if opened is not None:
        yield Fact(number, _at(opened, dice), "account_opened", {})
        yield from _fund(number, opened, days, dice)
        if dice.random() < 0.05:
            yield Fact(number, _at(min(days - 1, opened + 20), dice), "account_opened", {})
    habit = _make_habit(start, days, dice)
    yield from _visit(number, start, habit, days, dice)
    if habit.trades:
        yield from _risk(number, start, habit, dice, storms)


def _fund(number: int, opened: int, days: int, dice: random.Random) -> Iterator[Fact]:
    """Yield the first deposit, which may be the same day, late, after the journey, or never."""
    if dice.random() < 0.75:
        day = opened + int(dice.expovariate(1 / 6))
        if day < days:
            amount = float(dice.randrange(1, 5000) * 10_000)
            yield Fact(number, _at(day, dice), "first_deposit", {"amount_fen": amount})


def _make_habit(start: int, days: int, dice: random.Random) -> Habit:
    every = dice.choice((2.0, 5.0, 12.0, 25.0, 45.0))
    until = start + dice.randrange(10, days + 1) if dice.random() < 0.5 and days > 10 else days
    return Habit(every, min(days, until), dice.random() < 0.5)


def _visit(number: int, start: int, habit: Habit, days: int, dice: random.Random) -> Iterator[Fact]:
    day = start + dice.expovariate(1 / habit.every)
    while day < habit.until:
        type_ = "order_filled" if habit.trades and dice.random() < 0.5 else "login"
        figures = {"amount_fen": 100_000.0} if type_ == "order_filled" else {}
        yield Fact(number, _at(int(day), dice), type_, figures)
        if dice.random() < 0.05:
            money = {"amount_fen": 50_000.0}
            yield Fact(number, _at(int(day), dice), "deposit_settled", money)
        day += dice.expovariate(1 / habit.every)
    if habit.until < days - 60 and dice.random() < 0.4:
        back = dice.randrange(habit.until + 30, days)
        yield Fact(number, _at(back, dice), "withdrawal_settled", {"amount_fen": 1_000.0})


def _risk(
    number: int, start: int, habit: Habit, dice: random.Random, storms: frozenset[int]
) -> Iterator[Fact]:
    """Yield margins and drawdowns: seldom on a quiet day, often and in a row on a stormy one."""
    nerve = dice.random()
    for day in range(start, habit.until):
        is_storm = day in storms
        if dice.random() < (0.5 if is_storm else 0.01) * nerve:
            for hour in dice.sample(HOURS, dice.randrange(1, 5)):
                ratio = round(dice.uniform(0.4, 1.1), 3)
                yield Fact(number, _hour(day, hour), "margin_usage", {"ratio": ratio})
        if dice.random() < (0.2 if is_storm else 0.003) * nerve:
            figures = {"ratio": round(dice.uniform(0.05, 0.45), 3)}
            if dice.random() < 0.5:
                figures["days"] = float(dice.choice((1, 1, 5)))
            for _ in range(dice.randrange(1, 3)):
                yield Fact(number, _at(day, dice), "drawdown", figures)


def _at(day: int, dice: random.Random) -> datetime:
    return _hour(day, dice.choice(HOURS))


def _hour(day: int, hour: int) -> datetime:
    return FIRST + timedelta(days=day, hours=hour)
