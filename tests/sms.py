"""The lab's Twilio and Aliyun, and the product's doors for them, joined over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from channels.account import Account, Accounts
from channels.catalog import list_providers
from channels.contract import Channel, Channels
from channels.sms.aliyun.webhook import AliyunDoor
from channels.sms.door import DoorKit
from channels.sms.twilio.webhook import TwilioDoor
from kernel.clock import SystemClock
from kernel.message import Address
from lab.played import PlayedAccount
from lab.room import Room
from lab.site import ROOM, LabSettings, build_app
from tests.stage import Stage
from tests.wechat import free_port
from web.app import make_app

ABROAD = "+85251234567"
MAINLAND = "+8613800138000"
SENDER = "+15005550006"
ACCOUNT_SID = "AC" + "a" * 32
AUTH_TOKEN = "lab-auth-token-of-the-tests"
PUSH_TOKEN = "lab0push0token0of0the0tests"
SITE = "http://127.0.0.1:9"


def twilio_account(site: str = SITE, api: str = "", **secret: str) -> Account:
    return Account(
        "sms",
        "twilio",
        "twilio",
        {
            "account_sid": ACCOUNT_SID,
            "sender": SENDER,
            "site": site,
            "link": "https://broker.example/app",
            "api_base": api or "http://127.0.0.1:9",
        },
        {"auth_token": AUTH_TOKEN} | secret,
    )


def aliyun_account(api: str = "", **secret: str) -> Account:
    return Account(
        "sms",
        "aliyun",
        "aliyun",
        {
            "access_key_id": "LTAIlab",
            "sign_name": "智达期货",
            "continue_template": "SMS_100000001",
            "continue_variable": "path",
            "continue_value": "chat/demo",
            "dest_code": "10690001",
            "api_base": api or "http://127.0.0.1:9",
        },
        {"access_key_secret": "lab-secret", "push_token": PUSH_TOKEN} | secret,
    )


@dataclass
class SmsLab:
    """A running lab with both accounts: its address, what it shares, a session on it."""

    url: str
    room: Room
    session: aiohttp.ClientSession
    accounts: Accounts
    channels: Channels

    def channel(self, name: str) -> Channel:
        return self.channels.get(Address("sms", name, ""))

    async def say(self, name: str, number: str, text: str, **more: Any) -> Any:
        body = {"number": number, "text": text} | more
        async with self.session.post(f"/lab/sms/{name}/{name}/say", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def turn(self, name: str, number: str, state: str) -> None:
        path = f"/lab/sms/{name}/{name}/phone/{number}"
        async with self.session.post(path, json={"state": state}) as answer:
            assert answer.status == 200, await answer.text()

    async def fault(self, mode: str, **more: Any) -> None:
        async with self.session.post("/lab/faults", json={"mode": mode} | more) as answer:
            assert answer.status == 200, await answer.text()

    @property
    def ledger(self) -> list[Any]:
        return [dict(one) for one in self.room.ledger.read()]

    @property
    def trace(self) -> list[Any]:
        return [dict(one) for one in self.room.trace.read(limit=2000)]


@asynccontextmanager
async def running_sms_lab(site: str = SITE) -> AsyncIterator[SmsLab]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    accounts = (
        twilio_account(site, f"{url}/twilio-api"),
        aliyun_account(f"{url}/aliyun-api"),
    )
    played = tuple(
        PlayedAccount(one.channel, one.provider, one.name, one.public, one.secret, site)
        for one in accounts
    )
    channels = Channels()
    book = Accounts(list_providers(site), channels)
    app = build_app(LabSettings({}, played=played))
    async with TestServer(app, port=port), aiohttp.ClientSession(url) as session:
        for account in accounts:
            book.put(account)
        yield SmsLab(url, app[ROOM], session, book, channels)
        for channel in channels:
            await channel.close()


@asynccontextmanager
async def running_doors(stage: Stage, accounts: Accounts, *, port: int) -> AsyncIterator[None]:
    kit = DoorKit(accounts, stage.receiver, stage.database, stage.cipher, SystemClock())
    app = make_app([TwilioDoor(kit).install, AliyunDoor(kit).install])
    async with TestServer(app, port=port):
        yield
