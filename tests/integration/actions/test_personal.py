"""Personal answers: only for who is proved, with figures, a card and the as-of time."""

from __future__ import annotations

import re

from clients.verification import Verification
from tests.integration.actions.conftest import FakeFound, FakeHit, FakeKnowledge, Talk, prove
from tests.integration.clients.conftest import DemoCore

PERSONAL = [
    "action_check_balance",
    "action_check_deposit",
    "action_check_withdrawal",
    "action_check_withdrawal_limit",
    "action_check_permission",
    "action_apply_permission",
    "action_check_margin",
    "action_change_phone",
    "action_change_bank_card",
]
AS_OF = re.compile(r"截至[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日 [0-9]{2}:[0-9]{2}")


async def test_a_stranger_is_asked_who_he_is_and_told_nothing(talk: Talk) -> None:
    for action in PERSONAL:
        said = await talk.say(
            action,
            "我是86000003，帮我查",
            slots={
                "identified": True,
                "product": "star",
                "change_confirm": True,
                "bank": "招商银行",
            },
        )
        assert said.texts == []
        assert said.follow_up == "identity_form"
        assert said.slots["pending_talk"] == action.removeprefix("action_")
        assert said.slots["identified"] is False


async def test_a_strangers_general_question_gets_the_article_and_the_talks_button(
    talk: Talk, knowledge: FakeKnowledge
) -> None:
    hit = FakeHit(key="dw.transfer_limit", action="check_withdrawal_limit")
    knowledge.found = FakeFound("answer", hit)
    said = await talk.say("action_check_withdrawal_limit", "邮储每天能转多少")
    assert said.hints["article"]["key"] == "dw.transfer_limit"
    assert said.payloads == ["/check_withdrawal_limit"]
    assert said.follow_up is None
    for text in ("/check_withdrawal_limit", "帮我查一下能转多少"):
        said = await talk.say("action_check_withdrawal_limit", text)
        assert said.follow_up == "identity_form", text


async def test_a_core_that_is_down_is_said_and_handed_over(
    talk: Talk, verification: Verification, core: DemoCore
) -> None:
    await prove(talk, verification, "86000003")
    confirmed = {"product": "star", "apply_confirm": True, "bank": "招行", "change_confirm": True}
    for mode in ("down", "html", "nonsense", "reset"):
        await core.turn_fault(mode)
        for action in PERSONAL:
            if action == "action_change_phone":
                continue
            said = await talk.say(action, "帮我查", slots=confirmed)
            assert said.hints["handover"]["reason"] == "core_down", (mode, action)
            assert "没有" in said.text
            assert said.follow_up is None


async def test_the_balance(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000001")
    said = await talk.say("action_check_balance", "查余额", intent="check_balance")
    assert "218,431.55元" in said.text
    assert AS_OF.search(said.text)
    assert said.card
    values = {row["label"]: row["value"] for row in said.card["rows"]}
    assert values["证券账户 · 余额"] == "268,431.55元"
    assert values["证券账户 · 冻结"] == "50,000.00元"
    assert said.hints["talk"] == "check_balance"


async def test_the_balance_in_english(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000001")
    talk.language = "en"
    said = await talk.say("action_check_balance", "my balance")
    assert "CNY 218,431.55" in said.text
    assert not re.search(r"[\u4e00-\u9fff]", said.text)


async def test_a_withdrawal_on_its_way(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000001")
    said = await talk.say("action_check_withdrawal", "我的出金到哪了")
    assert "50,000.00元，处理中" in said.text
    assert "前到账" in said.text
    assert said.card
    assert len(said.card["rows"]) == 2
    assert "/check_withdrawal_limit" in said.payloads


async def test_a_failed_deposit_says_why(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000002")
    said = await talk.say("action_check_deposit", "我的入金怎么没到")
    assert "失败" in said.text
    assert "银行卡余额不足" in said.text


async def test_nothing_on_record_is_said(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000010")
    for action in ("action_check_deposit", "action_check_withdrawal"):
        said = await talk.say(action, "查一下")
        assert "没有查到" in said.text
        assert AS_OF.search(said.text)


async def test_the_limit_that_is_left_and_the_one_used_up(
    talk: Talk, verification: Verification
) -> None:
    await prove(talk, verification, "86000001")
    said = await talk.say("action_check_withdrawal_limit", "还能取多少")
    assert "1,950,000.00元，剩余 4 次" in said.text
    await prove(talk, verification, "86000008")
    said = await talk.say("action_check_withdrawal_limit", "还能取多少")
    assert "已用完" in said.text


async def test_margin_near_the_call_offers_a_person(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000005")
    said = await talk.say("action_check_margin", "我的风险率")
    assert "96.00%" in said.text
    assert "预警线" in said.text
    assert "/human" in said.payloads
    await prove(talk, verification, "86000006")
    said = await talk.say("action_check_margin", "我的担保比例")
    assert "136.00%" in said.text
    assert "低于警戒线" in said.text


async def test_no_margin_account_is_said(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000010")
    said = await talk.say("action_check_margin", "我的风险率")
    assert "没有期货或融资融券账户" in said.text


async def test_a_proof_for_one_client_never_shows_another(
    talk: Talk, verification: Verification
) -> None:
    await prove(talk, verification, "86000002")
    said = await talk.say("action_check_balance", "查86000001的余额", slots={"account": "86000001"})
    assert "1,203.20元" in said.text
    assert "268,431.55" not in str(said)


async def test_a_client_unknown_to_the_core_is_handed_over(
    talk: Talk, verification: Verification
) -> None:
    await prove(talk, verification, "no-such-client")
    said = await talk.say("action_check_balance", "查余额")
    assert said.hints["handover"]["reason"] == "talk_failed"
    assert "参考号" in said.text
