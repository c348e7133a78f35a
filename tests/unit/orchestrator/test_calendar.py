"""Trading calendars against an oracle that reads a wall clock minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.calendar import TradingCalendar
from orchestrator.holiday import Holidays, load_holidays
from orchestrator.session import EXCHANGES, Session, parse_sessions

MINUTE = timedelta(minutes=1)
FIRST = date(2026, 1, 5)
DAYS = 42

# The oracle's own table: which minutes of a day count, and until which minute a night goes on.
TABLE = {
    "SSE": ([(570, 690), (780, 900)], None),
    "SZSE": ([(570, 690), (780, 900)], None),
    "CFFEX": ([(570, 690), (780, 915)], None),
    "GFEX": ([(540, 615), (630, 690), (810, 900)], None),
    "DCE": ([(540, 615), (630, 690), (810, 900)], 1380),
    "CZCE": ([(540, 615), (630, 690), (810, 900)], 1380),
    "SHFE": ([(540, 615), (630, 690), (810, 900)], 1590),
    "INE": ([(540, 615), (630, 690), (810, 900)], 1590),
}


class Oracle:
    """Answers by looking at one minute after the other; shares nothing with the calendar."""

    def __init__(self, exchange: str, closed: set[date]) -> None:
        self.day_minutes, self.night_end = TABLE[exchange]
        self.closed = closed

    def trades(self, day: date) -> bool:
        return day.isoweekday() <= 5 and day not in self.closed

    def has_night(self, evening: date) -> bool:
        if self.night_end is None or not self.trades(evening):
            return False
        after = evening + timedelta(days=1)
        while not self.trades(after):
            if after.isoweekday() <= 5:
                return False
            after += timedelta(days=1)
        return True

    def is_open(self, at: datetime) -> bool:
        wall = at.astimezone(CHINA)
        minute, day = wall.hour * 60 + wall.minute, wall.date()
        if self.trades(day) and any(a <= minute < b for a, b in self.day_minutes):
            return True
        if self.has_night(day) and minute >= 1260:
            return minute < (self.night_end or 0)
        yesterday = day - timedelta(days=1)
        return self.has_night(yesterday) and minute + 1440 < (self.night_end or 0)

    def next_open(self, at: datetime) -> datetime:
        while not self.is_open(at):
            at = at.replace(second=0) + MINUTE if at.second else at + MINUTE
        return at

    def add(self, at: datetime, minutes: int) -> datetime:
        while minutes:
            minutes -= self.is_open(at)
            at += MINUTE
        return at


# Holidays as they come: blocks of one to nine days, at the middle, the start and the end of weeks.
blocks = st.lists(st.tuples(st.integers(0, DAYS - 10), st.integers(1, 9)), max_size=3)
exchanges = st.sampled_from(sorted(EXCHANGES))
minutes = st.integers(0, (DAYS - 2) * 24 * 60)


def make(exchange: str, found: list[tuple[int, int]]) -> tuple[TradingCalendar, Oracle]:
    closed = {FIRST + timedelta(days=a + n) for a, length in found for n in range(length)}
    return TradingCalendar(exchange, holidays=Holidays(frozenset(closed), {})), Oracle(
        exchange, closed
    )


def moment(n: int) -> datetime:
    return datetime.combine(FIRST, time(), CHINA).astimezone(UTC) + n * MINUTE


@settings(max_examples=150, deadline=None)
@given(exchange=exchanges, found=blocks, n=minutes)
def test_a_day_of_minutes_is_open_and_shut_as_the_oracle_says(
    exchange: str, found: list[tuple[int, int]], n: int
) -> None:
    calendar, oracle = make(exchange, found)
    for step in range(0, 24 * 60, 5):
        at = moment(n + step)
        assert calendar.is_open(at) == oracle.is_open(at), at.astimezone(CHINA)


@settings(max_examples=150, deadline=None)
@given(exchange=exchanges, found=blocks, n=minutes)
def test_the_next_opening_is_the_oracles(
    exchange: str, found: list[tuple[int, int]], n: int
) -> None:
    calendar, oracle = make(exchange, found)
    assert calendar.next_open(moment(n)) == oracle.next_open(moment(n))


@settings(max_examples=150, deadline=None)
@given(exchange=exchanges, found=blocks, n=minutes, length=st.integers(0, 900))
def test_trading_minutes_are_counted_as_the_oracle_counts(
    exchange: str, found: list[tuple[int, int]], n: int, length: int
) -> None:
    calendar, oracle = make(exchange, found)
    assert calendar.add_trading_minutes(moment(n), length) == oracle.add(moment(n), length)


@settings(max_examples=100, deadline=None)
@given(exchange=exchanges, found=blocks, n=minutes, more=st.integers(0, 3000))
def test_a_trading_date_never_goes_back_and_holds_its_night(
    exchange: str, found: list[tuple[int, int]], n: int, more: int
) -> None:
    calendar, oracle = make(exchange, found)
    at = moment(n)
    day = calendar.trading_date(at)
    assert oracle.trades(day)
    assert day <= calendar.trading_date(at + more * MINUTE)
    wall = at.astimezone(CHINA)
    if oracle.is_open(at) and wall.hour >= 21:
        assert day > wall.date()


@pytest.mark.parametrize(
    ("exchange", "at", "opens"),
    [
        ("SSE", "2026-11-23T11:30+08:00", "2026-11-23T13:00+08:00"),
        ("DCE", "2026-11-23T10:20+08:00", "2026-11-23T10:30+08:00"),
        ("SHFE", "2026-11-21T02:29+08:00", "2026-11-21T02:29+08:00"),
        ("SHFE", "2026-11-21T02:30+08:00", "2026-11-23T09:00+08:00"),
        ("SSE", "2026-02-13T15:00+08:00", "2026-02-24T09:30+08:00"),
        # 2026-02-28 is a Saturday on which offices work; exchanges do not.
        ("SSE", "2026-02-27T15:00+08:00", "2026-03-02T09:30+08:00"),
        ("SHFE", "2026-02-13T15:00+08:00", "2026-02-24T09:00+08:00"),
    ],
)
def test_known_days(exchange: str, at: str, opens: str) -> None:
    calendar = TradingCalendar(exchange)
    assert calendar.next_open(datetime.fromisoformat(at)) == datetime.fromisoformat(opens)


def test_no_night_session_on_the_evenings_that_the_exchange_names() -> None:
    """The evenings of SHFE's notice 〔2025〕157 for 2026, and none else in that year."""
    calendar = TradingCalendar("SHFE")
    days = [date(2025, 12, 31) + timedelta(days=n) for n in range(364)]
    eves = [one for one in days if calendar.is_trading_day(one) and not calendar.has_night(one)]
    named = "2025-12-31 2026-02-13 2026-04-03 2026-04-30 2026-06-18 2026-09-24 2026-09-30"
    assert eves == [date.fromisoformat(one) for one in named.split()]


def test_the_notice_of_2026_leaves_242_trading_days() -> None:
    calendar = TradingCalendar("SSE")
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    worked = [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 10, 10)]
    assert not any(calendar.is_trading_day(one) for one in worked)
    weekdays = sum(one.weekday() < 5 for one in days)
    holidays = sum(one.weekday() < 5 and one in load_holidays().closed for one in days)
    assert sum(calendar.is_trading_day(one) for one in days) == weekdays - holidays == 242


def test_a_year_without_a_notice_is_to_be_confirmed() -> None:
    calendar = TradingCalendar("SSE", {date(2027, 1, 1): ()})
    assert calendar.is_confirmed(date(2026, 11, 22))
    assert not calendar.is_confirmed(date(2027, 2, 8))
    assert calendar.is_confirmed(date(2027, 1, 1))
    assert not calendar.is_trading_day(date(2027, 1, 1))


def test_an_imported_day_wins_over_the_usual_week() -> None:
    saturday, monday = date(2026, 11, 21), date(2026, 11, 23)
    half = parse_sessions(["09:00-11:30"])
    calendar = TradingCalendar("SHFE", {saturday: half, monday: ()})
    assert calendar.is_open(datetime(2026, 11, 21, 10, 0, tzinfo=CHINA))
    assert not calendar.is_open(datetime(2026, 11, 21, 14, 0, tzinfo=CHINA))
    assert not calendar.has_night(saturday)
    assert not calendar.is_open(datetime(2026, 11, 23, 10, 0, tzinfo=CHINA))
    assert calendar.has_night(date(2026, 11, 20))


@pytest.mark.parametrize(
    ("exchange", "at", "t"),
    [
        ("SHFE", "2026-11-19T17:00+08:00", "2026-11-19"),
        ("SHFE", "2026-11-19T21:00+08:00", "2026-11-20"),
        ("SHFE", "2026-11-20T01:00+08:00", "2026-11-20"),
        ("SHFE", "2026-11-20T22:00+08:00", "2026-11-23"),
        ("SHFE", "2026-11-21T01:00+08:00", "2026-11-23"),
        ("SHFE", "2026-09-30T22:00+08:00", "2026-09-30"),
        ("SSE", "2026-10-01T09:00+08:00", "2026-10-08"),
    ],
)
def test_a_night_counts_to_the_day_after_it(exchange: str, at: str, t: str) -> None:
    when = datetime.fromisoformat(at)
    assert TradingCalendar(exchange).trading_date(when) == date.fromisoformat(t)


def test_deadlines_in_trading_days() -> None:
    calendar = TradingCalendar("SSE")
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=CHINA)
    assert calendar.by_trading_day(friday, 1, time(8, 30)) == datetime(
        2026, 11, 23, 8, 30, tzinfo=CHINA
    )
    assert calendar.before(friday, time(14, 55)) == datetime(2026, 11, 23, 14, 55, tzinfo=CHINA)
    morning = friday.replace(hour=9)
    assert calendar.before(morning, time(14, 55)) == friday.replace(hour=14, minute=55)
    assert calendar.next_trading_day(date(2026, 9, 30)) == date(2026, 10, 8)
    assert calendar.next_trading_day(date(2026, 11, 20), 3) == date(2026, 11, 25)


def test_minutes_are_right_for_who_counts_in_a_zone_with_summer_time() -> None:
    from zoneinfo import ZoneInfo

    at = datetime(2026, 10, 24, 20, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    moved = TradingCalendar("SSE").add_trading_minutes(at, 30)
    assert moved == datetime(2026, 10, 26, 10, 0, tzinfo=CHINA)


@pytest.mark.parametrize("text", ["9:30-11:30", "09:30", "25:00-26:00", "09:30-11:60", ""])
def test_a_session_is_read_or_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(InvalidInput, match="09:30-11:30"):
        Session.parse(text)


def test_sessions_are_read_back_as_they_are_shown() -> None:
    assert [str(one) for one in parse_sessions(["21:00-02:30", "09:00-10:15"])] == [
        "09:00-10:15",
        "21:00-02:30",
    ]
    with pytest.raises(InvalidInput, match="overlap"):
        parse_sessions(["09:00-10:15", "10:00-11:00"])


def test_a_wrong_exchange_or_stretch_is_refused() -> None:
    with pytest.raises(InvalidInput, match="SSE"):
        TradingCalendar("NYSE")
    with pytest.raises(InvalidInput, match="0 or more"):
        TradingCalendar("SSE").add_trading_minutes(datetime(2026, 1, 5, tzinfo=UTC), -1)


def test_a_calendar_without_any_trading_ends_instead_of_looking_for_ever() -> None:
    closed = frozenset(FIRST + timedelta(days=n) for n in range(1000))
    calendar = TradingCalendar("SSE", holidays=Holidays(closed, {}))
    with pytest.raises(InvalidInput, match="does not trade"):
        calendar.next_open(datetime(2026, 1, 6, tzinfo=UTC))
