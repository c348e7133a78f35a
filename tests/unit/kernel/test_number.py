from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.number import is_mainland, is_short_code, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13800138000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("+852 5123 4567", "+85251234567"),
        ("0085251234567", "+85251234567"),
        ("+1 (500) 555-0006", "+15005550006"),
        ("12800138000", None),
        ("51234567", None),
        ("+0123456789", None),
        ("+1234567890123456", None),
        ("１３８００１３８０００", None),
        ("", None),
    ],
)
def test_each_number_is_written_one_way(text: str, number: str | None) -> None:
    assert parse_number(text) == number


@given(st.text())
def test_whatever_is_read_is_read_again_the_same(text: str) -> None:
    number = parse_number(text)
    assert number is None or parse_number(number) == number


def test_only_mobile_numbers_with_86_are_mainland() -> None:
    assert is_mainland("+8613800138000")
    assert not is_mainland("+85251234567")
    assert not is_mainland("+8621123456789")
    assert is_short_code("10690001")
    assert not is_short_code("+10690001")
