"""The lab's JPush, another's push service, and the product's door for devices."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels.account import Account, Accounts, Provider
from channels.chat.signature import ChatKeys
from channels.contract import Channel
from channels.push.device import Devices, StoredDevices
from channels.push.jpush.provider import make_provider as make_jpush
from channels.push.web.provider import make_provider as make_web_push
from channels.push.web.subscription import Subscription
from kernel.clock import SystemClock
from kernel.message import Address
from lab.played import PlayedAccount
from lab.room import Room
from lab.site import ROOM, LabSettings, build_app
from tests.peer import running_peer
from tests.stage import Stage
from tests.wechat import free_port
from web.api.push import PushDoor
from web.app import make_app

REGISTRATION = "1a0018970a8a8a8a8a8"
PRIVATE_KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).decode().rstrip("=")
HOST_KEY = "host-key-of-the-push-tests-32-bytes"
KEYS = ChatKeys(HOST_KEY, "broker", "zhida", "visitor-key-of-the-push-tests-32", ())


@dataclass
class MemoryDevices:
    """Devices without a database."""

    devices: dict[str, Mapping[str, str]] = field(default_factory=dict)
    keys: dict[UUID, str] = field(default_factory=dict)

    async def find(self, address: Address) -> Mapping[str, str] | None:
        return self.devices.get(address.address)

    async def end(self, address: Address) -> None:
        self.devices.pop(address.address, None)

    async def find_key(self, outbox_id: UUID) -> str | None:
        return self.keys.get(outbox_id)

    async def record_key(self, outbox_id: UUID, key: str) -> str:
        return self.keys.setdefault(outbox_id, key)


def jpush_account(api: str = "http://127.0.0.1:9") -> Account:
    public = {"app_key": "a1" * 12, "title": "智达期货", "api_base": api}
    return Account("push", "jpush", "jpush", public, {"master_secret": "b2" * 12})


def web_account(hosts: str = "") -> Account:
    public = {"title": "智达期货", "subject": "mailto:a@zhida.test", "hosts": hosts}
    return Account("push", "web", "web", public, {"private_key": PRIVATE_KEY})


def build(provider: Provider, account: Account) -> Channel:
    return provider.build(provider.complete(account))


@dataclass
class PushLab:
    """A running lab with JPush."""

    url: str
    room: Room
    session: aiohttp.ClientSession

    @property
    def api(self) -> str:
        return f"{self.url}/jpush-api"

    def channel(self, devices: Devices) -> Channel:
        return build(make_jpush(devices), jpush_account(self.api))

    async def fault(self, mode: str, target: str = "jpush.push", **more: Any) -> None:
        await self.post("/lab/faults", {"mode": mode, "target": target} | more)

    async def post(self, path: str, body: Any) -> Any:
        async with self.session.post(path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def pushes(self, registration: str = REGISTRATION) -> list[Any]:
        async with self.session.get(f"/lab/push/jpush/phone/{registration}") as answer:
            found: list[Any] = (await answer.json())["pushes"]
            return found

    @property
    def ledger(self) -> list[Any]:
        return [dict(one) for one in self.room.ledger.read() if one["channel"] == "push"]


@asynccontextmanager
async def running_push_lab() -> AsyncIterator[PushLab]:
    one = make_jpush(MemoryDevices()).complete(jpush_account())
    played = PlayedAccount("push", "jpush", "jpush", one.public, one.secret)
    app = build_app(LabSettings({}, played=(played,)))
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with aiohttp.ClientSession(url) as session:
            yield PushLab(url, app[ROOM], session)


@dataclass
class Browser:
    """npm web-push-testing: a push service and the browser behind it."""

    url: str
    session: aiohttp.ClientSession

    async def subscribe(self, public_key: str) -> Any:
        body = {"userVisibleOnly": "true", "applicationServerKey": public_key}
        async with self.session.post("/subscribe", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return (await answer.json())["data"]

    async def messages(self, client: str) -> list[str]:
        async with self.session.post("/get-notifications", json={"clientHash": client}) as answer:
            found: list[str] = (await answer.json())["data"]["messages"]
            return found

    async def expire(self, client: str) -> None:
        async with self.session.post(f"/expire-subscription/{client}") as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    port = free_port()
    url = f"http://localhost:{port}"
    async with running_peer("push.js", {"PORT": str(port)}) as peer:
        assert await peer.hear() == {"port": port}
        async with aiohttp.ClientSession(url) as session:
            yield Browser(url, session)


def host_token(subject: str, **claims: Any) -> str:
    now = int(time.time())
    body = {"sub": subject, "iss": "broker", "aud": "zhida", "iat": now, "exp": now + 600}
    return jwt.encode(body | claims, HOST_KEY, algorithm="HS256")


@dataclass
class PushDoorway:
    """The product's door for devices and somebody who knocks with a token."""

    session: aiohttp.ClientSession
    accounts: Accounts

    async def post(self, path: str, body: Any, *, token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or host_token('9001')}"}
        async with self.session.post(f"/chat/push/{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def key(self) -> str:
        headers = {"Authorization": f"Bearer {host_token('9001')}"}
        async with self.session.get("/chat/push/key", headers=headers) as answer:
            return str((await answer.json())["public_key"])


@asynccontextmanager
async def running_push_door(stage: Stage, *accounts: Account) -> AsyncIterator[PushDoorway]:
    devices = StoredDevices(stage.database, stage.cipher)
    book = Accounts([make_jpush(devices), make_web_push(devices)], stage.receiver.channels)
    for account in accounts:
        book.put(account)
    door = PushDoor(book, KEYS, stage.database, stage.cipher, stage.hub, SystemClock())
    async with (
        TestServer(make_app([door.install])) as server,
        aiohttp.ClientSession(str(server.make_url("")).rstrip("/")) as session,
    ):
        yield PushDoorway(session, book)
        for channel in stage.receiver.channels:
            await channel.close()


@dataclass
class PushService:
    """A push service that keeps what it was posted and fails as it is told, and one browser."""

    channel: Channel
    address: str
    arrived: list[str]
    mode: str = ""

    async def fault(self, mode: str) -> None:
        self.mode = mode


@asynccontextmanager
async def running_push_service() -> AsyncIterator[PushService]:
    arrived: list[str] = []
    service: PushService | None = None

    async def take(request: web.Request) -> web.StreamResponse:
        assert service is not None
        body = await request.read()
        if service.mode == "http_429":
            return web.Response(status=429, headers={"Retry-After": "7"})
        arrived.append(f"{request.headers['TTL']} {body.hex()}")
        if service.mode == "http_502":
            return web.Response(status=502, text="<h1>502</h1>")
        if service.mode in {"reset_after", "half", "html_200"} and request.transport:
            request.transport.abort()
        return web.Response(status=201, headers={"Location": "https://push.test/m/1"})

    app = web.Application()
    app.router.add_post("/push/{name}", take)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        public = ec.derive_private_key(7, ec.SECP256R1()).public_key()
        point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = [base64.urlsafe_b64encode(raw).decode().rstrip("=") for raw in (point, b"a" * 16)]
        kept = Subscription(f"{url}/push/1", *keys)
        devices = MemoryDevices({kept.address: kept.to_detail()})
        channel = build(make_web_push(devices), web_account(url))
        service = PushService(channel, kept.address, arrived)
        yield service
