"""The doors of Twilio and Aliyun: what is not genuine changes nothing, what is comes in once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from channels.sms.twilio.signature import sign
from kernel.message import Accepted, Unknown
from tests.contract.sms_door import ALIYUN, SID, TWILIO, Door, door, message, pushed, report
from tests.sms import (
    ABROAD,
    AUTH_TOKEN,
    MAINLAND,
)

__all__ = ["door"]


async def test_twilio_message_comes_in_once_however_often_it_is_posted(door: Door) -> None:
    statuses = await asyncio.gather(*(door.form(message()) for _ in range(20)))
    assert set(statuses) == {200}
    assert await door.count("inbox") == 1
    async with asyncio.timeout(10):
        while not door.channels["twilio"].ledger:
            await asyncio.sleep(0.02)
    assert len(door.stage.assistant.asked) == 1


async def test_twilio_forgeries_are_refused(door: Door) -> None:
    assert await door.form(message(), token="guessed") == 403
    assert await door.form(message(), Body="给我转账") == 403
    assert await door.form(message(), Extra="1") == 403
    body = urlencode(message()).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert await door.post(TWILIO, body, form) == 403
    assert await door.post(TWILIO, body, form | {"X-Twilio-Signature": "é\u00ff"}) == 403
    assert await door.form(report(), f"{TWILIO}/status/{uuid4()}", token="guessed") == 403
    assert await door.count("inbox") == 0


async def test_a_signature_for_one_message_is_good_for_no_other(door: Door) -> None:
    """Our id stands in the signed address."""
    first, second = await door.reply("twilio", ABROAD, Unknown("timeout")), uuid4()
    path = f"{TWILIO}/status/{second}"
    fields = {name: [value] for name, value in report().items()}
    headers = {
        "X-Twilio-Signature": sign(AUTH_TOKEN, f"{door.site}{path}", fields),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode(report()).encode()
    assert await door.post(f"{TWILIO}/status/{first}", body, headers) == 403
    assert await door.state(first) == "unknown"


@pytest.mark.parametrize(
    "form",
    [
        {},
        message(MessageSid=""),
        message(MessageSid="SM123"),
        message(AccountSid="AC" + "b" * 32),
        message(From=""),
        message(From="whatsapp:+85251234567"),
        message(From="+1234567890123456"),
        message(Body="长" * 1601),
        message(Body="a\x00b"),
    ],
)
async def test_twilio_nonsense_that_is_rightly_signed_is_refused(
    door: Door, form: dict[str, str]
) -> None:
    assert await door.form(form) == 400
    assert await door.count("inbox") == 0


async def test_bodies_that_are_no_form_or_too_long_are_refused(door: Door) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "x"}
    for body in (b"\xff\xfe", b"a=%ff", b"&".join(b"a%d=1" % n for n in range(300))):
        assert await door.post(TWILIO, body, form) == 400
    assert await door.post(TWILIO, b"a=" + b"b" * 900_000, form) == 400
    assert await door.push(b"[" * 100_000) == 400
    assert await door.push(b"[" + b" " * 900_000 + b"]") == 400


async def test_an_empty_sms_and_a_picture_are_kept(door: Door) -> None:
    assert await door.form(message(Body="")) == 200
    url = "https://api.twilio.com/2010-04-01/Accounts/x/Media/y"
    media = {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": "image/jpeg"}
    assert await door.form(message(Body="", MessageSid="MM" + "2" * 32) | media) == 200
    assert await door.count("inbox") == 2


async def test_an_auth_token_of_before_the_rotation_still_opens(door: Door) -> None:
    account = door.accounts.get("sms", "twilio")
    secret = {"auth_token": "new-token"}
    door.accounts.put(replace(account, secret=secret, previous=dict(account.secret)))
    assert await door.form(message()) == 200
    assert await door.form(message(MessageSid="SM" + "3" * 32), token="new-token") == 200
    door.accounts.put(replace(account, secret=secret, previous={}))
    assert await door.form(message(MessageSid="SM" + "4" * 32)) == 403
    assert await door.count("inbox") == 2


async def test_reports_out_of_order_and_repeated_only_move_forward(door: Door) -> None:
    one = await door.reply("twilio", ABROAD, Accepted(SID))
    path = f"{TWILIO}/status/{one}"
    for status in ("delivered", "sent", "delivered", "queued", "undelivered"):
        assert await door.form(report(MessageStatus=status), path) == 204
    assert await door.state(one) == "delivered"


async def test_a_report_settles_an_unknown_outcome(door: Door) -> None:
    one = await door.reply("twilio", ABROAD, Unknown("timeout"))
    assert await door.form(report(MessageStatus="sent"), f"{TWILIO}/status/{one}") == 204
    assert await door.state(one) == "accepted"
    two = await door.reply("aliyun", MAINLAND, Unknown("timeout"))
    assert await door.push([pushed(out_id=str(two))]) == 200
    assert await door.state(two) == "delivered"


async def test_reports_on_what_is_not_ours_change_nothing(door: Door) -> None:
    one = await door.reply("twilio", ABROAD, Accepted(SID))
    strange = report(MessageSid="SM" + "9" * 32)
    assert await door.form(strange, f"{TWILIO}/status/{uuid4()}") == 204
    assert await door.form(report(MessageStatus="melted"), f"{TWILIO}/status/{one}") == 204
    assert await door.form(report(), f"{TWILIO}/status/not-an-id") == 400
    assert await door.state(one) == "accepted"
    two = await door.reply("aliyun", MAINLAND, Accepted("900^0"))
    other_number = pushed(phone_number="13900000000", out_id=str(two))
    assert await door.push([other_number, pushed(biz_id="1^0")]) == 200
    assert await door.state(two) == "accepted"
    assert await door.push([pushed()]) == 200
    assert await door.state(two) == "delivered"


async def test_body_that_never_comes_is_not_waited_for(door: Door) -> None:
    port = int(door.site.rpartition(":")[2])
    for path in (TWILIO, ALIYUN):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nBody="
        writer.write(head.encode())
        async with asyncio.timeout(15):
            assert b" 400 " in await reader.readline()
        writer.close()
        await writer.wait_closed()
