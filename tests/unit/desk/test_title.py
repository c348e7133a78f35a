"""A ticket's title says what the client asked, masked, in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desk.title import LENGTH, make_title
from kernel.message import Content
from store.conversation import Said

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def turn(author: str, words: str, *, minutes_ago: int = 0) -> Said:
    return Said(
        id=uuid4(),
        conversation_id=uuid4(),
        seq=1,
        direction="in" if author == "client" else "out",
        author=author,
        author_id=None,
        author_name=None,
        content=Content(text=words),
        at=NOW - timedelta(minutes=minutes_ago),
        client_msg_id=None,
        reply_to=None,
        state=None,
        reason=None,
    )


def title(*said: Said, intent: str = "human", summary: str = "") -> str:
    return make_title("客户要求人工", intent=intent, summary=summary, said=said)


def test_the_question_before_the_call_for_a_person_is_the_title() -> None:
    found = title(
        turn("client", "我上周的港股通申请为什么失败了"),
        turn("bot", "您可以在应用里查看原因。"),
        turn("client", "转人工"),
        turn("bot", "好的，这就为您找人工。"),
    )
    assert found == "我上周的港股通申请为什么失败了"


@pytest.mark.parametrize(
    "words",
    [
        "转人工",
        "我要找人工客服，谢谢！",
        "是的",
        "[验证码]",
        "I want to talk to a real person",
        "？？",
    ],
)
def test_words_that_say_nothing_leave_the_reason(words: str) -> None:
    assert title(turn("client", words)) == "客户要求人工"
    assert title(turn("client", words), intent="check_margin") == "客户要求人工 · 保证金"


@pytest.mark.parametrize("words", ["开户", "人工费怎么收", "Where is my money?", "688981 能买吗"])
def test_words_that_say_something_are_the_title(words: str) -> None:
    assert title(turn("client", "转人工"), turn("client", words)) == words


def test_the_business_stands_in_front() -> None:
    found = title(turn("client", "三天了还没到账"), intent="check_withdrawal")
    assert found == "出金：三天了还没到账"


def test_personal_data_is_not_in_it() -> None:
    found = title(turn("client", "把手机号 13812345678 换掉，卡号 6222021234567894"))
    assert found == "把手机号 [手机号] 换掉，卡号 [银行卡]"
    assert title(turn("client", "验证码 483920 收不到第二次")) == "验证码 [验证码] 收不到第二次"


def test_what_was_said_long_before_is_another_matter() -> None:
    old = turn("client", "怎么开通创业板", minutes_ago=61)
    assert title(old, turn("client", "人工")) == "客户要求人工"


def test_a_registered_complaint_is_named_by_its_words() -> None:
    found = title(turn("client", "是的"), summary="投诉（交易系统）：行情卡住，[手机号1] 回电")
    assert found == "投诉（交易系统）：行情卡住，[手机号] 回电"


def test_it_is_one_line_of_bounded_length() -> None:
    found = title(turn("client", "第一行\n\n第二行\t" + "很长" * 500), intent="check_deposit")
    assert found.startswith("入金：第一行 第二行 很长很长")
    assert len(found) == LENGTH
    assert found.endswith("…")
