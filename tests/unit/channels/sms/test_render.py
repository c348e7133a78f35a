from __future__ import annotations

import pytest

from channels.sms.carrier import Template
from channels.sms.render import MOST_PARTS, count_render, find_template, render_text
from channels.sms.segment import measure
from kernel.message import Choice, Content, Json


def test_choices_are_numbered_for_typing() -> None:
    choices = (Choice(title="查余额", payload="/a"), Choice(title="人工客服", payload="/b"))
    said = render_text(Content(text="请选择：", choices=choices))
    assert said == "请选择：\n1. 查余额\n2. 人工客服"


def test_a_card_is_shown_as_lines_and_nothing_else_of_the_message() -> None:
    content = Content(
        text="您的资金",
        card={"title": "资金", "rows": [{"label": "可用", "value": "1.00"}], "note": "演示"},
        article={"key": "k", "title": "t"},
        feedback=True,
        hints={"intent": "x"},
    )
    assert render_text(content) == "您的资金\n资金\n可用：1.00\n演示"


def test_a_long_text_is_cut_and_its_choices_are_not() -> None:
    choices = (Choice(title="人工客服", payload="/b"),)
    said = render_text(Content(text="长" * 5000, choices=choices))
    assert measure(said).count <= 10
    assert said.endswith("…\n1. 人工客服")


def test_nothing_to_say_is_nothing() -> None:
    assert render_text(Content(text="  ")) == ""
    assert render_text(Content(kind="image", media={"id": "m"})) == ""


def test_a_template_is_asked_for_by_a_hint() -> None:
    hints: dict[str, Json] = {
        "template": {"code": "SMS_2", "values": {"rate": 105, "account": "尾号1234"}}
    }
    asked = find_template(Content(text="追保", hints=hints))
    assert asked == Template("SMS_2", {"rate": "105", "account": "尾号1234"})
    none: list[Json] = [None, "SMS_2", {"values": {}}, {"code": 1}, {"code": "S", "values": [1]}]
    for wrong in none:
        assert find_template(Content(hints={"template": wrong})) is None


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (Content(text="短"), 1),
        (Content(text=""), 0),
        (Content(text="智" * 71), 2),
        (Content(text="智" * 2_000), MOST_PARTS),
        (Content(text="智" * 68, choices=(Choice(title="好", payload="x"),)), 2),
    ],
)
def test_its_parts_are_those_of_what_is_sent(content: Content, parts: int) -> None:
    assert count_render(content) == parts == measure(render_text(content)).count
