"""The doors of Twilio and Aliyun: what is not genuine changes nothing, what is comes in once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from channels.account import Accounts
from channels.catalog import list_providers
from channels.contract import Capabilities, Channels
from channels.sms.twilio.signature import sign
from kernel.message import Accepted, Address, SendResult, Unknown
from store import outbox
from store.cipher import Cipher
from store.engine import Database
from tests.ledger import LedgerChannel, said
from tests.sms import (
    ABROAD,
    ACCOUNT_SID,
    AUTH_TOKEN,
    MAINLAND,
    PUSH_TOKEN,
    SENDER,
    aliyun_account,
    running_doors,
    twilio_account,
)
from tests.stage import Stage, make_stage, running
from tests.wechat import free_port

SID = "SM" + "1" * 32
TWILIO = "/channels/sms/twilio/twilio"
ALIYUN = f"/channels/sms/aliyun/aliyun/{PUSH_TOKEN}"


@dataclass
class Door:
    """The product's doors, a session on them, and what is behind."""

    session: aiohttp.ClientSession
    stage: Stage
    accounts: Accounts
    site: str
    channels: dict[str, LedgerChannel]

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        async with self.session.post(path, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def form(
        self, form: Mapping[str, str], path: str = TWILIO, *, token: str = AUTH_TOKEN, **more: str
    ) -> int:
        """Post a form that `token` has signed; `more` is added after it was signed."""
        fields = {name: [value] for name, value in form.items()}
        headers = {
            "X-Twilio-Signature": sign(token, self.site + path, fields),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self.post(path, urlencode(dict(form) | more).encode(), headers)

    async def push(self, rows: Any, path: str = ALIYUN) -> int:
        body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
        return await self.post(path, body)

    async def count(self, table: str) -> int:
        async with self.stage.database.transaction() as connection:
            found = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            return int(found.scalar_one())

    async def reply(self, account: str, number: str, result: SendResult) -> UUID:
        """Let a reply to this number leave with this outcome; returns its outbox id."""
        self.channels[account].script = lambda _: result
        one = replace(said(str(uuid4())), address=Address("sms", account, number))
        kept = await self.stage.receiver.receive(one)
        await self.stage.until(kept.conversation_id, kept.seq + 1)
        async with asyncio.timeout(10):
            while True:
                async with self.stage.database.transaction() as connection:
                    row = (await connection.execute(_LAST)).one()
                if row.state not in {"queued", "sending"}:
                    return UUID(str(row.id))
                await asyncio.sleep(0.02)

    async def state(self, outbox_id: UUID) -> str:
        async with self.stage.database.transaction() as connection:
            return (await outbox.find_state(connection, outbox_id))[0]


_LAST = text("SELECT id, state FROM outbox ORDER BY created_at DESC LIMIT 1")


@pytest.fixture
async def door(database: Database, cipher: Cipher) -> AsyncIterator[Door]:
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    stage = make_stage(database, cipher)
    accounts = Accounts(list_providers(site), Channels())
    accounts.put(twilio_account(site))
    accounts.put(aliyun_account())
    channels = {}
    for account in ("twilio", "aliyun"):
        channels[account] = LedgerChannel("sms", account, Capabilities())
        stage.receiver.channels.add(channels[account])
    async with (
        running_doors(stage, accounts, port=port),
        running(stage),
        aiohttp.ClientSession(site) as session,
    ):
        yield Door(session, stage, accounts, site, channels)


def message(**more: str) -> dict[str, str]:
    return {
        "MessageSid": SID,
        "AccountSid": ACCOUNT_SID,
        "From": ABROAD,
        "To": SENDER,
        "Body": "怎么出金",
        "NumMedia": "0",
    } | more


def report(**more: str) -> dict[str, str]:
    form = {"MessageSid": SID, "AccountSid": ACCOUNT_SID, "MessageStatus": "delivered"}
    return form | {"From": SENDER, "To": ABROAD} | more


def uplink(**more: Any) -> dict[str, Any]:
    return {
        "phone_number": MAINLAND.removeprefix("+86"),
        "send_time": "2026-11-22 10:00:00",
        "content": "怎么出金",
        "sign_name": "智达期货",
        "dest_code": "106900010042",
        "sequence_id": 1234567890,
    } | more


def pushed(**more: Any) -> dict[str, Any]:
    return {
        "phone_number": MAINLAND.removeprefix("+86"),
        "success": True,
        "err_code": "DELIVERED",
        "report_time": "2026-11-22 10:00:03",
        "biz_id": "900^0",
        "out_id": "",
        "sms_size": "1",
    } | more


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


async def test_aliyun_uplink_comes_in_once(door: Door) -> None:
    statuses = await asyncio.gather(*(door.push([uplink()]) for _ in range(20)))
    assert set(statuses) == {200}
    assert await door.push([uplink(), uplink(sequence_id=2, content="还有")]) == 200
    assert await door.count("inbox") == 2


async def test_aliyun_pushes_need_the_token_of_this_account(door: Door) -> None:
    for token in ("x", PUSH_TOKEN[:-1], PUSH_TOKEN + "a", "%00", "é"):
        assert await door.push([uplink()], f"/channels/sms/aliyun/aliyun/{token}") == 403
    assert await door.push([uplink()], f"/channels/sms/aliyun/twilio/{PUSH_TOKEN}") == 404
    assert await door.form(message(), "/channels/sms/twilio/aliyun") == 404
    assert await door.form(message(), "/channels/sms/twilio/nobody") == 404
    assert await door.count("inbox") == 0


async def test_uplink_to_a_number_that_is_not_ours_is_acknowledged_and_left(door: Door) -> None:
    assert await door.push([uplink(dest_code="10655555")]) == 200
    assert await door.count("inbox") == 0


@pytest.mark.parametrize(
    "rows",
    [
        {},
        "text",
        [1],
        [{}],
        [[]],
        [uplink(phone_number="85251234567")],
        [uplink(phone_number=None)],
        [uplink(content=7)],
        [uplink(content="长" * 1001)],
        [uplink(content="a\x00")],
        [uplink(sequence_id=True)],
        [uplink(sequence_id="")],
        [uplink(send_time="yesterday")],
        [uplink(send_time="0001-01-01 00:00:00")],
        [pushed(success="true")],
        [pushed(biz_id="")],
        [pushed(biz_id="a" * 65)],
        [pushed(report_time="9999-99-99 00:00:00")],
        [uplink()] * 1001,
        [uplink(), {"content": None}],
        b"not json",
        b'[{"content": "\xff"}]',
    ],
)
async def test_aliyun_nonsense_is_refused_whole(door: Door, rows: Any) -> None:
    assert await door.push(rows) == 400
    assert await door.count("inbox") == 0
    assert await door.count("receipt") == 0


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
