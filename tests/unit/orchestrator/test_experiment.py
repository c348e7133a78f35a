"""The statistics of a test, against figures from the literature and against chance itself."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.experiment import Arm, compare, find_interval, find_p


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (Wilson).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_as_published(hits: int, n: int, low: float, high: float) -> None:
    found = find_interval(hits, n)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_two_proportions_by_hand() -> None:
    # 120 of 1000 against 90 of 1000: pooled 0.105, z = 0.03 / 0.0137095 = 2.18825, p = 0.02865.
    assert find_p(Arm("a", 1000, 120), Arm("b", 1000, 90)) == pytest.approx(0.02865, abs=1e-5)


def test_a_real_difference_is_told_and_a_small_one_is_called_chance() -> None:
    (real,) = compare([Arm("a", 10_000, 900), Arm("b", 10_000, 1200)])
    assert not real.is_chance
    assert real.zh.startswith("b 比 a 高 3.0 个百分点")
    (luck,) = compare([Arm("a", 1000, 100), Arm("b", 1000, 104)])
    assert luck.is_chance
    assert "差异可能是偶然" in luck.zh
    (thin,) = compare([Arm("a", 20, 1), Arm("b", 20, 4)])
    assert thin.is_chance
    assert "差异可能是偶然" in thin.zh
    (nobody,) = compare([Arm("a", 0, 0), Arm("b", 20, 4)])
    assert nobody.is_chance
    assert Arm("a", 0, 0).rate is None


def test_more_pairs_ask_for_more_proof() -> None:
    arms = [Arm("a", 1000, 120), Arm("b", 1000, 90), Arm("c", 1000, 100)]
    two, three = compare(arms[:2])[0], compare(arms)[0]
    assert not two.is_chance
    assert three.is_chance
    assert three.p == pytest.approx(3 * two.p)


def test_without_a_difference_about_one_in_twenty_tests_finds_one() -> None:
    dice = random.Random(5)
    found = 0
    for _ in range(1000):
        arms = [Arm(name, 500, sum(dice.random() < 0.2 for _ in range(500))) for name in "ab"]
        found += not compare(arms)[0].is_chance
    assert 30 <= found <= 75


@given(st.integers(1, 10_000), st.data())
def test_an_interval_holds_the_rate(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    found = find_interval(hits, n)
    assert found is not None
    assert 0 <= found.low <= hits / n <= found.high <= 1
