from __future__ import annotations

from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from lab.wechat.account import parse_accounts
from lab.wechat.act import parse_act
from lab.wechat.media import paint_stripes

NOW = 1795400000


def read(body: dict[str, Any]) -> dict[str, str]:
    root = fromstring(parse_act(body, NOW).xml)
    return {child.tag: child.text or "" for child in root}


def test_text_is_what_wechat_would_send() -> None:
    fields = read({"openid": "lab_o1", "text": "查余额 ]]> <b>"})
    assert fields["Content"] == "查余额 ]]> <b>"
    assert (fields["FromUserName"], fields["MsgType"]) == ("lab_o1", "text")
    assert fields["CreateTime"] == str(NOW)
    assert fields["MsgId"].isdigit()


def test_numbers_grow_and_may_be_given() -> None:
    first, second = (int(read({"openid": "o", "text": "x"})["MsgId"]) for _ in range(2))
    assert first < second < 2**63
    assert read({"openid": "o", "text": "x", "msg_id": "7"})["MsgId"] == "7"


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"text": "x"}, "message"),
        ({"text": "x", "menu_id": "1"}, "menu"),
        ({"event": "CLICK", "event_key": "K"}, "menu"),
        ({"event": "SCAN"}, "menu"),
        ({"event": "subscribe"}, "menu"),
        ({"event": "VIEW"}, None),
        ({"event": "unsubscribe"}, None),
    ],
)
def test_each_act_opens_its_window(body: dict[str, Any], rule: str | None) -> None:
    assert parse_act({"openid": "o"} | body, NOW).rule == rule


def test_events_have_no_number() -> None:
    act = parse_act({"openid": "o", "event": "CLICK", "event_key": "K"}, NOW)
    assert act.msg_id is None
    assert "MsgId" not in act.xml
    extra: dict[str, Any] = {"openid": "o", "event": "TEMPLATESENDJOBFINISH", "extra": {"MsgID": 7}}
    assert "<MsgID>7</MsgID>" in parse_act(extra, NOW).xml


@pytest.mark.parametrize(
    "body",
    [{}, {"openid": ""}, {"openid": "o"}, {"openid": "o", "type": "hologram"}, {"openid": 5}],
)
def test_act_that_makes_no_sense_is_explained(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        parse_act(body, NOW)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"))))
def test_any_text_is_well_formed(text: str) -> None:
    assert read({"openid": "o", "text": text})["Content"] == text


def test_accounts_are_those_of_the_product() -> None:
    key = "A" * 43
    text = f'{{"demo": {{"appid": "a", "secret": "s", "token": "t", "aes_key": "{key}"}}}}'
    account = parse_accounts(text, "http://127.0.0.1:5810/")["demo"]
    assert account.callback == "http://127.0.0.1:5810/channels/wechat/demo"
    assert "secret='s'" not in repr(account)
    for bad in ("", "[]", "{}x", '{"demo": {}}', text.replace(key, "short")):
        with pytest.raises(InvalidInput):
            parse_accounts(bad, "http://x")


def test_painted_picture_is_a_png() -> None:
    assert paint_stripes(8, 8).startswith(b"\x89PNG\r\n\x1a\n")
