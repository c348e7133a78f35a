from __future__ import annotations

import contextlib
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.form import parse_form, read_one
from kernel.errors import Malformed

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.dictionaries(TEXTS, TEXTS, max_size=30))
def test_a_form_is_read_as_it_was_written(form: dict[str, str]) -> None:
    assert parse_form(urlencode(form).encode()) == {name: [one] for name, one in form.items()}


@given(st.binary(max_size=500))
def test_anything_else_is_malformed_and_nothing_worse(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse_form(body)


@pytest.mark.parametrize("fields", [{}, {"a": []}, {"a": [""]}, {"a": ["1", "2"]}, {"a": ["123"]}])
def test_what_must_be_there_once_is(fields: dict[str, list[str]]) -> None:
    with pytest.raises(Malformed):
        read_one(fields, "a", most=2)
    assert read_one({"a": ["12"]}, "a", most=2) == "12"


@pytest.mark.parametrize("body", [b"a=1%00", b"a%00=1", b"b=1&a=%00"])
def test_a_nul_is_malformed_for_nothing_can_keep_it(body: bytes) -> None:
    with pytest.raises(Malformed, match="NUL"):
        parse_form(body)
