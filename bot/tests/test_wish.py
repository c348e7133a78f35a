"""A plain wish for a person is heard beside any reference, and no question about the service is."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import yaml

from bot.components.wish import is_for_person, strip_marks
from bot.corpus import read_article
from bot.tests.conftest import Bot

WISHES = [
    "转人工，编号 {}",
    "转人工 {}",
    "转人工{}",
    "转人工（单号：{}）",
    "{}，麻烦帮我转一下人工客服，谢谢",
    "我的工单号是{}，我要找人工",
    "人工客服 {}",
    "出金一直不到账，编号{}。别再回了，转人工！",
    "agent please, ref {}",
    "I want to talk to a human, my ticket number is {}",
    "talk to a person {}",
]
TOKENS = ["[手机号1]", "[账号1]", "[银行卡12]", "[身份证1]", "[邮箱1]", "[验证码1]"]


def make_marks(count: int) -> list[str]:
    """Makes references as clients write them: hexadecimal, decimal, with letters in front."""
    pick = Random(20260105)
    marks = []
    for _ in range(count):
        length = pick.choice((4, 6, 8, 8, 12, 16))
        marks.append("".join(pick.choices("0123456789abcdef", k=length)))
        marks.append("".join(pick.choices("0123456789", k=pick.randint(1, 14))))
        marks.append(pick.choice(("T", "GD", "ZD-")) + str(pick.randrange(10**6, 10**10)))
    return marks + TOKENS + ["deadbeef", "DEADBEEF", "cafe", "７０２６ａｂｃｄ"]


@pytest.mark.parametrize("wish", WISHES)
def test_no_mark_hides_a_wish(wish: str) -> None:
    missed = [mark for mark in make_marks(300) if not is_for_person(wish.format(mark))]
    assert missed == []


@pytest.mark.parametrize(
    "text",
    [
        "转人工",
        "人工",
        "轉人工",
        "你好 转人工",
        "可不可以给我转人工客服？",
        "能转人工吗",
        "我要真人",
        "你们在线客服呢，叫客服来",
        "别废话了，转人工",
        "别啰嗦了，叫你们领导来",
        "联系客户经理",
        "I want to speak to your supervisor",
        "get me a manager",
        "human",
        "Live agent, please!",
        "put me through to customer service",
        "Can I speak to someone?",
    ],
)
def test_plain_wishes(text: str) -> None:
    assert is_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "人工客服几点上班",
        "人工，几点上班",
        "人工服务时间",
        "客服电话是多少",
        "怎么转人工",
        "怎么用95551转人工",
        "怎么用 95551 转人工",
        "转人工要收费吗",
        "要人工吗",
        "不要转人工",
        "不要 转人工",
        "不用人工了",
        "人工智能概念股能买吗",
        "what are the hours of your agents",
        "are you a human",
        "who can I talk to",
        "agent number",
        "manager",
        "客户经理是谁",
        "我要你们经理的电话",
        "换客户经理",
        "please",
        "7026abcd",
        "编号 7026abcd",
        "[账号1]",
    ],
)
def test_a_question_or_a_refusal_is_no_wish(text: str) -> None:
    assert not is_for_person(text)


def test_no_sentence_of_another_intent_is_a_wish() -> None:
    for path in sorted(Path("bot/data/nlu").glob("*.yml")):
        for group in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            texts = [line[2:] for line in group["examples"].splitlines()]
            stolen = [text for text in texts if is_for_person(text)]
            assert stolen == [] or group["intent"] == "human", group["intent"]


def test_no_question_of_an_article_is_a_wish() -> None:
    for path in sorted(Path("knowledge/articles").rglob("*.md")):
        front = read_article(path)
        asked = [*(front.get("questions") or []), *(front.get("questions_en") or [])]
        stolen = [one for one in asked if is_for_person(str(one))]
        assert stolen == [] or front["key"] == "ha.agent", front["key"]


def test_marks_go_with_the_word_that_announces_them() -> None:
    assert strip_marks("我的工单号是T20260105001，到哪了") == ",到哪了"
    assert strip_marks("Check ticket no. A-1234") == "check "
    assert strip_marks("夜盘几点开始") == "夜盘几点开始"


@pytest.mark.parametrize("wish", ["转人工，编号 {}", "agent please, ref {}"])
def test_the_assistant_hands_over_whatever_the_mark(bot: Bot, wish: str) -> None:
    for mark in [*make_marks(4), *TOKENS, "7026abcd", "deadbeef", "7f3a"]:
        _, reply = bot.say(wish.format(mark))
        assert reply["actions"] == ["action_handover", "action_deactivate_loop"], mark
    assert bot.say("talk to a human")[1]["hints"]["handover"]


@pytest.mark.parametrize(
    "text", ["人工客服几点上班", "客服电话是多少", "what are the hours of customer service"]
)
def test_a_question_about_the_service_is_looked_up(bot: Bot, text: str) -> None:
    assert bot.say(text)[1]["actions"] == ["action_answer_knowledge"]
