"""Mutated, forged and replayed callbacks: none is believed, none makes an error of ours.

600 of each run by default; `make security` (ZHIDA_TEST_SIZE=full) runs 10,000.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

import aiohttp
import pytest
from sqlalchemy import text

from lab.wechat.account import LabAccount
from lab.wechat.act import parse_act
from lab.wechat.envelope import Sealed, encrypt, seal
from store.cipher import Cipher
from store.engine import Database
from tests.security.mutation import OF_SEALED
from tests.stage import Stage, make_stage, running
from tests.wechat import (
    OPENID,
    free_port,
    lab_account,
    running_lab,
    running_webhook,
    wechat_channel,
)

SIZE = 10_000 if os.environ.get("ZHIDA_TEST_SIZE") == "full" else 600
SEED = 20261122
ACCOUNT = lab_account("http://127.0.0.1")


@dataclass
class Door:
    """The product's webhook, a session on it, and what is behind it."""

    session: aiohttp.ClientSession
    stage: Stage

    async def post(self, sealed: Sealed) -> int:
        path = "/channels/wechat/demo"
        async with self.session.post(path, params=sealed.query, data=sealed.body) as answer:
            await answer.read()
            return answer.status

    async def count(self) -> int:
        async with self.stage.database.transaction() as connection:
            found = await connection.execute(text("SELECT count(*) FROM inbox"))
            return int(found.scalar_one())


@pytest.fixture
async def door(database: Database, cipher: Cipher) -> AsyncIterator[Door]:
    port = free_port()
    stage = make_stage(database, cipher)
    async with running_lab() as lab, running_webhook(stage, port=port):
        channel = wechat_channel(lab)
        stage.receiver.channels.add(channel)
        async with running(stage), aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield Door(session, stage)
        await channel.close()


def genuine(words: str = "怎么出金", *, account: LabAccount = ACCOUNT, age: int = 0) -> Sealed:
    act = parse_act({"openid": OPENID, "text": words, "msg_id": "77"}, 1795400000)
    return seal(account, act.xml, openid=OPENID, timestamp=int(time.time()) - age)


def plain() -> bytes:
    return parse_act({"openid": OPENID, "text": "转账", "msg_id": "78"}, 1795400000).xml.encode()


async def test_mutated_callbacks_change_nothing(door: Door) -> None:
    chance = random.Random(SEED)
    original = genuine()
    assert await door.post(original) == 200

    async def attack(one: Sealed) -> None:
        assert await door.post(one) < 500

    for _ in range(0, SIZE, 20):
        batch = [chance.choice(OF_SEALED)(chance, original) for _ in range(20)]
        await asyncio.gather(*(attack(one) for one in batch))
    assert await door.count() == 1
    assert len(door.stage.assistant.asked) == 1


def _other_token() -> Sealed:
    return genuine(account=replace(ACCOUNT, token="guessed"))


def _other_key() -> Sealed:
    return genuine(account=replace(ACCOUNT, aes_key="B" * 42 + "A"))


def _other_appid() -> Sealed:
    return genuine(account=replace(ACCOUNT, appid="labwxother"))


def _plain_under_a_signed_url() -> Sealed:
    return replace(genuine(), body=plain())


def _plain_beside_a_sealed_one() -> Sealed:
    """Compatible mode: the readable part says one thing, the sealed one is somebody else's."""
    foreign = encrypt(replace(ACCOUNT, aes_key="B" * 42 + "A"), plain())
    body = plain().replace(b"</xml>", f"<Encrypt>{foreign}</Encrypt></xml>".encode())
    return replace(genuine(), body=body)


def _url_signature_for_the_message() -> Sealed:
    one = genuine()
    return replace(one, query=one.query | {"msg_signature": one.query["signature"]})


def _entities_in_the_envelope() -> Sealed:
    one = genuine()
    body = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + one.body
    return replace(one, body=body)


FORGERIES: list[Callable[[], Sealed]] = [
    _other_token,
    _other_key,
    _other_appid,
    _plain_under_a_signed_url,
    _plain_beside_a_sealed_one,
    _url_signature_for_the_message,
    _entities_in_the_envelope,
    lambda: genuine(age=301),
    lambda: genuine(age=-400),
    lambda: Sealed({}, b""),
    lambda: replace(genuine(), body=b"A" * 900_000),
]


async def test_forged_callbacks_are_refused(door: Door) -> None:
    for place, forge in enumerate(FORGERIES):
        assert await door.post(forge()) in {400, 403, 413}, f"forgery {place}"
    assert await door.count() == 0
    assert door.stage.assistant.asked == []


INSIDE = [
    "",
    "<xml></xml>",
    "not xml at all",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><MsgType>&e;</MsgType></xml>',
    "<xml>" + "<a>" * 5000 + "</a>" * 5000 + "</xml>",
    plain().decode().replace("78", "seventy-eight"),
    plain().decode().replace("1795400000", "9" * 60),
    plain().decode().replace(OPENID, "o" * 300),
    plain().decode().replace("text", "text\ufffe"),
]


async def test_rightly_sealed_nonsense_is_refused(door: Door) -> None:
    for inside in INSIDE:
        sealed = seal(ACCOUNT, inside, openid=OPENID, timestamp=int(time.time()))
        assert await door.post(sealed) == 400, inside[:80]
    assert await door.count() == 0


async def test_replayed_callbacks_are_answered_once(door: Door) -> None:
    original = genuine()
    statuses = await asyncio.gather(*(door.post(original) for _ in range(30)))
    statuses += [await door.post(original) for _ in range(10)]
    assert set(statuses) == {200}
    assert await door.count() == 1
    assert len(door.stage.assistant.asked) == 1


async def test_handshake_of_a_stranger_is_not_echoed(door: Door) -> None:
    query = {"signature": "0" * 40, "timestamp": str(int(time.time())), "nonce": "n"}
    query["echostr"] = "<script>"
    async with door.session.get("/channels/wechat/demo", params=query) as answer:
        assert answer.status == 403
        assert "<script>" not in await answer.text()


async def test_account_that_is_not_set_up_does_not_exist(door: Door) -> None:
    one = genuine()
    async with door.session.post("/channels/wechat/other", params=one.query, data=one.body) as got:
        assert got.status == 404


async def test_body_that_never_comes_is_not_waited_for(door: Door) -> None:
    assert door.session._base_url is not None
    host, port = "127.0.0.1", door.session._base_url.port
    reader, writer = await asyncio.open_connection(host, port)
    path = b"/channels/wechat/demo?msg_signature=a&timestamp=1&nonce=n"
    writer.write(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n<xml>")
    async with asyncio.timeout(15):
        assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
