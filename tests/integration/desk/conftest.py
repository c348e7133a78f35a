"""A desk over real HTTP on a real database, with clients who write and staff who sign in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher

from channels.account import Accounts, Detail, Provider
from channels.contract import Capabilities, Channels
from clients.binding import Bindings
from clients.broker import Broker
from clients.profile import Profile
from clients.verification import Verification
from conversations.assistant import Answer, Handover, Question
from desk.board import Board
from desk.contact import Contacts
from desk.letter import Letters
from desk.opening import Opener
from desk.queue import Queue
from desk.ticket import Tickets
from kernel.clock import SystemClock
from kernel.message import Content
from store import audit, staff
from store.cipher import Cipher
from store.engine import Database
from tests.integration.clients.conftest import DemoCore, core
from tests.ledger import LedgerChannel, said
from tests.stage import Stage, make_stage, running
from web.access import Access
from web.api.channel import ChannelDoor
from web.api.desk import DeskDoor
from web.api.desk_client import DeskClientDoor
from web.api.desk_conversation import DeskConversationDoor
from web.api.desk_live import DeskLiveDoor
from web.api.session import SessionDoor
from web.app import make_app
from web.sign_in import SignIns

__all__ = ["core"]
PASSWORD = "correct horse battery staple"
PEOPLE = {
    "anna": ("示例安娜", ("agent",)),
    "bert": ("示例伯特", ("agent",)),
    "mara": ("示例玛拉", ("marketing", "approver")),
    "super": ("示例主管", ("agent", "supervisor")),
    "admin": ("示例管理员", ("admin",)),
}
ACME = Provider(
    "sms",
    "acme",
    "埃克米短信",
    "Acme SMS",
    (Detail("number", "号码", "the number"), Detail("key", "密钥", "the key", is_secret=True)),
    lambda account: LedgerChannel("sms", account.name, Capabilities()),
    "/channels/sms/acme/{account}",
)
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_HASH = _QUICK.hash(PASSWORD)


@dataclass
class Heard:
    """Status and body of an answer."""

    status: int
    body: Any

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


@dataclass
class Colleague:
    """Somebody signed in at the desk, in a browser of their own."""

    session: aiohttp.ClientSession
    id: str
    csrf: str

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Heard:
        if method != "GET":
            headers.setdefault("X-Zhida-CSRF", self.csrf)
        async with self.session.request(
            method, f"/v1/desk/{path}", json=body, headers=headers
        ) as answer:
            return Heard(answer.status, await answer.json())

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer.body
        return answer.body

    async def do(self, path: str, body: object = None) -> Any:
        answer = await self.ask("POST", path, body or {})
        assert answer.status in {200, 201}, answer.body
        return answer.body

    async def send(self, talk: str, text: str, epoch: int, name: str | None = None) -> Heard:
        body = {"client_msg_id": name or str(uuid4()), "text": text, "floor_epoch": epoch}
        return await self.ask("POST", f"conversations/{talk}/messages", body)

    async def live(self) -> Live:
        return Live(await self.session.ws_connect("/v1/desk/live"))


@dataclass
class Live:
    """An open live socket."""

    socket: aiohttp.ClientWebSocketResponse
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def watch(self, talk: str) -> None:
        await self.socket.send_json({"type": "watch", "conversation_id": talk})
        await self.socket.send_json({"type": "ping"})
        await self.read("pong")

    async def read(self, kind: str, **parts: object) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                self.heard.append(frame)
                if frame["type"] == kind and parts.items() <= frame.items():
                    return frame


@dataclass
class Office:
    """The whole desk, and the clients in front of it."""

    stage: Stage
    opener: Opener
    server: TestServer
    sessions: list[aiohttp.ClientSession] = field(default_factory=list)

    def browser(self) -> aiohttp.ClientSession:
        jar = aiohttp.CookieJar(unsafe=True)
        session = aiohttp.ClientSession(self.server.make_url("/"), cookie_jar=jar)
        self.sessions.append(session)
        return session

    async def sign_in(self, login: str) -> Colleague:
        session = self.browser()
        body = {"login": login, "password": PASSWORD}
        async with session.post("/v1/session", json=body) as answer:
            signed = await answer.json()
            assert answer.status == 200, signed
        return Colleague(session, signed["person"]["id"], signed["csrf"])

    async def write(self, words: str, *, who: str = "openid-1", channel: str = "wechat") -> UUID:
        """Let a client write, and wait until it is answered."""
        kept = await self.stage.receiver.receive(
            said(str(uuid4()), words, who=who, channel=channel)
        )
        if kept.floor in {"bot", "none"}:
            await self.stage.until(kept.conversation_id, kept.seq + 1)
        return kept.conversation_id

    async def hand_over(
        self, reason: str = "client_asked", *, who: str = "openid-1", channel: str = "wechat"
    ) -> str:
        """Let a client write what the assistant hands over; return the conversation's id."""
        talk = await self.ask_for_a_person(reason, who=who, channel=channel)
        await self.open_tickets()
        return talk

    async def ask_for_a_person(
        self, reason: str = "client_asked", *, who: str = "openid-1", channel: str = "wechat"
    ) -> str:
        """Let a client be handed over; there is no ticket yet."""
        self.stage.assistant.script = _hand_over(reason)
        return str(await self.write("我要找人工", who=who, channel=channel))

    async def open_tickets(self) -> int:
        async with self.stage.database.transaction() as connection:
            await audit.seal(connection)
        return await self.opener.open_next()


def _hand_over(reason: str) -> Any:
    def script(asked: Question) -> Answer:
        return Answer(
            Content(text="好的，这就为您找人工。"),
            handover=Handover(reason, "客户想找人工"),
            intent="human",
            confidence=0.9,
            slots={"product": "star"},
        )

    return script


@pytest.fixture
async def people(database: Database) -> dict[str, UUID]:
    found = {}
    async with database.transaction() as connection:
        for login, (name, roles) in PEOPLE.items():
            found[login] = await staff.record_person(
                connection, login=login, name=name, password_hash=_HASH, roles=roles
            )
    return found


@pytest.fixture
async def office(
    database: Database,
    cipher: Cipher,
    core: DemoCore,  # a fixture of the clients' tests, used here too
    people: dict[str, UUID],
) -> AsyncIterator[Office]:
    async with running(make_stage(database, cipher)) as stage:
        board = Board(database, cipher, stage.hub)
        task = asyncio.create_task(board.run())
        app = make_app(_make_parts(stage, board, core.broker))
        server = TestServer(app)
        async with server:
            office = Office(stage, Opener(database, cipher, stage.hub), server)
            yield office
            for session in office.sessions:
                await session.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _make_parts(stage: Stage, board: Board, broker: Broker) -> list[Any]:
    database, cipher, hub = stage.database, stage.cipher, stage.hub
    signs = SignIns(database)
    queue = Queue(database, cipher)
    access = Access(database, queue)
    channels: Channels = stage.deliverer.channels
    profile = Profile(database, cipher, broker=broker, clock=SystemClock())
    return [
        SessionDoor(signs).install,
        DeskDoor(signs, access, queue, Tickets(database, cipher, hub), database).install,
        DeskConversationDoor(
            signs, access, Letters(database, cipher, channels, hub), database, cipher, hub
        ).install,
        DeskClientDoor(
            signs,
            access,
            profile,
            Bindings(database),
            Contacts(database, cipher),
            database,
            cipher,
            hub,
        ).install,
        DeskLiveDoor(signs, access, board, database, cipher, hub).install,
        ChannelDoor(
            signs, Accounts([ACME], channels), channels, database, cipher, hub, "https://zhida.test"
        ).install,
    ]


@pytest.fixture
def verification(database: Database, cipher: Cipher, core: DemoCore) -> Verification:
    return Verification(database, cipher, core.broker)
