from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from channels.sms.aliyun.fault import judge_refusal
from channels.sms.carrier import Order, Template, Text
from channels.wire import Answer
from kernel.message import Accepted, Refusal, Rejected, Retryable, SendResult, Unknown
from tests.sms import ABROAD, MAINLAND, running_sms_lab


@pytest.mark.parametrize(
    ("code", "message", "result"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", "", Rejected(Refusal.RECIPIENT, "isv.MOBILE_NUMBER_ILLEGAL")),
        ("isv.SMS_TEMPLATE_ILLEGAL", "", Rejected(Refusal.CONTENT, "isv.SMS_TEMPLATE_ILLEGAL")),
        ("isv.AMOUNT_NOT_ENOUGH", "", Rejected(Refusal.CONFIG, "isv.AMOUNT_NOT_ENOUGH")),
        ("SomethingNew", "", Rejected(Refusal.CONFIG, "SomethingNew")),
        ("isp.SYSTEM_ERROR", "", Unknown("isp.SYSTEM_ERROR")),
        ("Throttling.User", "", Retryable("Throttling.User", 2.0)),
    ],
)
def test_codes(code: str, message: str, result: SendResult) -> None:
    assert judge_refusal(Answer(200, {"Code": code, "Message": message})) == result


def test_a_limit_of_a_minute_waits_and_a_limit_of_a_day_refuses() -> None:
    code = "isv.BUSINESS_LIMIT_CONTROL"
    minute = Answer(200, {"Code": code, "Message": "触发分钟级流控Permits:1"})
    day = Answer(200, {"Code": code, "Message": "触发天级流控Permits:50"})
    assert judge_refusal(minute) == Retryable(code, 60.0)
    assert judge_refusal(day) == Rejected(Refusal.QUOTA, code, "触发天级流控Permits:50")


def test_an_answer_without_a_code() -> None:
    assert judge_refusal(Answer(200, {})) == Unknown("no_code")
    assert judge_refusal(Answer(403, None)) == Rejected(Refusal.CONFIG, "http_403")


async def test_what_this_account_cannot_carry_is_not_sent() -> None:
    async with running_sms_lab() as lab:
        carrier = lab.channel("aliyun").carrier  # type: ignore[attr-defined]
        free = await carrier.send(Order(uuid4(), MAINLAND, Text("您好")))
        abroad = await carrier.send(Order(uuid4(), ABROAD, Template("SMS_100000001")))
        assert (free.refusal, abroad.refusal) == (Refusal.CONTENT, Refusal.RECIPIENT)
        assert lab.trace == []
        assert carrier.find_continuation(ABROAD) is None


@pytest.mark.parametrize(
    ("template", "values", "code"),
    [
        ("SMS_9", {}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ("SMS_100000001", {}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ("SMS_100000001", {"path": "a" * 36}, "isv.PARAM_LENGTH_LIMIT"),
        ("SMS_100000001", {"path": "https://x.y"}, "isv.PARAM_NOT_SUPPORT_URL"),
    ],
)
async def test_the_lab_refuses_what_aliyun_would(
    template: str, values: dict[str, str], code: str
) -> None:
    async with running_sms_lab() as lab:
        carrier = lab.channel("aliyun").carrier  # type: ignore[attr-defined]
        refused = await carrier.send(Order(uuid4(), MAINLAND, Template(template, values)))
        assert (refused.refusal, refused.code) == (Refusal.CONTENT, code)


async def test_what_was_sent_is_found_by_our_own_id() -> None:
    begin = datetime.now(UTC)
    async with running_sms_lab() as lab:
        carrier = lab.channel("aliyun").carrier  # type: ignore[attr-defined]
        body = carrier.find_continuation(MAINLAND)
        order = Order(uuid4(), MAINLAND, body)
        assert await carrier.look_up(order, begin) == ()
        assert isinstance(await carrier.send(order), Accepted)
        assert await carrier.look_up(order, begin) == (str(order.outbox_id),)
        assert await carrier.look_up(Order(uuid4(), MAINLAND, body), begin) == ()
