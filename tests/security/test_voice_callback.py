"""Mutated reports about calls: none is believed, and none confirms a notice."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID, uuid4

import aiohttp
import pytest

from channels.sms.twilio.signature import sign
from kernel.message import Address, Author, Content
from store import conversation, outbox
from store.cipher import Cipher
from store.engine import Database
from store.outbox import Draft
from tests.attack import Door, Post, attack
from tests.stage import Stage, make_stage
from tests.voice import ACCOUNT_SID, AUTH_TOKEN, NUMBER, running_voice_door
from tests.wechat import free_port

CALL_SID = "CA" + "1" * 32


@pytest.fixture
async def voice_door(database: Database, cipher: Cipher) -> AsyncIterator[Door]:
    port, stage = free_port(), make_stage(database, cipher)
    site = f"http://127.0.0.1:{port}"
    async with (
        running_voice_door(stage, port=port, api="http://127.0.0.1:9"),
        aiohttp.ClientSession(site) as session,
    ):
        yield Door(session, stage, site)


async def notify(stage: Stage) -> UUID:
    async with stage.database.transaction() as connection:
        talk = await conversation.open_for(connection, Address("voice", "demo", NUMBER))
        draft = Draft(talk.id, Author.SYSTEM, Content(text="您好"), state="sending")
        return (await outbox.post(connection, stage.cipher, draft)).outbox_id


@pytest.mark.parametrize("what", ["key", "status"])
async def test_mutated_reports_of_calls_are_not_believed(voice_door: Door, what: str) -> None:
    path = f"/channels/voice/demo/{what}/{await notify(voice_door.stage)}"
    form = {"AccountSid": ACCOUNT_SID, "CallSid": CALL_SID}
    form |= {"Digits": "2"} if what == "key" else {"CallStatus": "in-progress"}
    fields = {name: [value] for name, value in form.items()}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": sign(AUTH_TOKEN, voice_door.site + path, fields),
    }
    genuine = Post(path, urlencode(form).encode(), headers)
    assert await voice_door.post(genuine) in {200, 204}

    def other_path(chance: random.Random, one: Post) -> Post:
        del chance
        return replace(one, path=f"/channels/voice/demo/{what}/{uuid4()}")

    def confirm(chance: random.Random, one: Post) -> Post:
        del chance
        return replace(one, body=urlencode(form | {"Digits": "1"}).encode())

    await attack(voice_door, genuine, [other_path, confirm])
    assert await voice_door.count("receipt") == 1
    assert await voice_door.count("receipt WHERE status = 'read'") == 0
    assert await voice_door.count("inbox") == 0
