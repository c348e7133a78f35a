"""Normalising: the same question in another spelling is the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.normal import find_language, normalise


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("期貨賬戶怎麼出金？", "期货账户怎么出金"),
        ("ＡＰＰ　闪退！！", "app 闪退"),
        ("  怎么\t出金\n呢  ", "怎么 出金 呢"),
        ("怎么\u200b出金", "怎么出金"),
        ("How do I  withdraw?", "how do i withdraw"),
        ("？", ""),
    ],
)
def test_spellings_become_one(written: str, expected: str) -> None:
    assert normalise(written) == expected


@given(st.text(max_size=60))
def test_twice_is_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("怎么出金", "zh"),
        ("APP打不开", "zh"),
        ("open an account", "en"),
        ("?", "zh"),
        ("T+0", "zh"),
    ],
)
def test_language_is_seen_in_the_letters(text: str, language: str) -> None:
    assert find_language(text) == language
