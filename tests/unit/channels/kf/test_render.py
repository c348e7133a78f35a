"""Messages as 微信客服 shows them: nothing is longer than it takes, no answer is cut."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.kf.render import render
from kernel.message import Address, Author, Content, Outbound
from lab.wecom.code import Wrong
from lab.wecom.message import check_message

CHOICES = ({"title": "转人工", "payload": "/human"}, {"title": "不用了", "payload": "/deny"})


def show(content: Content) -> dict[str, Any]:
    place = Address("kf", "demo", "wm1")
    return dict(render(Outbound(uuid4(), place, content, Author.BOT, seq=2)))


def test_text_stays_text() -> None:
    assert show(Content(text="您好")) == {"msgtype": "text", "text": {"content": "您好"}}


def test_choices_become_a_menu_of_short_ids() -> None:
    menu = show(Content(text="选一个", choices=CHOICES))["msgmenu"]  # type: ignore[arg-type]
    assert menu["head_content"] == "选一个"
    assert [one["click"]["id"] for one in menu["list"]] == ["200", "201"]


def test_text_too_long_for_a_menu_is_sent_whole_with_numbered_lines() -> None:
    words = "长" * 400
    shown = show(Content(text=words, choices=CHOICES))["text"]["content"]  # type: ignore[arg-type]
    assert shown.startswith(words)
    assert shown.endswith("1. 转人工\n2. 不用了")


@pytest.mark.parametrize("kind", ["image", "voice", "video", "file"])
def test_media_is_sent_by_its_id(kind: str) -> None:
    assert show(Content(kind=kind, media={"id": "m"})) == {"msgtype": kind, kind: {"media_id": "m"}}


TITLES = st.lists(st.text(min_size=1, max_size=80).filter(str.strip), max_size=12)


@given(st.text(max_size=3000), TITLES, st.booleans())
def test_wecom_takes_whatever_is_rendered(words: str, titles: list[str], asks: bool) -> None:
    choices = tuple({"title": one, "payload": f"/{n}"} for n, one in enumerate(titles))
    content = Content(text=words, choices=choices, feedback=asks)  # type: ignore[arg-type]
    try:
        check_message(show(content))
    except Wrong as wrong:
        raise AssertionError(wrong.to_json()) from wrong
