from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.aliyun.payload import WORDS as MAINLAND
from channels.sms.keyword import Wish, parse_wish
from channels.sms.twilio.payload import WORDS as TWILIO


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", Wish.STOP),
        (" stop. ", Wish.STOP),
        ("退订", Wish.STOP),
        ("td", Wish.STOP),
        ("Unstop", Wish.START),
        ("info", Wish.HELP),
        ("stop it please", None),
        ("N", None),
        ("T", None),
        ("怎么退订短信", None),
    ],
)
def test_words_that_twilio_knows(text: str, wish: Wish | None) -> None:
    assert parse_wish(text, TWILIO) is wish


@pytest.mark.parametrize("text", ["退订", "TD", "t", "N", "ｒ", "ＴＤ。"])
def test_words_that_mainland_messages_ask_for(text: str) -> None:
    assert parse_wish(text, MAINLAND) is Wish.STOP


def test_mainland_answers_that_are_no_wish() -> None:
    assert [parse_wish(text, MAINLAND) for text in ("好的", "1", "YES", "R怎么办")] == [None] * 4


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert parse_wish(text, TWILIO) in {None, *Wish}
