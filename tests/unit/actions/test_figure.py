"""Figures as clients read them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.figure import show_day, show_moment, show_money, show_percent


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (0, "0.00元", "CNY 0.00"),
        (5, "0.05元", "CNY 0.05"),
        (26843155, "268,431.55元", "CNY 268,431.55"),
        (-120, "-1.20元", "CNY -1.20"),
        (100_000_000_00, "100,000,000.00元", "CNY 100,000,000.00"),
    ],
)
def test_money(fen: int, zh: str, en: str) -> None:
    assert show_money(fen, "zh") == zh
    assert show_money(fen, "en") == en


@given(st.integers(-(10**15), 10**15))
def test_money_loses_no_fen(fen: int) -> None:
    shown = show_money(fen, "zh").removesuffix("元").replace(",", "")
    assert Decimal(shown) * 100 == fen


def test_moments_are_chinas() -> None:
    at = datetime(2026, 12, 31, 18, 5, tzinfo=UTC)
    assert show_moment(at, "zh") == "2027年1月1日 02:05"
    assert show_moment(at, "en") == "1 Jan 2027 02:05 (Beijing time)"
    assert show_day(at, "zh") == "2027年1月1日"


def test_percent() -> None:
    assert show_percent(Decimal("0.96"), "zh") == "96.00%"
    assert show_percent(Decimal("1.36015"), "en") == "136.02%"
