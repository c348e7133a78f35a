"""Tells honestly what a test of arms has shown, and when the difference may be chance.

Interval: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
JASA 22 (1927) 209-212. Test: two proportions with a pooled estimate (Fleiss, Levin and Paik,
Statistical Methods for Rates and Proportions, 3rd ed., 2003, §3.1), by the normal approximation;
with more than one pair of arms the p-values are multiplied by the number of pairs (Bonferroni).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Z_95: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution."""
ALPHA: Final = 0.05
FEW: Final = 5
"""Below this expected count of hits or misses the normal approximation is not to be trusted."""


@dataclass(frozen=True, slots=True)
class Arm:
    """How many an arm was sent to, and how many of them did what was hoped for."""

    name: str
    n: int
    hits: int

    @property
    def rate(self) -> float | None:
        """The part that did; None where nobody was sent to."""
        return self.hits / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true rate lies, for 95 of 100 such tests."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two arms against each other; `is_chance` where the difference may be nothing but luck."""

    one: str
    other: str
    difference: float
    p: float
    is_chance: bool
    zh: str
    en: str


def find_interval(hits: int, n: int) -> Interval | None:
    """Return the 95 % Wilson interval of a proportion; None without anybody."""
    if n <= 0:
        return None
    rate, square = hits / n, Z_95 * Z_95
    middle = rate + square / (2 * n)
    spread = Z_95 * math.sqrt(rate * (1 - rate) / n + square / (4 * n * n))
    scale = 1 + square / n
    low, high = (middle - spread) / scale, (middle + spread) / scale
    return Interval(min(rate, max(0.0, low)), max(rate, min(1.0, high)))  # rounding aside


def find_p(one: Arm, other: Arm) -> float:
    """Return how probable so large a difference is by chance alone, both ways; 1 if undecidable."""
    if not one.n or not other.n:
        return 1.0
    pooled = (one.hits + other.hits) / (one.n + other.n)
    error = math.sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / other.n))
    if error == 0:
        return 1.0
    z = abs(one.hits / one.n - other.hits / other.n) / error
    return math.erfc(z / math.sqrt(2))


def compare(arms: Sequence[Arm]) -> list[Comparison]:
    """Return every pair of arms against each other, with a sentence each."""
    pairs = list(itertools.combinations(arms, 2))
    return [_compare(one, other, len(pairs)) for one, other in pairs]


def _compare(one: Arm, other: Arm, pairs: int) -> Comparison:
    p = min(1.0, find_p(one, other) * pairs)
    is_thin = _is_thin(one, other)
    is_chance = is_thin or p >= ALPHA
    difference = (one.rate or 0.0) - (other.rate or 0.0)
    better, worse = (one, other) if difference >= 0 else (other, one)
    if is_thin:
        zh = f"{one.name} 与 {other.name} 的数据太少，差异可能是偶然。"
        en = f"Too little is known of {one.name} and {other.name}; the difference may be chance."
    elif is_chance:
        zh = f"{one.name} 与 {other.name} 的差异可能是偶然（p={p:.2f}）。"
        en = f"The difference of {one.name} and {other.name} may be chance (p={p:.2f})."
    else:
        points = abs(difference) * 100
        zh = f"{better.name} 比 {worse.name} 高 {points:.1f} 个百分点，不像偶然（p={p:.3f}）。"
        en = (
            f"{better.name} is {points:.1f} points above {worse.name}; "
            f"that is hardly chance (p={p:.3f})."
        )
    return Comparison(one.name, other.name, difference, p, is_chance, zh, en)


def _is_thin(one: Arm, other: Arm) -> bool:
    if not one.n or not other.n:
        return True
    pooled = (one.hits + other.hits) / (one.n + other.n)
    fewest = min(one.n, other.n)
    return fewest * min(pooled, 1 - pooled) < FEW
