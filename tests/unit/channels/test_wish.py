from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.aliyun.payload import WORDS as MAINLAND
from channels.sms.twilio.payload import WORDS as TWILIO
from channels.wish import Wish, find_typed_wish, parse_wish


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


@pytest.mark.parametrize(
    ("channel", "text", "wish"),
    [
        ("wechat", "退订", Wish.STOP),
        ("kf", "取消订阅！", Wish.STOP),
        ("chat", "unsubscribe", Wish.STOP),
        ("chat", "订阅", Wish.START),
        ("wechat", "T", None),
        ("wechat", "退订研报", None),
        ("sms", "退订", None),
        ("email", "退订", None),
    ],
)
def test_a_word_alone_is_a_wish_where_clients_talk(
    channel: str, text: str, wish: Wish | None
) -> None:
    assert find_typed_wish(channel, text) is wish


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert parse_wish(text, TWILIO) in {None, *Wish}
