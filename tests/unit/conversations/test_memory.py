from __future__ import annotations

from uuid import UUID

import pytest

from conversations.assistant import Answer, Handover, Question
from conversations.memory import LASTS_SECONDS, SIZE, RememberingAssistant
from kernel.message import Content, Json
from tests.ledger import LedgerAssistant

GENERAL = Answer(
    Content(text="登录后点转出。", hints={"actions": ["action_answer_knowledge"]}),
    state={"v": 1, "slots": {"article": "dw.transfer_out"}, "loop": None},
)


def ask(text: str, **changes: object) -> Question:
    parts: dict[str, object] = {
        "conversation_id": UUID(int=1),
        "message_id": UUID(int=2),
        "text": text,
        "language": "zh",
        "channel": "chat",
        "is_identified": False,
    }
    return Question(**(parts | changes))  # type: ignore[arg-type]


class Hands:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def behind() -> LedgerAssistant:
    return LedgerAssistant(script=lambda _: GENERAL)


@pytest.fixture
def remembering(behind: LedgerAssistant, hands: Hands) -> RememberingAssistant:
    return RememberingAssistant(behind, hands)


async def test_same_question_is_thought_about_once_a_minute(
    remembering: RememberingAssistant, behind: LedgerAssistant, hands: Hands
) -> None:
    for text in ("怎么出金", "怎么出金？", " 怎么出金 "):
        assert await remembering.reply(ask(text)) == GENERAL
    assert len(behind.asked) == 1
    hands.at = LASTS_SECONDS + 1
    await remembering.reply(ask("怎么出金"))
    assert len(behind.asked) == 2


@pytest.mark.parametrize(
    "changes", [{"language": "en"}, {"channel": "wechat"}, {"is_identified": True}]
)
async def test_who_asks_where_and_how_makes_a_difference(
    remembering: RememberingAssistant, behind: LedgerAssistant, changes: dict[str, object]
) -> None:
    await remembering.reply(ask("怎么出金"))
    await remembering.reply(ask("怎么出金", **changes))
    assert len(behind.asked) == 2


async def test_number_under_one_list_means_nothing_under_another(
    remembering: RememberingAssistant, behind: LedgerAssistant
) -> None:
    for shown in (["article:dw.one"], ["article:dw.two"]):
        await remembering.reply(ask("第一个", state={"v": 1, "slots": {}, "choices": shown}))
    assert len(behind.asked) == 2
    await remembering.reply(ask("第一个"))
    assert len(behind.asked) == 3
    for _ in range(2):
        after = {"v": 1, "slots": {}, "choices": ["article:dw.one"]}
        await remembering.reply(ask("出金一般要多久才到账", state=after))
    assert len(behind.asked) == 4


OPEN: dict[str, Json] = {"v": 1, "slots": {}, "loop": "identity_form", "asking": "phone"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(Content(text="余额 1 元", hints={"actions": ["action_check_balance"]})),
        Answer(Content(text="好的", hints={"actions": ["utter_ok"]}), Handover("client_asked")),
        Answer(Content(text="请输入手机号", hints={"actions": ["utter_ask_phone"]}), state=OPEN),
        Answer(
            Content(text="不确定", hints={"actions": ["action_answer_knowledge"], "unknown": "x"})
        ),
        Answer(Content(text="没有说明来历")),
    ],
    ids=["personal", "handover", "open form", "unknown", "no actions"],
)
async def test_what_is_personal_or_open_is_never_remembered(
    remembering: RememberingAssistant, behind: LedgerAssistant, answer: Answer
) -> None:
    behind.script = lambda _: answer
    await remembering.reply(ask("余额"))
    await remembering.reply(ask("余额"))
    assert len(behind.asked) == 2


async def test_open_dialogue_is_always_asked(
    remembering: RememberingAssistant, behind: LedgerAssistant
) -> None:
    await remembering.reply(ask("13800138000"))
    await remembering.reply(ask("13800138000", state=OPEN))
    assert len(behind.asked) == 2


async def test_memory_does_not_grow_for_ever(remembering: RememberingAssistant) -> None:
    for n in range(SIZE + 10):
        await remembering.reply(ask(f"第 {n} 问"))
    assert len(remembering._memory) == SIZE
