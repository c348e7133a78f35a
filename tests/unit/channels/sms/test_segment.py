"""What an SMS costs; tests/contract/test_sms_peers.py asks Twilio's own calculator, too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.segment import count_parts, cut, measure


@pytest.mark.parametrize(
    ("text", "count", "alphabet"),
    [
        ("a" * 160, 1, "GSM-7"),
        ("a" * 161, 2, "GSM-7"),
        ("a" * 306, 2, "GSM-7"),
        ("a" * 307, 3, "GSM-7"),
        ("€" * 80, 1, "GSM-7"),
        ("€" * 81, 2, "GSM-7"),
        ("字" * 70, 1, "UCS-2"),
        ("字" * 71, 2, "UCS-2"),
        ("字" * 134, 2, "UCS-2"),
        ("字" * 135, 3, "UCS-2"),
        ("😀" * 35, 1, "UCS-2"),
        ("😀" * 36, 2, "UCS-2"),
        ("字" * 66 + "😀" + "字" * 67, 3, "UCS-2"),
        ("", 0, "GSM-7"),
    ],
)
def test_parts_of_a_text(text: str, count: int, alphabet: str) -> None:
    size = measure(text)
    assert (size.count, size.alphabet) == (count, alphabet)


@given(st.text(min_size=1), st.integers(1, 5))
def test_a_cut_text_fits(text: str, count: int) -> None:
    short = cut(text, count)
    assert measure(short).count <= count
    assert short == text or short.endswith(("…", "..."))


@given(st.text(), st.text())
def test_more_text_never_costs_less(one: str, more: str) -> None:
    assert measure(one).units <= measure(one + more).units or measure(one).alphabet == "GSM-7"


@given(st.text(alphabet=st.sampled_from("a€^智\U0001f600\u200d\n "), max_size=200))
def test_the_quick_count_is_the_same(text: str) -> None:
    assert count_parts(text) == measure(text).count
