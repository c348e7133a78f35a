"""The chat's doors over real HTTP and WebSocket, on a real database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer

from channels.chat.signature import ChatKeys
from clients.broker import Broker
from clients.verification import Verification
from kernel.clock import SystemClock
from kernel.message import Author, Content
from store import conversation, outbox, staff
from store.cipher import Cipher
from store.engine import Database
from tests.stage import Stage, make_stage, running
from web.api.chat import ChatDoors
from web.app import make_app
from web.talk import Talks

KEYS = ChatKeys(
    host_key="host-secret-host-secret-host-secret!",
    issuer="app",
    audience="zhida",
    visitor_key="visitor-secret-visitor-secret-12345",
    origins=("https://broker.example",),
)
Client = TestClient[Any, Any]


@pytest.fixture
async def stage(database: Database, cipher: Cipher) -> AsyncIterator[Stage]:
    async with running(make_stage(database, cipher)) as stage:
        yield stage


@pytest.fixture
async def site(stage: Stage) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        broker = Broker(session, "http://127.0.0.1:1", token="")
        talks = Talks(
            stage.database,
            stage.cipher,
            stage.hub,
            stage.receiver,
            Verification(stage.database, stage.cipher, broker),
            KEYS,
            SystemClock(),
            "智达",
        )
        server = TestServer(make_app([ChatDoors(talks).install]))
        async with TestClient(server) as client:
            yield client


def host_token(**changes: object) -> str:
    now = int(time.time())
    claims = {"sub": "88001234", "iss": "app", "aud": "zhida", "iat": now, "exp": now + 60}
    return jwt.encode(claims | changes, KEYS.host_key, algorithm="HS256")


class Phone:
    """A chat client over WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.welcome: dict[str, Any] = {}

    @classmethod
    async def open(cls, site: Client, token: str, after: int = 0, **headers: str) -> Phone:
        protocols = ("chat.v1", f"bearer.{token}")
        phone = cls(await site.ws_connect("/chat/ws", protocols=protocols, headers=headers))
        await phone.socket.send_json({"type": "hello", "after": after})
        phone.welcome = await phone.read("welcome")
        return phone

    async def say(self, text: str, name: str | None = None) -> dict[str, Any]:
        name = name or str(uuid4())
        await self.socket.send_json({"type": "send", "client_msg_id": name, "text": text})
        return await self.read("ack")

    async def read(self, kind: str, author: str | None = None) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                if frame["type"] == kind and author in {None, frame.get("author")}:
                    return frame


async def give_floor(database: Database, talk: str, name: str) -> None:
    async with database.transaction() as connection:
        person = await staff.record_person(
            connection, login="wang.wei", name=name, password_hash="", roles=["agent"]
        )
        await conversation.move_floor(
            connection, UUID(talk), "agent", actor=f"person:{person}", holder=person
        )


async def visitor(site: Client) -> str:
    reply = await site.post("/chat/visitor")
    return str((await reply.json())["token"])


async def test_who_comes_back_is_told_which_person_is_there(
    site: Client, database: Database
) -> None:
    token = await visitor(site)
    phone = await Phone.open(site, token)
    assert phone.welcome["name"] is None
    await give_floor(database, phone.welcome["conversation"], "小王")
    again = await Phone.open(site, token)
    assert (again.welcome["floor"], again.welcome["name"]) == ("agent", "小王")


async def test_question_is_acknowledged_and_answered(site: Client) -> None:
    phone = await Phone.open(site, await visitor(site))
    ack = await phone.say("怎么出金")
    assert (ack["seq"], ack["dup"]) == (1, False)
    answer = await phone.read("message", "bot")
    assert (answer["seq"], answer["content"]["text"]) == (2, "答：怎么出金")
    assert "hints" not in answer["content"]


async def test_same_message_again_is_a_duplicate(site: Client, stage: Stage) -> None:
    phone = await Phone.open(site, await visitor(site))
    name = str(uuid4())
    first = await phone.say("一", name)
    await phone.read("message", "bot")
    second = await phone.say("一", name)
    assert (second["seq"], second["dup"]) == (first["seq"], True)
    assert len(stage.assistant.asked) == 1


async def test_reconnected_phone_gets_what_it_missed_and_no_more(site: Client) -> None:
    token = await visitor(site)
    phone = await Phone.open(site, token)
    for n in range(3):
        await phone.say(f"问{n}")
        await phone.read("message", "bot")
    await phone.socket.close()
    again = await Phone.open(site, token, after=4)
    assert [(await again.read("message"))["seq"] for _ in range(2)] == [5, 6]


async def test_two_phones_of_one_client_see_the_same(site: Client) -> None:
    one, two = await Phone.open(site, host_token()), await Phone.open(site, host_token())
    await one.say("你好")
    assert (await two.read("message", "client"))["content"]["text"] == "你好"
    assert (await two.read("message", "bot"))["seq"] == 2


async def test_events_and_rest_carry_the_same_conversation(site: Client) -> None:
    headers = {"Authorization": f"Bearer {await visitor(site)}"}
    body = {"client_msg_id": str(uuid4()), "text": "怎么入金"}
    sent = await site.post("/chat/messages", json=body, headers=headers)
    assert (sent.status, await sent.json()) == (202, {"seq": 1, "dup": False})
    ticket = (await (await site.post("/chat/ticket", headers=headers)).json())["ticket"]
    seen = b""
    async with site.get("/chat/events", params={"ticket": ticket, "after": "0"}) as stream:
        async with asyncio.timeout(10):
            while b"id: 2" not in seen:
                seen += await stream.content.readany()
    assert seen.index(b"id: 1") < seen.index(b"id: 2")
    spent = await site.get("/chat/events", params={"ticket": ticket})
    assert spent.status == 401
    history = await (await site.get("/chat/messages", headers=headers)).json()
    assert [one["seq"] for one in history["messages"]] == [1, 2]


async def test_history_goes_backward_from_a_message(site: Client, stage: Stage) -> None:
    token = await visitor(site)
    phone = await Phone.open(site, token)
    await phone.say("一")
    await phone.read("message", "bot")
    reply = await site.get(
        "/chat/messages", params={"before": "2"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert [one["seq"] for one in (await reply.json())["messages"]] == [1]


@pytest.mark.parametrize(
    "changes",
    [{"exp": 1}, {"aud": "other"}, {"iss": "other"}, {"sub": ""}],
    ids=["expired", "audience", "issuer", "nobody"],
)
async def test_bad_token_is_refused_before_the_upgrade(
    site: Client, changes: dict[str, object]
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await Phone.open(site, host_token(**changes))
    assert refused.value.status == 401


async def test_visitor_key_signs_no_client(site: Client) -> None:
    now = int(time.time())
    claims = {"sub": "88001234", "iss": "app", "aud": "zhida", "iat": now, "exp": now + 60}
    forged = jwt.encode(claims, KEYS.visitor_key, algorithm="HS256")
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await Phone.open(site, forged)


async def test_foreign_page_is_refused_before_the_upgrade(site: Client) -> None:
    token = await visitor(site)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await Phone.open(site, token, Origin="https://evil.example")
    assert refused.value.status == 403
    await Phone.open(site, token, Origin="https://broker.example")


async def test_nobody_sees_another_guests_conversation(site: Client) -> None:
    mine, yours = await visitor(site), await visitor(site)
    phone = await Phone.open(site, mine)
    await phone.say("我的秘密")
    reply = await site.get("/chat/messages", headers={"Authorization": f"Bearer {yours}"})
    assert (await reply.json())["messages"] == []


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "invalid_input"),
        ('{"type":"dance"}', "invalid_input"),
        ('{"type":"send","text":"hi"}', "invalid_input"),
        ('{"type":"send","client_msg_id":"12345678","text":" "}', "invalid_input"),
        ('{"type":"send","client_msg_id":"12345678","text":5}', "invalid_input"),
        (f'{{"type":"send","client_msg_id":"12345678","text":"{"长" * 2001}"}}', "invalid_input"),
        (f'{{"type":"send","client_msg_id":"12345678","payload":"{"a" * 2001}"}}', "invalid_input"),
        ('{"type":"read","seq":-1}', "invalid_input"),
        ('{"type":"feedback","seq":1,"helpful":true}', "invalid_input"),
    ],
)
async def test_bad_frame_is_explained_and_the_socket_lives_on(
    site: Client, frame: str, code: str
) -> None:
    phone = await Phone.open(site, await visitor(site))
    await phone.socket.send_str(frame)
    error = await phone.read("error")
    assert error["code"] == code
    assert error["message"]
    assert (await phone.say("还在吗"))["seq"] == 1


async def test_flood_is_slowed_down(site: Client) -> None:
    phone = await Phone.open(site, await visitor(site))
    for n in range(20):
        await phone.say(str(n))
    await phone.socket.send_json({"type": "send", "client_msg_id": "x" * 8, "text": "21"})
    error = await phone.read("error")
    assert (error["code"], error["retryable"]) == ("too_many", True)


async def test_agents_reply_reaches_the_open_socket(site: Client, stage: Stage) -> None:
    phone = await Phone.open(site, await visitor(site))
    await phone.say("你好")
    await phone.read("message", "bot")
    from conversations.transcript import tell_posted

    async with stage.database.transaction() as connection:
        talk = await outbox.post(
            connection,
            stage.cipher,
            outbox.Draft(
                await talk_id(stage), Author.SYSTEM, Content(text="您好"), state="accepted"
            ),
        )
    tell_posted(stage.hub, talk)
    assert (await phone.read("message", "system"))["content"]["text"] == "您好"


async def talk_id(stage: Stage) -> Any:
    return stage.assistant.asked[0].conversation_id
