"""Mutated, forged and replayed callbacks of 微信客服: none wakes a pull, none makes our error.

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
from aiohttp.test_utils import TestServer

from channels.account import Accounts
from channels.contract import Channels
from channels.kf.provider import PROVIDER
from channels.kf.webhook import PULL, KfDoor
from channels.live import Frame, Hub
from kernel.clock import SystemClock
from kernel.message import Address
from lab.wechat.account import LabAccount
from lab.wechat.envelope import Sealed, encrypt, seal
from tests.security.mutation import OF_SEALED
from tests.wecom import CORP_ID, OPEN_KFID, WecomLab, running_wecom, wecom_accounts
from web.app import make_app

SIZE = 10_000 if os.environ.get("ZHIDA_TEST_SIZE") == "full" else 600
SEED = 20261122
SEALS = wecom_accounts("http://127.0.0.1").kfs["demo"].seals


@dataclass
class Door:
    """The product's door, a session on it, and the pulls that it asked for."""

    session: aiohttp.ClientSession
    woken: list[Frame]

    async def post(self, sealed: Sealed, account: str = "demo") -> int:
        path = f"/channels/kf/{account}"
        async with self.session.post(path, params=sealed.query, data=sealed.body) as answer:
            await answer.read()
            return answer.status


@pytest.fixture
async def lab() -> AsyncIterator[WecomLab]:
    async with running_wecom() as lab:
        yield lab


@pytest.fixture
async def door(lab: WecomLab) -> AsyncIterator[Door]:
    channels, hub = Channels(), Hub()
    accounts = Accounts([PROVIDER], channels)
    accounts.put(lab.account())
    woken: list[Frame] = []
    stop = hub.listen(PULL, lambda _, frame: woken.append(frame))
    async with (
        TestServer(make_app([KfDoor(accounts, hub, SystemClock()).install])) as server,
        aiohttp.ClientSession(str(server.make_url(""))) as session,
    ):
        yield Door(session, woken)
    stop()
    await channels.get(Address("kf", "demo", "")).close()


def write(**changes: str) -> str:
    parts = {
        "ToUserName": CORP_ID,
        "CreateTime": "1795400000",
        "MsgType": "event",
        "Event": "kf_msg_or_event",
        "Token": "t",
        "OpenKfId": OPEN_KFID,
    } | changes
    return "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in parts.items())


def genuine(inside: str | None = None, *, account: LabAccount = SEALS, age: int = 0) -> Sealed:
    xml = f"<xml>{write()}</xml>" if inside is None else inside
    return seal(account, xml, openid="", timestamp=int(time.time()) - age)


async def test_mutated_callbacks_wake_nobody(door: Door) -> None:
    """A mutation outside of what is signed (the envelope's ToUserName) is still the genuine one."""
    chance, original = random.Random(SEED), genuine()
    assert await door.post(original) == 200
    assert len(door.woken) == 1
    outside = original.body.index(b"<Encrypt>")

    async def attack(one: Sealed) -> None:
        before = len(door.woken)
        status = await door.post(one)
        assert status < 500
        if one.query != original.query or one.body[outside:] != original.body[outside:]:
            genuine_again = status == 200 and _sealed_part(one) == _sealed_part(original)
            assert status in {400, 403, 413} or genuine_again, one
        del door.woken[before:]

    for _ in range(SIZE):
        await attack(chance.choice(OF_SEALED)(chance, original))


def _sealed_part(one: Sealed) -> tuple[bytes, dict[str, str]]:
    """What the signature covers, without the spaces around it."""
    inner = one.body.partition(b"<Encrypt><![CDATA[")[2].partition(b"]]></Encrypt>")[0]
    query = {name: one.query[name] for name in ("msg_signature", "timestamp", "nonce")}
    return inner.strip(), query


def _other_corp() -> Sealed:
    return genuine(account=replace(SEALS, appid="wwother"))


def _plain_under_a_signed_url() -> Sealed:
    return replace(genuine(), body=f"<xml>{write()}</xml>".encode())


def _plain_beside_a_sealed_one() -> Sealed:
    foreign = encrypt(replace(SEALS, aes_key="B" * 42 + "A"), f"<xml>{write()}</xml>".encode())
    body = f"<xml>{write()}<Encrypt>{foreign}</Encrypt></xml>".encode()
    return replace(genuine(), body=body)


def _entities_in_the_envelope() -> Sealed:
    one = genuine()
    body = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + one.body
    return replace(one, body=body)


FORGERIES: list[Callable[[], Sealed]] = [
    lambda: genuine(account=replace(SEALS, token="guessed")),
    lambda: genuine(account=replace(SEALS, aes_key="B" * 42 + "A")),
    _other_corp,
    _plain_under_a_signed_url,
    _plain_beside_a_sealed_one,
    _entities_in_the_envelope,
    lambda: genuine(age=301),
    lambda: genuine(age=-400),
    lambda: Sealed({}, b""),
    lambda: replace(genuine(), body=b"A" * 900_000),
]


async def test_forged_callbacks_are_refused(door: Door) -> None:
    for place, forge in enumerate(FORGERIES):
        assert await door.post(forge()) in {400, 403, 413}, f"forgery {place}"
    assert door.woken == []


INSIDE = [
    "",
    "not xml at all",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><Event>&e;</Event></xml>',
    f"<xml>{write(ToUserName='wwother')}</xml>",
    f"<xml>{write(Token='t' * 600)}</xml>",
]


async def test_rightly_sealed_nonsense_is_refused(door: Door) -> None:
    for inside in INSIDE:
        assert await door.post(genuine(inside)) == 400, inside[:80]
    assert door.woken == []


async def test_unknown_event_and_unknown_kf_account_are_acknowledged(door: Door) -> None:
    for change in ({"Event": "change_contact"}, {"OpenKfId": "wkNobody"}):
        assert await door.post(genuine(f"<xml>{write(**change)}</xml>")) == 200
    assert door.woken == []


async def test_replayed_callback_only_asks_for_another_look(door: Door) -> None:
    original = genuine()
    statuses = await asyncio.gather(*(door.post(original) for _ in range(40)))
    assert set(statuses) == {200}
    assert {str(one["account"]) for one in door.woken} == {"demo"}


async def test_handshake_of_a_stranger_is_not_echoed(door: Door) -> None:
    query = {"msg_signature": "0" * 40, "timestamp": str(int(time.time())), "nonce": "n"}
    query["echostr"] = "<script>"
    async with door.session.get("/channels/kf/demo", params=query) as answer:
        assert answer.status == 403
        assert "<script>" not in await answer.text()


async def test_account_that_is_not_set_up_does_not_exist(door: Door) -> None:
    assert await door.post(genuine(), account="other") == 404


async def test_body_that_never_comes_is_not_waited_for(door: Door) -> None:
    assert door.session._base_url is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", door.session._base_url.port)
    path = b"/channels/kf/demo?msg_signature=a&timestamp=1&nonce=n"
    writer.write(b"POST " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n<xml>")
    async with asyncio.timeout(15):
        assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
