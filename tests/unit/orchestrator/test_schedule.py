"""When a campaign goes out next, against a day-by-day oracle; and what is no schedule."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from orchestrator.calendar import TradingCalendar
from orchestrator.schedule import check_future, find_next, is_recurring, parse_schedule

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # Sunday, 11:00 in Shanghai


def _next(body: dict[str, Any], after: datetime = NOW) -> str | None:
    found = find_next(parse_schedule(body), after, find_calendar=TradingCalendar)
    return None if found is None else f"{found.astimezone(CHINA):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"kind": "now"}, "2026-11-22 11:00"),
        ({"kind": "once", "at": "2026-11-22T11:30:00+08:00"}, "2026-11-22 11:30"),
        ({"kind": "once", "at": "2026-11-22T10:59:00+08:00"}, None),
        ({"kind": "daily", "time": "10:00"}, "2026-11-23 10:00"),
        ({"kind": "daily", "time": "11:00"}, "2026-11-23 11:00"),
        ({"kind": "daily", "time": "11:01"}, "2026-11-22 11:01"),
        ({"kind": "daily", "time": "10:00", "until": "2026-11-22"}, None),
        ({"kind": "weekly", "weekdays": [5, 1], "time": "16:30"}, "2026-11-23 16:30"),
        ({"kind": "weekly", "weekdays": [7], "time": "10:30"}, "2026-11-29 10:30"),
        ({"kind": "monthly", "days": [31], "time": "09:00"}, "2026-11-30 09:00"),
        ({"kind": "monthly", "days": [1], "time": "09:00"}, "2026-12-01 09:00"),
        ({"kind": "trading", "exchange": "SHFE", "minutes": -30}, "2026-11-23 08:30"),
        (
            {"kind": "trading", "exchange": "SSE", "session": "close", "minutes": 15},
            "2026-11-23 15:15",
        ),
    ],
)
def test_the_next_time(body: dict[str, Any], wanted: str | None) -> None:
    assert _next(body) == wanted
    assert is_recurring(parse_schedule(body)) == (body["kind"] not in {"now", "once"})


def test_a_holiday_is_passed_over() -> None:
    def closed(name: str) -> TradingCalendar:
        return TradingCalendar(name, {date(2026, 11, 23): ()})

    schedule = parse_schedule({"kind": "trading", "exchange": "SSE", "minutes": 0})
    found = find_next(schedule, NOW, find_calendar=closed)
    assert found is not None
    assert found.astimezone(CHINA) == datetime(2026, 11, 24, 9, 30, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "kind"),
        ({"kind": "yearly"}, "kind"),
        ({"kind": "once", "at": "2026-12-01T10:00:00"}, "timezone"),
        ({"kind": "weekly", "time": "10:00", "weekdays": []}, "weekdays"),
        ({"kind": "weekly", "time": "10:00", "weekdays": [8]}, "weekdays"),
        ({"kind": "daily", "time": "25:00"}, "time"),
        ({"kind": "monthly", "days": [0], "time": "10:00"}, "days"),
        ({"kind": "trading", "exchange": "SSE", "minutes": 9999}, "minutes"),
    ],
)
def test_what_is_no_schedule_is_named(body: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_schedule(body)
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "once", "at": "2026-11-22T10:00:00+08:00"}, "past"),
        ({"kind": "daily", "time": "10:00", "until": "2026-01-01"}, "past"),
        ({"kind": "trading", "exchange": "NYSE"}, "NYSE"),
    ],
)
def test_what_lies_in_the_past_or_at_no_exchange_is_refused(
    body: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_future(parse_schedule(body), NOW, find_calendar=TradingCalendar)
    assert said in caught.value.message


@given(
    st.sets(st.integers(1, 31), min_size=1),
    st.sets(st.integers(1, 7), min_size=1),
    st.times(),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)),  # noqa: DTZ001 - made aware below
)
def test_days_of_months_and_weeks_agree_with_an_oracle(
    days: set[int], weekdays: set[int], clock: time, after: datetime
) -> None:
    after = after.replace(tzinfo=CHINA)
    clock = clock.replace(second=0, microsecond=0)

    def is_monthly(day: date) -> bool:
        is_last = (day + timedelta(days=1)).month != day.month
        return day.day in days or (is_last and max(days) > day.day)

    said = f"{clock:%H:%M}"
    for body, fits in (
        ({"kind": "monthly", "days": sorted(days), "time": said}, is_monthly),
        (
            {"kind": "weekly", "weekdays": sorted(weekdays), "time": said},
            lambda day: day.isoweekday() in weekdays,
        ),
    ):
        day = after.date()
        while not (fits(day) and datetime.combine(day, clock, CHINA) > after):
            day += timedelta(days=1)
        assert _next(body, after) == f"{datetime.combine(day, clock):%Y-%m-%d %H:%M}"
