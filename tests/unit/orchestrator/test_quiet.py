"""Quiet hours against an oracle that looks at the wall clock minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.calendar import TradingCalendar
from orchestrator.holiday import Holidays
from orchestrator.quiet import QuietHours, find_zone, is_quiet, next_allowed, parse_quiet

NIGHT = QuietHours(time(22), time(8))
ZONES = ("Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
MINUTE = timedelta(minutes=1)

clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
moments = st.integers(0, 366 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + n * MINUTE)
# The days on which clocks change are drawn far more often than chance would.
changes = st.builds(
    lambda day, n: day + n * MINUTE,
    st.sampled_from(
        [
            datetime(2026, 3, 8, 0, 0, tzinfo=UTC),
            datetime(2026, 11, 1, 0, 0, tzinfo=UTC),
            datetime(2026, 3, 28, 22, 0, tzinfo=UTC),
            datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
            datetime(2026, 4, 4, 12, 0, tzinfo=UTC),
            datetime(2026, 10, 3, 12, 0, tzinfo=UTC),
        ]
    ),
    st.integers(0, 24 * 60),
)


def walk(at: datetime, zone: ZoneInfo, start: time, end: time) -> datetime | None:
    """The oracle: one minute after the other, by nothing but hours and minutes on the wall."""
    first, last = start.hour * 60 + start.minute, end.hour * 60 + end.minute
    for n in range(3 * 24 * 60):
        wall = (at + n * MINUTE).astimezone(zone)
        now = wall.hour * 60 + wall.minute
        inside = first <= now < last if first <= last else not last <= now < first
        if not inside:
            return at + n * MINUTE
    return None


@settings(max_examples=400, deadline=None)
@given(at=st.one_of(moments, changes), start=clocks, end=clocks, name=st.sampled_from(ZONES))
def test_equals_the_minute_by_minute_oracle(
    at: datetime, start: time, end: time, name: str
) -> None:
    zone = ZoneInfo(name)
    assert next_allowed(at, zone, QuietHours(start, end)) == walk(at, zone, start, end)


@settings(max_examples=200, deadline=None)
@given(at=st.one_of(moments, changes), name=st.sampled_from(ZONES), start=clocks, end=clocks)
def test_what_is_allowed_is_not_quiet_and_stays_so(
    at: datetime, name: str, start: time, end: time
) -> None:
    zone, quiet = ZoneInfo(name), QuietHours(start, end)
    allowed = next_allowed(at, zone, quiet)
    assert not is_quiet(allowed, zone, quiet)
    assert next_allowed(allowed, zone, quiet) == allowed


@pytest.mark.parametrize(
    ("at", "zone", "allowed"),
    [
        ("2026-11-22T23:30+08:00", "Asia/Shanghai", "2026-11-23T08:00+08:00"),
        ("2026-11-22T21:59+08:00", "Asia/Shanghai", "2026-11-22T21:59+08:00"),
        ("2026-11-23T07:59:30+08:00", "Asia/Shanghai", "2026-11-23T08:00+08:00"),
        # A client in New York: half past eight in the evening in China is seven in the morning.
        ("2026-11-23T20:30+08:00", "America/New_York", "2026-11-23T21:00+08:00"),
    ],
)
def test_the_wall_is_the_clients(at: str, zone: str, allowed: str) -> None:
    moment = datetime.fromisoformat(at)
    assert next_allowed(moment, ZoneInfo(zone), NIGHT) == datetime.fromisoformat(allowed)


def test_a_night_lasts_an_hour_less_when_clocks_go_forward() -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime(2026, 3, 7, 22, 0, tzinfo=zone).astimezone(UTC)
    assert next_allowed(at, zone, NIGHT) - at == timedelta(hours=9)


@pytest.mark.parametrize(
    ("start", "end", "at", "allowed"),
    [
        # Clocks go forward from 02:00 to 03:00: half past two never comes.
        ("22:00", "02:30", "2026-03-08T01:59-05:00", "2026-03-08T03:00-04:00"),
        # They go back from 02:00 to 01:00: the first hour is there twice.
        ("00:00", "01:30", "2026-11-01T00:10-04:00", "2026-11-01T01:30-04:00"),
        ("00:00", "01:30", "2026-11-01T01:10-05:00", "2026-11-01T01:30-05:00"),
        ("01:30", "05:00", "2026-11-01T01:45-04:00", "2026-11-01T01:00-05:00"),
    ],
)
def test_where_clocks_are_put_the_wall_counts(start: str, end: str, at: str, allowed: str) -> None:
    zone, quiet = ZoneInfo("America/New_York"), parse_quiet(f"{start}-{end}")
    moment = datetime.fromisoformat(at)
    assert next_allowed(moment, zone, quiet) == datetime.fromisoformat(allowed)
    assert walk(moment, zone, quiet.start, quiet.end) == datetime.fromisoformat(allowed)


def test_days_without_trading_have_hours_of_their_own() -> None:
    quiet = QuietHours(time(22), time(8), rest=QuietHours(time(20), time(10)))
    calendar = TradingCalendar("SSE", holidays=Holidays(frozenset({date(2026, 11, 23)}), {}))
    monday_holiday = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
    assert next_allowed(monday_holiday, CHINA, quiet, calendar).hour == 10
    assert next_allowed(monday_holiday, CHINA, quiet).hour == 9
    sunday_evening = datetime(2026, 11, 22, 21, 0, tzinfo=CHINA)
    assert next_allowed(sunday_evening, CHINA, quiet, calendar) == monday_holiday.replace(hour=10)


def test_equal_hours_are_never_quiet() -> None:
    assert not is_quiet(datetime(2026, 1, 1, tzinfo=UTC), CHINA, QuietHours(time(8), time(8)))


def test_an_unknown_zone_is_chinas() -> None:
    assert find_zone("Mars/Olympus") is CHINA
    assert find_zone("../etc/passwd") is CHINA
    assert find_zone("Europe/Berlin").key == "Europe/Berlin"


def test_quiet_hours_are_read_or_refused_with_what_would_be_right() -> None:
    assert parse_quiet("22:00-08:00") == NIGHT
    with pytest.raises(InvalidInput, match="22:00-08:00"):
        parse_quiet("10pm till 8")
