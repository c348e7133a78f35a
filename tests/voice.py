"""The lab's telephones and the product's door for calls, joined over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from channels.account import Account, Accounts
from channels.contract import Channel
from channels.voice.provider import PROVIDER
from channels.voice.webhook import VoiceDoor
from kernel.clock import SystemClock
from lab.played import PlayedAccount
from lab.room import Room
from lab.site import ROOM, LabSettings, build_app
from tests.stage import Stage
from web.app import make_app

NUMBER = "+8613800138000"
CALLER = "+15005550009"
ACCOUNT_SID = "AC" + "c" * 32
AUTH_TOKEN = "voice-token-of-the-tests"


def voice_account(site: str = "http://127.0.0.1:9", api: str = "http://127.0.0.1:9") -> Account:
    public = {"account_sid": ACCOUNT_SID, "number": CALLER, "site": site, "api_base": api}
    secret = {"auth_token": AUTH_TOKEN}
    return PROVIDER.complete(Account("voice", "twilio", "demo", public, secret))


@dataclass
class VoiceLab:
    """A running lab with telephones."""

    url: str
    site: str
    room: Room
    session: aiohttp.ClientSession

    def channel(self) -> Channel:
        return PROVIDER.build(voice_account(self.site, f"{self.url}/twilio-api"))

    async def habit(self, state: str, number: str = NUMBER) -> None:
        await self._post(f"/lab/voice/demo/phone/{number}", {"state": state})

    async def fault(self, mode: str, **more: Any) -> None:
        await self._post("/lab/faults", {"mode": mode, "target": "twilio.call"} | more)

    async def call(self, number: str = NUMBER) -> Any:
        async with self.session.get("/lab/voice/demo/calls", params={"number": number}) as answer:
            calls = (await answer.json())["calls"]
            return calls[-1] if calls else None

    async def act(self, sid: str, what: str, **body: Any) -> Any:
        return await self._post(f"/lab/voice/demo/calls/{sid}/{what}", body)

    async def _post(self, path: str, body: Any) -> Any:
        async with self.session.post(path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    @property
    def ledger(self) -> list[Any]:
        return [dict(one) for one in self.room.ledger.read() if one["channel"] == "voice"]


@asynccontextmanager
async def running_voice_lab(site: str = "http://127.0.0.1:9") -> AsyncIterator[VoiceLab]:
    one = voice_account(site)
    played = PlayedAccount("voice", "twilio", "demo", one.public, one.secret, site)
    app = build_app(LabSettings({}, played=(played,)))
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with aiohttp.ClientSession(url) as session:
            yield VoiceLab(url, site, app[ROOM], session)


@asynccontextmanager
async def running_voice_door(stage: Stage, *, port: int, api: str) -> AsyncIterator[Accounts]:
    accounts = Accounts([PROVIDER], stage.receiver.channels)
    accounts.put(voice_account(f"http://127.0.0.1:{port}", api))
    door = VoiceDoor(
        accounts, stage.receiver, stage.database, stage.cipher, stage.hub, SystemClock()
    )
    async with TestServer(make_app([door.install]), port=port):
        yield accounts
        for channel in stage.receiver.channels:
            await channel.close()
