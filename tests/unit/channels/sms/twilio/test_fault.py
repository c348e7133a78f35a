from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from channels.sms.carrier import Order, Text
from channels.sms.twilio.fault import judge_refusal
from channels.wire import Answer
from kernel.message import Refusal, Rejected, Retryable, Unknown
from tests.sms import ABROAD, running_sms_lab


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (21211, Refusal.RECIPIENT),
        (21614, Refusal.RECIPIENT),
        (21610, Refusal.CONSENT),
        (21617, Refusal.CONTENT),
        (20003, Refusal.CONFIG),
        (63038, Refusal.QUOTA),
        (99999, Refusal.CONFIG),
    ],
)
def test_codes_that_refuse(code: int, refusal: Refusal) -> None:
    result = judge_refusal(Answer(400, {"code": code, "message": "m"}))
    assert result == Rejected(refusal, str(code), "m")


def test_codes_that_wait_and_codes_that_nobody_can_tell() -> None:
    assert isinstance(judge_refusal(Answer(400, {"code": 14107})), Retryable)
    assert judge_refusal(Answer(400, {"code": 20500})) == Unknown("20500")
    assert judge_refusal(Answer(404, None)) == Rejected(Refusal.CONFIG, "http_404", "")
    assert judge_refusal(Answer(400, {"code": True})) == Rejected(Refusal.CONFIG, "http_400", "")


async def test_a_wrong_token_and_a_provider_that_is_away() -> None:
    order = Order(uuid4(), ABROAD, Text("您好"))
    async with running_sms_lab() as lab:
        carrier = lab.channel("twilio").carrier  # type: ignore[attr-defined]
        carrier.client._headers["Authorization"] = "Basic eDp5"
        assert await carrier.send(order) == Rejected(Refusal.CONFIG, "20003", "Authenticate")
        assert await carrier.look_up(order, datetime.now(UTC)) is None
    result = await carrier.send(order)
    assert result == Retryable("unreachable", 2.0)
    assert await carrier.look_up(order, datetime.now(UTC)) is None
    await carrier.close()
