"""Promises are made in service hours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.promise import CLOSES, OPENS, PROMISES, promise_answer
from kernel.clock import CHINA


@pytest.mark.parametrize(
    ("opened", "priority", "promised"),
    [
        ("2026-11-23 10:00", "normal", "2026-11-23 10:30"),
        ("2026-11-23 20:50", "normal", "2026-11-24 08:50"),
        ("2026-11-23 23:10", "normal", "2026-11-24 09:00"),
        ("2026-11-24 03:00", "high", "2026-11-24 08:45"),
        ("2026-11-23 19:00", "low", "2026-11-24 10:30"),
        ("2026-11-23 20:30", "normal", "2026-11-23 21:00"),
    ],
)
def test_by_hand(opened: str, priority: str, promised: str) -> None:
    at = datetime.fromisoformat(opened).replace(tzinfo=CHINA)
    expected = datetime.fromisoformat(promised).replace(tzinfo=CHINA)
    assert promise_answer(at, priority) == expected


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001  # made aware below
    st.sampled_from(sorted(PROMISES)),
)
def test_a_promise_is_within_hours_and_never_too_early(naive: datetime, priority: str) -> None:
    at = naive.replace(tzinfo=CHINA)
    promised = promise_answer(at, priority)
    assert promised >= at + PROMISES[priority]
    assert OPENS <= promised.astimezone(CHINA).time() <= CLOSES
    assert promised - at < timedelta(days=2)
