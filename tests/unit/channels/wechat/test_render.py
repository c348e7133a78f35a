from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.choice import list_choices, parse_choice_id
from channels.wechat.markup import quote
from channels.wechat.render import TEXT_LIMIT, cut, render_custom, render_passive, show_text
from kernel.message import Address, Author, Choice, Content, Outbound

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
YES = Choice(title="是", payload="/affirm")


def order(content: Content, seq: int | None = 17) -> Outbound:
    address = Address("wechat", "demo", "oUser")
    return Outbound(UUID(int=1), address, content, Author.BOT, seq=seq)


def passive(content: Content) -> Any:
    return fromstring(render_passive(order(content), sender="gh_1", at=AT))


@given(st.text(max_size=900), st.integers(3, 600))
def test_cut_never_exceeds_bytes_and_never_breaks_a_character(text: str, limit: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    shown = cut(text, limit)
    assert len(shown.encode()) <= limit
    assert shown == text or shown.endswith("…")
    if shown != text:
        assert text.startswith(shown[:-1])


def test_long_chinese_text_is_cut_by_bytes_not_characters() -> None:
    body: Any = render_custom(order(Content(text="保" * 2000)))
    content = body["text"]["content"]
    assert len(content.encode()) <= TEXT_LIMIT
    assert len(content) > 670


def test_card_and_source_become_one_text() -> None:
    content = Content(
        text="您的余额：",
        card={"title": "资金", "rows": [{"label": "可用", "value": "1,000.00 元"}], "note": "实时"},
        article={"key": "a", "title": "出金规则"},
    )
    assert show_text(content) == "您的余额：\n\n资金\n可用：1,000.00 元\n实时\n\n来源：出金规则"


def test_choices_become_a_menu_whose_ids_come_back() -> None:
    content = Content(text="需要吗？", choices=(YES, Choice(title="否", payload="/deny")))
    body: Any = render_custom(order(content))
    assert body["msgtype"] == "msgmenu"
    assert [one["content"] for one in body["msgmenu"]["list"]] == ["是", "否"]
    picked = parse_choice_id(body["msgmenu"]["list"][1]["id"])
    assert picked == (17, 1)
    assert list_choices(content)[picked.place]["payload"] == "/deny"


def test_without_a_seq_the_payload_is_the_id() -> None:
    body: Any = render_custom(order(Content(text="?", choices=(YES,)), seq=None))
    assert body["msgmenu"]["list"][0]["id"] == "/affirm"


@pytest.mark.parametrize(("text", "title"), [("好的", "有帮助"), ("Done", "Helpful")])
def test_feedback_is_asked_in_the_language_of_the_text(text: str, title: str) -> None:
    choices = list_choices(Content(text=text, feedback=True))
    assert choices[0] == {"title": title, "payload": "/helpful"}


def test_image_goes_by_its_media_id() -> None:
    body = render_custom(order(Content(kind="image", media={"id": "m1"})))
    assert body == {"touser": "oUser", "msgtype": "image", "image": {"media_id": "m1"}}


def test_passive_text_cannot_break_out_of_its_element() -> None:
    evil = "a]]></Content><MsgType>x</MsgType><Content><![CDATA["
    root = passive(Content(text=evil))
    assert root.findtext("Content") == evil
    assert root.findtext("MsgType") == "text"
    assert [child.tag for child in root].count("MsgType") == 1


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_survives_quoting(text: str) -> None:
    shown = fromstring(f"<x>{quote(text)}</x>").text or ""
    legal = [one for one in text if one in "\t\n\r" or 0x20 <= ord(one) not in {0xFFFE, 0xFFFF}]
    assert shown == "".join(legal).replace("\r\n", "\n").replace("\r", "\n")


def test_passive_reply_names_both_ends_and_the_time() -> None:
    root = passive(Content(text="好的"))
    assert root.findtext("ToUserName") == "oUser"
    assert root.findtext("FromUserName") == "gh_1"
    assert root.findtext("CreateTime") == str(int(AT.timestamp()))


def test_passive_choices_are_links_that_say_their_title() -> None:
    text = passive(Content(text="需要吗？", choices=(YES,))).findtext("Content")
    link = "weixin://bizmsgmenu?msgmenucontent=%E6%98%AF&msgmenuid=1700"
    assert text == f'需要吗？\n\n<a href="{link}">是</a>'


def test_too_many_links_become_a_list_and_everything_fits() -> None:
    many = tuple(Choice(title="很长的按钮标题" * 4, payload=f"/p{n}") for n in range(10))
    text = passive(Content(text="保" * 2000, choices=many)).findtext("Content")
    assert len(text.encode()) <= TEXT_LIMIT
    assert "1. 很长" in text
    body: Any = render_custom(order(Content(text="保" * 2000, choices=many)))
    shown = body["msgmenu"]["head_content"] + "".join(
        one["content"] for one in body["msgmenu"]["list"]
    )
    assert len(shown.encode()) <= TEXT_LIMIT


@pytest.mark.parametrize("text", ["", "0", "99", "abc", "１７００", "1" * 19, "1711"])
def test_foreign_button_ids_are_not_ours(text: str) -> None:
    assert parse_choice_id(text) is None
