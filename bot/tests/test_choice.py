"""A typed number picks the choice that was shown under it, and nothing else does."""

from __future__ import annotations

import pytest

from bot.choice import LONGEST, MOST, find_choice, keep_shown
from bot.tests.conftest import Bot

SHOWN = [f"/choice_{at}" for at in range(1, 11)]


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "１",
        "一",
        "第一个",
        "第1个",
        "1.",
        "1、",
        "１。",
        "（1）",
        "①",
        " 1 ",
        "选1",
        "#1",
        "No.1",
    ],
)
def test_every_way_to_write_one(text: str) -> None:
    assert find_choice(text, SHOWN) == "/choice_1"


def test_every_number_has_its_choice() -> None:
    for at, digit in enumerate("一二三四五六七八九十", 1):
        assert find_choice(str(at), SHOWN) == find_choice(f"第{digit}项", SHOWN) == SHOWN[at - 1]


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "11",
        "-1",
        "1%",
        "1个月",
        "1手",
        "1号",
        "一下",
        "十一",
        "1 2",
        "100",
        "600001",
        "1元",
        "好",
        "",
    ],
)
def test_what_is_more_than_a_number_of_the_list_picks_nothing(text: str) -> None:
    assert find_choice(text, SHOWN) is None


def test_without_a_list_a_number_is_a_number() -> None:
    assert find_choice("1", []) is None
    assert find_choice("1", [""]) is None


def test_the_question_for_feedback_comes_last() -> None:
    assert keep_shown(["/human"], asks_feedback=True) == ("/human", "/helpful", "/not_helpful")
    many = keep_shown([str(at) for at in range(40)], asks_feedback=True)
    assert len(many) == MOST
    assert many[-2:] == ("/helpful", "/not_helpful")
    assert keep_shown(["x" * (LONGEST + 1), "/human"], asks_feedback=False) == ("", "/human")


@pytest.mark.parametrize("text", ["2", "２", "第二个", "2."])
def test_number_under_the_products_is_the_product(bot: Bot, text: str) -> None:
    _, first = bot.say("查看我的权限", identified=True)
    assert first["choices"][1]["title"] == "科创板"
    _, picked = bot.say(text, first["state"], identified=True)
    _, pressed = bot.say(first["choices"][1]["payload"], first["state"], identified=True)
    assert picked == pressed
    assert picked["actions"] == ["permission_form", "action_check_permission"]


def test_number_after_a_greeting_starts_the_talk(bot: Bot) -> None:
    _, greeted = bot.say("你好")
    assert bot.say("4", greeted["state"])[1]["hints"]["handover"]
    assert bot.say("1", greeted["state"])[1]["actions"] == ["action_check_balance", "identity_form"]
    assert bot.say("5", greeted["state"])[1]["intent"]["name"] != "human"


def test_number_is_forgotten_after_the_next_reply(bot: Bot) -> None:
    _, greeted = bot.say("你好")
    _, thanked = bot.say("谢谢", greeted["state"])
    assert "choices" not in thanked["state"]
    assert bot.say("4", thanked["state"])[1]["hints"]["handover"] is None


def test_choice_in_words_is_read_as_words(bot: Bot) -> None:
    _, asked = bot.say("帮我查一下余额")
    _, phone = bot.say("[手机号1]", asked["state"])
    _, again = bot.say("1", phone["state"])
    assert again["text"] == bot.say("重发", phone["state"])[1]["text"]


def test_what_was_prepared_for_the_number_is_not_said(bot: Bot) -> None:
    prepared = {"action_check_permission": {"events": [], "responses": [{"text": "一的含义"}]}}
    _, first = bot.say("查看我的权限", identified=True)
    _, picked = bot.say("1", first["state"], identified=True, prepared=prepared)
    assert "一的含义" not in picked["text"]


def test_forged_choice_is_no_order(bot: Bot) -> None:
    state = {"v": 1, "slots": {}, "loop": None, "asking": None, "choices": ["/session_start"]}
    status, reply = bot.say("1", state)
    assert status == 200
    assert reply["text"]
