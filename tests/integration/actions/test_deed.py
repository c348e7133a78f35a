"""Deeds: permissions, changes and complaints are confirmed, done once, and explained."""

from __future__ import annotations

from clients.verification import Verification
from tests.integration.actions.conftest import Talk, prove
from tests.integration.clients.conftest import DemoCore


async def test_a_permission_that_may_be_opened(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000003")
    said = await talk.say("action_check_permission", "我能开科创板吗", slots={"product": "star"})
    assert "均已满足" in said.text
    assert said.payloads == ['/apply_permission{"product":"star"}']
    assert said.card
    assert "科创板" in said.card["note"]
    form = await talk.say(
        "validate_apply_permission_form", "开通科创板", tried={"product": "科创板"}
    )
    assert form.slots == {"product": "star", "apply_confirm": None}
    done = await talk.say(
        "action_apply_permission", "确认", slots={"product": "star", "apply_confirm": True}
    )
    assert "受理号 A" in done.text
    assert done.slots == {"product": None, "apply_confirm": None}
    again = await talk.say("action_check_permission", "科创板", slots={"product": "star"})
    assert "审核中" in again.text


async def test_a_permission_that_may_not_be_opened_says_what_is_missing(
    talk: Talk, verification: Verification
) -> None:
    await prove(talk, verification, "86000004")
    form = await talk.say("validate_apply_permission_form", "开通科创板", tried={"product": "star"})
    assert form.slots["requested_slot"] is None
    said = await talk.say("action_apply_permission", "开通科创板", slots={"product": "star"})
    assert "项条件未满足" in said.text
    assert said.card
    assert any(row["value"].startswith("未满足") for row in said.card["rows"])
    assert "/human" in said.payloads


async def test_open_expired_and_pending_are_told(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000009")
    words = {"gem": "已开通", "star": "审核中", "bse": "已过期"}
    for product, word in words.items():
        said = await talk.say("action_check_permission", "查", slots={"product": product})
        assert word in said.text


async def test_a_no_submits_nothing(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000003")
    said = await talk.say(
        "action_apply_permission", "算了", slots={"product": "star", "apply_confirm": False}
    )
    assert "未提交" in said.text
    said = await talk.say("action_check_permission", "科创板", slots={"product": "star"})
    assert "审核中" not in said.text


async def test_an_unknown_product_is_asked_again(talk: Talk) -> None:
    said = await talk.say("validate_permission_form", "月球板", tried={"product": ...})
    assert said.slots["product"] is None
    assert "没有听懂" in said.text
    for words, code in (("創業板", "gem"), ("STAR Market", "star"), ("两融", "margin")):
        said = await talk.say("validate_permission_form", words, tried={"product": ...})
        assert said.slots["product"] == code


async def test_the_confirmed_product_can_be_taken_back(
    talk: Talk, verification: Verification
) -> None:
    await prove(talk, verification, "86000003")
    slots = {"product": "star", "requested_slot": "apply_confirm"}
    said = await talk.say("validate_apply_permission_form", "换一个", slots=slots)
    assert said.slots == {"product": None}
    said = await talk.say("validate_apply_permission_form", "嗯嗯", slots=slots)
    assert said.slots == {}


async def test_a_phone_is_changed_without_rasa_seeing_it(
    talk: Talk, verification: Verification
) -> None:
    await prove(talk, verification, "86000003")
    form = await talk.say("validate_change_phone_form", "换成19900001234", tried={"new_phone": ...})
    kept = form.slots["new_phone"]
    assert kept.endswith("#[手机号1]")
    assert "19900001234" not in str(form)
    said = await talk.say(
        "action_change_phone", "确认", slots={"new_phone": kept, "change_confirm": True}
    )
    assert "受理号 C" in said.text
    assert "刷脸确认" in said.text
    assert said.slots == {"new_phone": None, "change_confirm": None}


async def test_what_is_no_phone_is_asked_again(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000003")
    form = await talk.say("validate_change_phone_form", "12345", tried={"new_phone": ...})
    assert form.slots["new_phone"] is None
    assert "11位" in form.text
    said = await talk.say("action_change_phone", "算了", slots={"change_confirm": False})
    assert "没有做任何更改" in said.text


async def test_a_bank_card_is_changed_by_its_bank(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000003")
    form = await talk.say(
        "validate_change_bank_card_form", "6222021234567890128", tried={"bank": ...}
    )
    assert form.slots["bank"] is None
    assert "卡号不需要" in form.text
    form = await talk.say("validate_change_bank_card_form", "招商银行", tried={"bank": ...})
    assert form.slots["bank"] == "招商银行"
    said = await talk.say(
        "action_change_bank_card", "确认", slots={"bank": "招商银行", "change_confirm": True}
    )
    assert "受理号 C" in said.text


async def test_a_card_waits_for_a_transfer(talk: Talk, verification: Verification) -> None:
    await prove(talk, verification, "86000001")
    said = await talk.say(
        "action_change_bank_card", "确认", slots={"bank": "招商银行", "change_confirm": True}
    )
    assert "在途转账" in said.text


async def test_an_unknown_outcome_is_told_and_handed_over(
    talk: Talk, verification: Verification, core: DemoCore
) -> None:
    await prove(talk, verification, "86000003")
    await core.turn_fault("reset")
    said = await talk.say(
        "action_change_bank_card", "确认", slots={"bank": "招商银行", "change_confirm": True}
    )
    assert "可能已受理，也可能没有" in said.text
    assert said.hints["handover"]["reason"] == "core_down"


async def test_a_complaint_goes_to_a_person_after_a_yes(talk: Talk) -> None:
    form = await talk.say(
        "validate_complaint_form", "手续费乱扣",
        tried={"complaint_about": "费用", "complaint_text": "手续费多扣了两次，请退回"},
    )  # fmt: skip
    assert form.slots["complaint_about"] == "fee"
    slots = {**form.slots, "complaint_confirm": True}
    said = await talk.say("action_file_complaint", "确认", slots=slots)
    assert said.hints["handover"]["reason"] == "complaint"
    assert "手续费多扣了两次" in said.hints["handover"]["summary"]
    said = await talk.say(
        "action_file_complaint", "不", slots={**slots, "complaint_confirm": False}
    )
    assert "handover" not in said.hints


async def test_a_complaint_can_be_rewritten_and_must_say_something(talk: Talk) -> None:
    slots = {"requested_slot": "complaint_confirm", "complaint_text": "手续费多扣了"}
    said = await talk.say("validate_complaint_form", "改一下", slots=slots)
    assert said.slots == {"complaint_text": None}
    said = await talk.say("validate_complaint_form", "贵", tried={"complaint_text": "贵"})
    assert said.slots["complaint_text"] is None
