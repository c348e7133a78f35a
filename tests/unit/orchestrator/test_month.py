"""A month of a calendar tells each day and what it rests on."""

from __future__ import annotations

from datetime import date

import pytest

from kernel.errors import InvalidInput
from orchestrator.month import list_month, parse_month
from store.trading_day import TradingDay

NIGHT = "21:00-02:30"


def test_a_notice_names_the_holiday_and_the_eve_has_no_night() -> None:
    days = {one.day.day: one for one in list_month("SHFE", date(2026, 9, 1), [])}
    assert len(days) == 30
    assert days[23].sessions[-1] == NIGHT
    assert (days[24].is_trading, days[24].has_night) == (True, False)
    assert (days[25].holiday, days[25].sessions, days[25].ground) == ("中秋节", (), "notice")
    assert (days[20].holiday, days[20].is_trading) == (None, False)  # a Sunday that offices work


def test_an_imported_day_names_its_source_and_wins() -> None:
    own = [
        TradingDay("SSE", date(2026, 9, 25), ("09:30-11:30",), "上交所公告"),
        TradingDay("SHFE", date(2026, 9, 28), (), "上期所公告"),
    ]
    days = {one.day.day: one for one in list_month("SSE", date(2026, 9, 1), own)}
    assert (days[25].ground, days[25].source, days[25].holiday) == ("import", "上交所公告", None)
    assert days[25].sessions == ("09:30-11:30",)
    other = days[28]
    assert (other.is_trading, other.ground, other.source) == (True, "notice", None)


def test_without_a_notice_nothing_is_confirmed() -> None:
    assert {one.ground for one in list_month("SSE", date(2031, 2, 1), [])} == {"none"}


def test_the_night_of_the_last_day_depends_on_the_next_month() -> None:
    closed = [TradingDay("SHFE", date(2026, 12, 1), (), "公告")]
    assert list_month("SHFE", date(2026, 11, 1), [])[-1].has_night
    assert not list_month("SHFE", date(2026, 11, 1), closed)[-1].has_night


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-1", "1999-01", "2026-01\n", "２026-01"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_month(text)


def test_a_month_is_its_first_day() -> None:
    assert parse_month("2026-11") == date(2026, 11, 1)
