"""Trading days out of a CSV: read whole or refused with the line that is wrong."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.trading import make_calendars, parse_days

GOOD = """exchange,day,sessions,source
SHFE,2027-02-05,09:00-10:15 10:30-11:30 13:30-15:00,上期所公告
SHFE,2027-02-08,,
"""


def test_days_are_read_with_their_source() -> None:
    first, second = parse_days("\ufeff" + GOOD, "file.csv")
    assert first.sessions == ("09:00-10:15", "10:30-11:30", "13:30-15:00")
    assert (first.source, second.source) == ("上期所公告", "file.csv")
    assert second.sessions == ()


def test_imported_days_make_the_calendar() -> None:
    calendar = make_calendars(parse_days(GOOD, "file.csv"))["SHFE"]
    assert not calendar.has_night(date(2027, 2, 5))
    assert calendar.next_trading_day(date(2027, 2, 5)) == date(2027, 2, 9)
    assert calendar.is_confirmed(date(2027, 2, 8))
    assert not calendar.is_open(datetime(2027, 2, 8, 10, 0, tzinfo=CHINA))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line names the columns"),
        ("day,exchange\n", "first line names the columns"),
        ("exchange,day,sessions\n", "1 to 20000 days"),
        ("exchange,day,sessions\nNYSE,2027-01-04,\n", "Line 2: exchange is one of SSE"),
        ("exchange,day,sessions\nSSE,4.1.2027,\n", "Line 2"),
        ("exchange,day,sessions\nSSE,2027-01-04,\nSSE,2027-01-05,9-11\n", "Line 3"),
        ("exchange,day,sessions\nSSE,2027-01-04,09:00-11:00 10:00-12:00\n", "overlap"),
        ("exchange,day,sessions\nSSE,2027-01-04,\0\n", "zero bytes"),
        ("exchange,day,sessions\nSSE", "Line 2"),
        ("exchange,day,sessions\n\nSSE,x,\n", "Line 3: day is a date"),
        ("exchange,day,sessions\nSSE,2027-01-04,\nSSE,2027-01-04,\n", "Line 3.*in line 2 already"),
    ],
)
def test_what_is_wrong_is_said_by_its_line(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        parse_days(text, "file.csv")


@pytest.mark.parametrize("row", ["NYSE,2027-01-04,", "SSE,4.1.2027,", "SSE,2027-01-04,9-11"])
def test_what_is_wrong_is_said_in_chinese_too(row: str) -> None:
    with pytest.raises(InvalidInput) as found:
        parse_days(f"exchange,day,sessions\n{row}\n", "file.csv")
    assert found.value.zh.startswith("第2行有误：")
    assert " is " not in found.value.zh


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, "exchange,day,sessions\n" + text):
        try:
            parse_days(whole, "x")
        except InvalidInput:
            continue
