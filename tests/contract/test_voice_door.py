"""Calls between the lab's telephones and the real door: what each way of ending becomes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from channels.sms.twilio.signature import sign
from channels.voice.twiml import LIMIT, write_notice
from conversations.assistant import Answer, Handover
from kernel.message import Address, Author, Content
from store import conversation, outbox
from store.cipher import Cipher
from store.engine import Database
from store.outbox import Draft
from tests.stage import Stage, make_stage, running
from tests.voice import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    NUMBER,
    VoiceLab,
    running_voice_door,
    running_voice_lab,
)
from tests.wechat import free_port

WORDS = "您的保证金不足，请在今日15:00前追加。"


@dataclass
class Whole:
    """The lab, the product's site, and what is behind its door."""

    lab: VoiceLab
    site: str
    stage: Stage

    async def notify(self, words: str = WORDS) -> UUID:
        async with self.stage.database.transaction() as connection:
            talk = await conversation.open_for(connection, Address("voice", "demo", NUMBER))
            draft = Draft(talk.id, Author.SYSTEM, Content(text=words))
            posted = await outbox.post(connection, self.stage.cipher, draft)
        return posted.outbox_id

    async def ringing(self) -> str:
        async with asyncio.timeout(20):
            while (call := await self.lab.call()) is None or call["status"] != "ringing":
                await asyncio.sleep(0.02)
        return str(call["sid"])

    async def rows(self, sql: str) -> list[Any]:
        async with self.stage.database.transaction() as connection:
            return [tuple(row) for row in (await connection.execute(text(sql))).all()]

    async def until(self, sql: str, wanted: list[Any]) -> None:
        async with asyncio.timeout(20):
            while await self.rows(sql) != wanted:
                await asyncio.sleep(0.02)

    async def post(self, path: str, form: dict[str, str], token: str = AUTH_TOKEN) -> int:
        headers = {"X-Twilio-Signature": sign(token, self.site + path, _fields(form))}
        async with (
            aiohttp.ClientSession(self.site) as session,
            session.post(path, data=form, headers=headers) as answer,
        ):
            await answer.read()
            return answer.status


def _fields(form: dict[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in form.items()}


@pytest.fixture
async def whole(database: Database, cipher: Cipher) -> AsyncIterator[Whole]:
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    stage = make_stage(database, cipher)
    async with (
        running_voice_lab(site) as lab,
        running_voice_door(stage, port=port, api=f"{lab.url}/twilio-api"),
        running(stage),
    ):
        yield Whole(lab, site, stage)


STATE = "SELECT state FROM outbox"


async def test_key_one_is_the_receipt(whole: Whole) -> None:
    await whole.notify()
    sid = await whole.ringing()
    heard = await whole.lab.act(sid, "answer")
    assert WORDS in heard["heard"][0]
    assert "确认收到请按1" in heard["heard"][0]
    await whole.until("SELECT status FROM receipt WHERE status = 'delivered'", [("delivered",)])
    pressed = await whole.lab.act(sid, "press", key="1")
    assert "已确认" in pressed["heard"][-1]
    assert pressed["status"] == "completed"
    await whole.until(STATE, [("read",)])
    proof = await whole.rows("SELECT detail FROM receipt WHERE status = 'read'")
    assert proof == [(f"key 1 in call {sid}",)]


async def test_key_two_reads_it_again_and_a_wrong_key_says_so(whole: Whole) -> None:
    await whole.notify()
    sid = await whole.ringing()
    await whole.lab.act(sid, "answer")
    again = await whole.lab.act(sid, "press", key="2")
    assert WORDS in again["heard"][-2]
    assert again["status"] == "in-progress"
    wrong = await whole.lab.act(sid, "press", key="7")
    assert wrong["heard"][-2].startswith("按键无效")
    await whole.lab.act(sid, "press", key="1")
    await whole.until(STATE, [("read",)])


async def test_key_nine_calls_for_a_person_and_makes_no_second_call(whole: Whole) -> None:
    whole.stage.assistant.script = lambda asked: Answer(
        Content(text="已为您转接"), handover=Handover("client_asked"), state={}
    )
    await whole.notify()
    sid = await whole.ringing()
    await whole.lab.act(sid, "answer")
    pressed = await whole.lab.act(sid, "press", key="9")
    assert "回电" in pressed["heard"][-1]
    await whole.until("SELECT floor FROM conversation", [("queue",)])
    assert [one.text for one in whole.stage.assistant.asked] == ["/human"]
    await asyncio.sleep(0.3)
    assert await whole.rows("SELECT count(*) FROM outbox") == [(1,)]
    assert len(whole.lab.ledger) == 1


@pytest.mark.parametrize(
    ("habit", "detail"),
    [
        ("busy", "busy"),
        ("no-answer", "no-answer"),
        ("failed", "failed"),
        ("machine", "machine"),
    ],
)
async def test_call_that_reaches_nobody_has_failed(whole: Whole, habit: str, detail: str) -> None:
    await whole.lab.habit(habit)
    await whole.notify()
    await whole.until(STATE, [("failed",)])
    rows = await whole.rows("SELECT detail FROM receipt WHERE status = 'failed'")
    assert rows == [(detail,)]


async def test_picking_up_alone_confirms_nothing(whole: Whole) -> None:
    await whole.notify()
    sid = await whole.ringing()
    await whole.lab.act(sid, "answer")
    await whole.lab.act(sid, "hang-up")
    await whole.until(STATE, [("delivered",)])


async def test_confirmation_outlives_what_comes_late(whole: Whole) -> None:
    outbox_id = await whole.notify()
    sid = await whole.ringing()
    await whole.lab.act(sid, "answer")
    await whole.lab.act(sid, "press", key="1")
    await whole.until(STATE, [("read",)])
    path = f"/channels/voice/demo/status/{outbox_id}"
    late = {"AccountSid": ACCOUNT_SID, "CallSid": sid, "CallStatus": "failed"}
    assert await whole.post(path, late) == 204
    assert await whole.rows(STATE) == [("read",)]


async def test_callbacks_of_strangers_are_refused(whole: Whole) -> None:
    outbox_id = await whole.notify()
    sid = await whole.ringing()
    path = f"/channels/voice/demo/key/{outbox_id}"
    form = {"AccountSid": ACCOUNT_SID, "CallSid": sid, "Digits": "1"}
    assert await whole.post(path, form, token="guessed") == 403
    assert await whole.post(path, form | {"AccountSid": "AC" + "d" * 32}) == 400
    assert await whole.post(path, form | {"CallSid": "CA1"}) == 400
    assert await whole.post(path, form | {"Digits": "A"}) == 400
    assert await whole.post(f"/channels/voice/demo/key/{uuid4()}", form) == 400
    assert await whole.post("/channels/voice/demo/key/x", form) == 400
    assert await whole.post(f"/channels/voice/other/key/{outbox_id}", form) == 404
    strange = {"AccountSid": ACCOUNT_SID, "CallSid": sid, "CallStatus": "levitating"}
    assert await whole.post(f"/channels/voice/demo/status/{outbox_id}", strange) == 204
    assert await whole.rows("SELECT count(*) FROM receipt WHERE status = 'read'") == [(0,)]


async def test_call_tells_no_numbers_of_a_person(whole: Whole) -> None:
    secret = "6222021234567890123"
    await whole.notify(f"您的账户{secret}、手机13912345678有新情况，详见 https://x.cn/a?b=1 。")
    await whole.ringing()
    said = str(whole.lab.ledger[0]["body"]["text"])
    assert "有新情况" in said
    assert not any(part in said for part in (secret, "13912345678", "https", "x.cn"))


def test_notice_is_xml_whatever_is_said() -> None:
    twiml = write_notice("<Say>]]>&amp;\"'", "https://a/b?c=1&d=2")
    assert "<Say>]]>" not in twiml
    assert len(write_notice("保" * 300, "https://zhida.example/" + "x" * 200)) < LIMIT
