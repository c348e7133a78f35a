"""The lab's WeCom and DingTalk with the product's kf and staff accounts, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp.test_utils import TestServer

from channels.account import Account, Accounts
from channels.contract import Channels
from channels.kf.channel import KfChannel
from channels.kf.provider import PROVIDER
from channels.kf.pull import KfPuller
from channels.kf.webhook import KfDoor
from channels.staff.provider import WECOM_ROBOT
from kernel.clock import Clock, SystemClock
from kernel.message import Address, Author, Content, Outbound
from lab.played import PlayedAccount
from lab.site import LabSettings, build_app
from lab.wecom.account import WecomAccounts, find_wecom
from lab.wecom.fake import WECOM
from lab.wecom.world import WecomWorld
from tests.stage import Stage
from web.app import make_app

CORP_ID = "wwlab0123456789abc"
OPEN_KFID = "wklab0123456789"
USER = "wmlab_user_of_the_tests_0001"
KF = {
    "corp_id": CORP_ID,
    "open_kfid": OPEN_KFID,
    "secret": "kf-secret-of-the-tests",
    "token": "kf-token-of-the-tests",
    "aes_key": base64.b64encode(bytes(range(32))).decode().rstrip("="),
}
APP = {"corp_id": CORP_ID, "agent_id": "1000002", "secret": "app-secret-of-the-tests"}
ROBOT = {"key": "robot-key-of-the-tests"}
DING = {"access_token": "ding-token-of-the-tests", "secret": "SECding-of-the-tests"}
_SECRETS = {"secret", "token", "aes_key"}


def played(site: str) -> tuple[PlayedAccount, ...]:
    """What the product would tell the lab of its accounts."""
    kinds = [
        ("kf", "wecom", "demo", KF),
        ("staff", "wecom_app", "app", APP),
        ("staff", "wecom_robot", "robot", ROBOT),
        ("staff", "dingtalk", "ding", DING),
    ]
    return tuple(
        PlayedAccount(channel, provider, name, values, values, site)
        for channel, provider, name, values in kinds
    )


def wecom_accounts(site: str) -> WecomAccounts:
    return find_wecom(played(site))


@dataclass
class WecomLab:
    """A running lab: its address, its state, and a session on it."""

    url: str
    world: WecomWorld
    session: aiohttp.ClientSession

    @property
    def api_base(self) -> str:
        return f"{self.url}/wecom-api"

    def account(self, **previous: str) -> Account:
        public = {name: KF[name] for name in KF.keys() - _SECRETS} | {"api_base": self.api_base}
        secret = {name: KF[name] for name in _SECRETS}
        return Account("kf", "wecom", "demo", public, secret, previous)

    def channel(self) -> KfChannel:
        channel = PROVIDER.build(PROVIDER.complete(self.account()))
        assert isinstance(channel, KfChannel)
        return channel

    def staff(self) -> dict[str, Account]:
        """Return a staff account of each provider, by name."""
        app = {name: APP[name] for name in ("corp_id", "agent_id")} | {"api_base": self.api_base}
        ding = {"api_base": f"{self.url}/dingtalk-api"}
        found = [
            Account("staff", "wecom_app", "app", app, {"secret": APP["secret"]}),
            Account("staff", "wecom_robot", "robot", {"api_base": self.api_base}, dict(ROBOT)),
            Account("staff", "dingtalk", "ding", ding, dict(DING)),
        ]
        return {one.name: one for one in found}

    async def post(self, path: str, body: Any) -> Any:
        async with self.session.post(path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def say(self, text: str = "怎么出金", *, user: str = USER, **more: Any) -> Any:
        body = {"user": user, "text": text} | more
        return await self.post("/lab/kf/demo/say", body)

    async def fault(self, mode: str, **more: Any) -> None:
        await self.post("/lab/faults", {"mode": mode} | more)

    @property
    def ledger(self) -> list[Any]:
        return [dict(one) for one in self.world.room.ledger.read()]

    async def ledger_of(self, count: int) -> list[Any]:
        async with asyncio.timeout(20):
            while len(self.ledger) < count:
                await asyncio.sleep(0.02)
        return self.ledger


@asynccontextmanager
async def running_wecom(
    callback: str = "http://127.0.0.1:9", *, clock: Clock | None = None
) -> AsyncIterator[WecomLab]:
    app = build_app(LabSettings({}, played=played(callback)), clock=clock)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with aiohttp.ClientSession(url) as session:
            yield WecomLab(url, app[WECOM], session)


@dataclass
class KfSite:
    """The product's side: its door on a port, and what pulls."""

    accounts: Accounts
    puller: KfPuller


@asynccontextmanager
async def running_kf(
    stage: Stage, lab: WecomLab, *, port: int, every: float = 30.0
) -> AsyncIterator[KfSite]:
    """Run door and puller of the account `demo` until the end of the block."""
    channels: Channels = stage.receiver.channels
    accounts = Accounts([PROVIDER, WECOM_ROBOT], channels)
    accounts.put(lab.account())
    door = KfDoor(accounts, stage.hub, SystemClock())
    puller = KfPuller(accounts, channels, stage.receiver, SystemClock(), "test", every=every)
    async with TestServer(make_app([door.install]), port=port):
        task = asyncio.create_task(puller.run())
        try:
            yield KfSite(accounts, puller)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for channel in channels:
                await channel.close()


def order(words: str = "您好", *, repeat: bool = False, **more: Any) -> Outbound:
    content = Content(text=words, **more)
    return Outbound(
        uuid4(), Address("kf", "demo", USER), content, Author.BOT, seq=2, is_repeat=repeat
    )
