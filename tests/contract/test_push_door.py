"""Devices ask for pushes, get them without a word of the message, and tell that one was opened."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from channels.push.jpush.channel import JpushChannel
from channels.push.sentence import SENTENCES, make_push
from kernel.message import (
    Accepted,
    Address,
    Author,
    Content,
    Outbound,
    Refusal,
    Rejected,
    Retryable,
    Unknown,
)
from store import conversation, outbox
from store.cipher import Cipher
from store.engine import Database
from store.outbox import Draft
from tests.push import (
    REGISTRATION,
    Browser,
    MemoryDevices,
    PushDoorway,
    PushLab,
    host_token,
    jpush_account,
    running_browser,
    running_push_door,
    running_push_lab,
    web_account,
)
from tests.stage import Stage, make_stage, running

SECRET = Content(
    text="王小明，您的账户88001234可用资金-1,234,567.89元，请于15:00前追加保证金。",
    card={"title": "资金", "rows": [{"label": "可用", "value": "-1234567.89"}], "note": "张三"},
    article={"key": "k77", "title": "强平规则"},
    choices=({"title": "去追加9988", "payload": "/deposit"},),
    media={"url": "https://x.cn/4711.png", "name": "身份证.png"},
    hints={"category": "risk", "urgency": "critical", "client": "王小明"},
)
TELLING = ["王小明", "88001234", "1,234,567", "1234567", "15:00", "保证金", "资金", "张三"]
TELLING += ["强平规则", "9988", "4711", "身份证", "追加", "deposit", "k77"]


@dataclass
class Whole:
    """The lab's JPush, a browser, the door, and what is behind it."""

    lab: PushLab
    browser: Browser
    door: PushDoorway
    stage: Stage

    async def rows(self, sql: str) -> list[Any]:
        async with self.stage.database.transaction() as connection:
            return [tuple(row) for row in (await connection.execute(text(sql))).all()]

    async def push(self, account: str, address: str, content: Content = SECRET) -> UUID:
        async with self.stage.database.transaction() as connection:
            talk = await conversation.open_for(connection, Address("push", account, address))
            draft = Draft(talk.id, Author.SYSTEM, content)
            posted = await outbox.post(connection, self.stage.cipher, draft)
        return posted.outbox_id

    async def until(self, outbox_id: UUID, *states: str) -> None:
        async with asyncio.timeout(20):
            while (await self.rows(f"SELECT state FROM outbox WHERE id = '{outbox_id}'"))[0][
                0
            ] not in states:
                await asyncio.sleep(0.02)

    async def subscribe_browser(self) -> tuple[str, str]:
        data = await self.browser.subscribe(await self.door.key())
        body = {"account": "web", "subscription": data}
        status, kept = await self.door.post("subscribe", body)
        assert status == 201, kept
        return data["clientHash"], kept["address"]


@pytest.fixture
async def whole(database: Database, cipher: Cipher) -> AsyncIterator[Whole]:
    stage = make_stage(database, cipher)
    async with (
        running_push_lab() as lab,
        running_browser() as browser,
        running_push_door(stage, jpush_account(lab.api), web_account(browser.url)) as door,
        running(stage),
    ):
        yield Whole(lab, browser, door, stage)


async def test_app_gets_a_push_that_says_nothing_and_tells_that_it_was_opened(
    whole: Whole,
) -> None:
    body = {"account": "jpush", "registration_id": REGISTRATION}
    assert (await whole.door.post("subscribe", body))[0] == 201
    outbox_id = await whole.push("jpush", REGISTRATION)
    await whole.until(outbox_id, "accepted")
    (pushed,) = await whole.lab.pushes()
    assert pushed["body"]["text"] == SENTENCES["risk"].zh
    assert pushed["body"]["id"] == str(outbox_id)
    assert [part for part in TELLING if part in pushed["body"]["wire"]] == []
    opened = {"account": "jpush", "id": str(outbox_id)}
    assert (await whole.door.post("opened", opened, token=host_token("other")))[0] == 404
    assert (await whole.rows("SELECT count(*) FROM receipt"))[0][0] == 0
    for _ in range(2):
        assert (await whole.door.post("opened", opened))[0] == 200
    await whole.until(outbox_id, "read")
    assert await whole.rows("SELECT count(*) FROM receipt") == [(1,)]


async def test_browser_of_another_maker_reads_the_push(whole: Whole) -> None:
    client, address = await whole.subscribe_browser()
    outbox_id = await whole.push("web", address)
    await whole.until(outbox_id, "accepted")
    (message,) = await whole.browser.messages(client)
    shown = json.loads(message)
    assert shown["body"] == SENTENCES["risk"].zh
    assert shown["link"] == f"zhida://message/{outbox_id}"
    assert [part for part in TELLING if part in message] == []


async def test_subscription_that_is_gone_is_forgotten(whole: Whole) -> None:
    client, address = await whole.subscribe_browser()
    await whole.browser.expire(client)
    await whole.until(await whole.push("web", address), "rejected")
    assert await whole.rows("SELECT ended_at IS NOT NULL FROM push_device") == [(True,)]
    await whole.until(second := await whole.push("web", address), "rejected")
    found = await whole.rows(f"SELECT reason FROM outbox WHERE id = '{second}'")
    assert found == [("recipient:gone",)]


async def test_app_that_was_removed_is_forgotten_until_it_registers_again(whole: Whole) -> None:
    body = {"account": "jpush", "registration_id": REGISTRATION}
    await whole.door.post("subscribe", body)
    phone = f"/lab/push/jpush/phone/{REGISTRATION}"
    await whole.lab.post(phone, {"state": "removed"})
    await whole.until(await whole.push("jpush", REGISTRATION), "rejected")
    assert await whole.rows("SELECT ended_at IS NOT NULL FROM push_device") == [(True,)]
    await whole.lab.post(phone, {"state": "installed"})
    await whole.door.post("subscribe", body)
    assert await whole.rows("SELECT ended_at IS NOT NULL FROM push_device") == [(False,)]


async def test_device_is_its_owners_and_sealed(whole: Whole) -> None:
    _, address = await whole.subscribe_browser()
    clients = await whole.rows("SELECT client_id IS NOT NULL, address FROM identity")
    assert clients == [(True, address)]
    cells = await whole.rows("SELECT detail_enc, owner_hash FROM push_device")
    assert b"localhost" not in bytes(cells[0][0])
    assert b"9001" not in bytes(cells[0][1])


async def test_only_the_owner_ends_a_device(whole: Whole) -> None:
    body = {"account": "jpush", "registration_id": REGISTRATION}
    await whole.door.post("subscribe", body)
    assert (await whole.door.post("unsubscribe", body, token=host_token("x")))[0] == 404
    assert (await whole.door.post("unsubscribe", body))[0] == 200
    assert await whole.rows("SELECT ended_at IS NOT NULL FROM push_device") == [(True,)]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"account": "nobody"}, 404),
        ({"account": "jpush"}, 400),
        ({"account": "jpush", "registration_id": "a b"}, 400),
        ({"account": "web", "subscription": "x"}, 400),
        ({"account": "web", "subscription": {"endpoint": "http://127.0.0.1:22/"}}, 400),
    ],
)
async def test_wrong_subscriptions_are_refused(whole: Whole, body: Any, status: int) -> None:
    assert (await whole.door.post("subscribe", body))[0] == status
    assert await whole.rows("SELECT count(*) FROM identity") == [(0,)]


async def test_without_a_genuine_token_nothing_is_kept(whole: Whole) -> None:
    body = {"account": "jpush", "registration_id": REGISTRATION}
    for token in ("x", host_token("9001", aud="other"), host_token("9001", exp=1)):
        assert (await whole.door.post("subscribe", body, token=token))[0] == 401


async def test_nobody_registers_devices_without_end(whole: Whole) -> None:
    bodies = [{"account": "jpush", "registration_id": f"device{n:08}"} for n in range(21)]
    statuses = [(await whole.door.post("subscribe", body))[0] for body in bodies]
    assert statuses == [201] * 20 + [429]


def order(address: str = REGISTRATION) -> Outbound:
    return Outbound(uuid4(), Address("push", "jpush", address), SECRET, Author.SYSTEM)


@pytest.fixture
async def jpush() -> AsyncIterator[tuple[PushLab, JpushChannel]]:
    async with running_push_lab() as lab:
        channel = lab.channel(MemoryDevices())
        assert isinstance(channel, JpushChannel)
        yield lab, channel
        await channel.close()


async def test_same_message_is_pushed_once_however_often_it_is_sent(
    jpush: tuple[PushLab, JpushChannel],
) -> None:
    lab, channel = jpush
    one = order()
    await lab.fault("reset_after", times=1)
    assert isinstance(await channel.send(one), Unknown)
    again = [await channel.send(one) for _ in range(3)]
    assert len({str(result) for result in again}) == 1
    assert isinstance(again[0], Accepted)
    assert len(lab.ledger) == 1


@pytest.mark.parametrize("mode", ["http_500", "reset_after", "timeout_after", "half", "html_200"])
async def test_cid_that_cannot_be_had_means_that_nothing_was_pushed(
    jpush: tuple[PushLab, JpushChannel], mode: str
) -> None:
    lab, channel = jpush
    await lab.fault(mode, "jpush.cid", seconds=9)
    assert isinstance(await channel.send(order()), Retryable)
    assert lab.ledger == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1011, Rejected(Refusal.RECIPIENT, "1011", "cannot find user by this audience")),
        (1004, Rejected(Refusal.CONFIG, "1004", "Authen failed")),
        (1003, Rejected(Refusal.CONFIG, "1003", "Parameter value is invalid")),
        (2002, Retryable("http_429", 1.0)),
        (1000, Unknown("http_500")),
        (1030, Unknown("http_503")),
    ],
)
async def test_error_codes(
    jpush: tuple[PushLab, JpushChannel], code: int, expected: object
) -> None:
    lab, channel = jpush
    await lab.fault("errcode", errcode=code)
    assert await channel.send(order()) == expected


@given(
    st.text(max_size=40).filter(lambda one: any(sign.isdigit() for sign in one)),
    st.text(min_size=3, max_size=40),
    st.sampled_from([*SENTENCES, "else", ""]),
)
def test_no_word_of_any_content_is_in_a_push(number: str, name: str, category: str) -> None:
    """Two messages of one category differ on the wire in nothing but our own name of them."""
    hints = {"category": category, "note": name}
    content = Content(text=f"{name}{number}", card={"title": name}, hints=hints)
    outbox_id = uuid4()
    plain = make_push(Content(text="", hints={"category": category}), outbox_id, title="智达")
    assert make_push(content, outbox_id, title="智达") == plain
