"""The lab's WeChat and the product's webhook, joined over real HTTP."""

from __future__ import annotations

import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from channels.wechat.channel import WechatChannel
from channels.wechat.client import WechatClient
from channels.wechat.signature import Keys, Signature
from channels.wechat.webhook import Webhook
from kernel.clock import Clock, SystemClock
from lab.site import WORLD, LabSettings, build_app
from lab.wechat.account import LabAccount
from lab.wechat.world import World
from tests.stage import Stage
from web.app import make_app

APPID = "labwx0123456789"
SECRET = "lab-secret-of-the-tests"
TOKEN = "lab-token-of-the-tests"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
OPENID = "lab_openid_of_the_tests_0001"
KEYS = Keys(APPID, TOKEN, AES_KEY)


def lab_account(callback: str) -> LabAccount:
    return LabAccount("demo", APPID, SECRET, TOKEN, AES_KEY, f"{callback}/channels/wechat/demo")


@dataclass
class Lab:
    """A running lab: its address, its state, and a session on it."""

    url: str
    world: World
    session: aiohttp.ClientSession
    errors: list[str] = field(default_factory=list)

    @property
    def api_base(self) -> str:
        return f"{self.url}/wechat-api"

    def client(self, **more: Any) -> WechatClient:
        return WechatClient(APPID, SECRET, api_base=self.api_base, **more)

    async def say(self, text: str = "怎么出金", *, openid: str = OPENID, **more: Any) -> Any:
        body = {"openid": openid} | ({} if more.keys() & {"event", "xml"} else {"text": text})
        async with self.session.post("/lab/wechat/demo/say", json=body | more) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def fault(self, mode: str, **more: Any) -> None:
        async with self.session.post("/lab/faults", json={"mode": mode} | more) as answer:
            assert answer.status == 200, await answer.text()

    @property
    def ledger(self) -> list[Any]:
        return [dict(one) for one in self.world.room.ledger.read()]


@asynccontextmanager
async def running_lab(
    callback: str = "http://127.0.0.1:9", *, clock: Clock | None = None, ledger: Path | None = None
) -> AsyncIterator[Lab]:
    settings = LabSettings({"demo": lab_account(callback)}, ledger=ledger)
    app = build_app(settings, clock=clock)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with aiohttp.ClientSession(url) as session:
            yield Lab(url, app[WORLD], session)


@asynccontextmanager
async def running_webhook(
    stage: Stage, *, port: int, patience: float = 3.5
) -> AsyncIterator[Webhook]:
    hook = Webhook(
        signatures={"demo": Signature(KEYS, SystemClock())},
        receiver=stage.receiver,
        lines=stage.lines,
        record_passive=stage.deliverer.record_passive,
        database=stage.database,
        cipher=stage.cipher,
        hub=stage.hub,
        clock=SystemClock(),
        patience=patience,
    )
    async with TestServer(make_app([hook.install]), port=port):
        yield hook


def wechat_channel(lab: Lab) -> WechatChannel:
    return WechatChannel("demo", lab.client())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
