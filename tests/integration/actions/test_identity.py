"""The identity step: the code reaches the phone, and only the right one proves anything."""

from __future__ import annotations

import pytest

from clients.verification import NotVerified, Verification
from tests.integration.actions.conftest import Talk
from tests.integration.clients.conftest import DemoCore

PHONE = "19900000003"
FORM = "validate_identity_form"


async def give_phone(talk: Talk, phone: str = PHONE) -> str:
    said = await talk.say(FORM, phone, tried={"phone": ...})
    kept = said.slots["phone"]
    assert kept.endswith("#[手机号1]")
    assert phone not in str(said)
    return str(kept)


async def test_form_that_just_begins_scolds_nobody(talk: Talk) -> None:
    said = await talk.say(FORM, "我的余额", tried={"phone": None, "code": None})
    assert said.texts == []


async def test_phone_and_code_prove_the_client_and_the_talk_goes_on(
    talk: Talk, verification: Verification, core: DemoCore
) -> None:
    kept = await give_phone(talk)
    code = await core.read_code()
    said = await talk.say(
        FORM,
        f"验证码是{code}",
        slots={"phone": kept, "requested_slot": "code"},
        tried={"code": ...},
    )
    assert (said.slots["code"], said.slots["identified"]) == ("verified", True)
    assert code not in str(said)
    client = await verification.access_client_for(talk.conversation, "account")
    assert client.client_no == "86000003"
    resumed = await talk.say("action_resume", slots={"pending_talk": "check_balance"})
    assert resumed.follow_up == "action_check_balance"
    assert resumed.slots == {"phone": None, "code": None, "pending_talk": None}


async def test_a_wechat_account_is_bound(
    talk: Talk, verification: Verification, core: DemoCore
) -> None:
    talk.channel = "wechat"
    kept = await give_phone(talk)
    said = await talk.say(FORM, await core.read_code(), slots={"phone": kept}, tried={"code": ...})
    assert "12小时" in said.text
    client = await verification.access_client_for(talk.conversation, "account")
    assert client.method == "wechat"


async def test_a_wrong_code_is_asked_again_and_then_people_help(
    talk: Talk, verification: Verification
) -> None:
    kept = await give_phone(talk)
    for _ in range(5):
        said = await talk.say(FORM, "000000", slots={"phone": kept}, tried={"code": ...})
        assert said.slots["code"] is None
        assert "requested_slot" not in said.slots
    said = await talk.say(FORM, "000000", slots={"phone": kept}, tried={"code": ...})
    assert said.slots == {"code": "no_try_left", "requested_slot": None}
    resumed = await talk.say(
        "action_resume", slots={"code": "no_try_left", "pending_talk": "check_balance"}
    )
    assert resumed.hints["handover"]["reason"] == "identity_failed"
    assert resumed.follow_up is None
    with pytest.raises(NotVerified):
        await verification.access_client_for(talk.conversation, "account")


async def test_an_unknown_phone_is_answered_in_the_same_words(talk: Talk) -> None:
    known = await talk.say(FORM, PHONE, tried={"phone": ...})
    unknown = await talk.say(FORM, "13000000003", tried={"phone": ...})
    assert known.text == unknown.text


async def test_what_is_no_phone_or_no_code_is_asked_again(talk: Talk) -> None:
    said = await talk.say(FORM, "我的手机", tried={"phone": ...})
    assert said.slots["phone"] is None
    kept = await give_phone(talk)
    said = await talk.say(FORM, "嗯", slots={"phone": kept}, tried={"code": ...})
    assert said.slots["code"] is None
    assert "6位" in said.text


async def test_the_code_is_sent_again_and_the_phone_can_be_corrected(
    talk: Talk, core: DemoCore, verification: Verification
) -> None:
    kept = await give_phone(talk)
    first = await core.read_code()
    said = await talk.say(FORM, "重发", slots={"phone": kept}, tried={"code": ...})
    assert said.slots["phone"] == kept
    assert "验证码已发送" in said.text
    assert await core.read_code() != first
    said = await talk.say(FORM, "号码填错了", slots={"phone": kept}, tried={"code": ...})
    assert said.slots == {"code": None, "phone": None}
    said = await talk.say(FORM, "19900000004", slots={"phone": kept}, tried={"code": ...})
    other = said.slots["phone"]
    code = await core.read_code()
    await talk.say(FORM, code, slots={"phone": other}, tried={"code": ...})
    client = await verification.access_client_for(talk.conversation, "account")
    assert client.client_no == "86000004"


async def test_a_corrected_phone_gets_one_code_not_two(talk: Talk, core: DemoCore) -> None:
    await give_phone(talk)
    await talk.say(FORM, "19900000004", tried={"phone": ..., "code": ...})
    async with core.session.get(f"{core.url}/demo/sms") as response:
        phones = [sms["phone"] for sms in (await response.json())["sms"]]
    assert phones == ["19900000004", PHONE]


async def test_too_many_codes_and_a_core_that_is_down_leave_the_form(
    talk: Talk, core: DemoCore
) -> None:
    await core.turn_fault("down")
    said = await talk.say(FORM, PHONE, tried={"phone": ...})
    assert (said.slots["code"], said.slots["requested_slot"]) == ("core_down", None)
    resumed = await talk.say("action_resume", slots={"code": "core_down"})
    assert resumed.hints["handover"]["reason"] == "core_down"
    await core.turn_fault("none")
    for _ in range(3):
        await give_phone(talk)
    said = await talk.say(FORM, PHONE, tried={"phone": ...})
    assert (said.slots["code"], said.slots["requested_slot"]) == ("too_many_codes", None)


async def test_slots_that_were_just_emptied_are_not_taken_for_answers(talk: Talk) -> None:
    for form, slots in (
        (FORM, ("phone", "code")),
        ("validate_change_phone_form", ("new_phone", "change_confirm")),
        ("validate_change_bank_card_form", ("bank", "change_confirm")),
        ("validate_complaint_form", ("complaint_about", "complaint_text")),
        ("validate_permission_form", ("product",)),
    ):
        said = await talk.say(form, "帮我查一下余额", tried=dict.fromkeys(slots))
        assert said.texts == [], form
        assert said.slots == {}, form
