"""The night's work is done once a night, and made up for when it was missed."""

from __future__ import annotations

from datetime import datetime

import pytest

from kernel.clock import CHINA
from orchestrator.night import is_due


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-23T12:00", True),
        ("2026-11-22T02:35", "2026-11-23T02:29", False),
        ("2026-11-22T02:35", "2026-11-23T02:30", True),
        ("2026-11-23T02:31", "2026-11-23T23:59", False),
        ("2026-11-22T14:00", "2026-11-23T02:31", True),
        ("2026-11-20T02:35", "2026-11-23T01:00", True),
    ],
)
def test_a_night_begins_at_half_past_two_in_china(last: str | None, now: str, due: bool) -> None:
    assert is_due(at(last) if last else None, at(now)) is due
