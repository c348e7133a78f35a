"""The public site exactly as the product builds it, in this process, on a database of the test."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import jwt
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from kernel.clock import FakeClock
from lab.broker.site import BrokerSettings
from lab.broker.site import build_app as build_core
from service.build import House, build
from service.desk import DeskHouse, build_desk
from service.serve import public_parts
from service.settings import Settings
from store import audit, staff
from web.app import make_app
from web.sign_in import COOKIE, CSRF_HEADER

DOCUMENT = Path(__file__).parents[1] / "docs" / "openapi.yaml"
CORE_TOKEN = "core-token-of-this-test"
HOST_KEY = "host-key-of-this-test-32-bytes-long"
EVENTS_KEY = "events-key-of-this-test-32-bytes-xx"
CLIENT = "86000003"
ROLES = {
    "agent": ("agent",),
    "supervisor": ("agent", "supervisor"),
    "admin": ("admin",),
    "marketing": ("marketing",),
    "approver": ("approver",),
}


def read_document() -> dict[str, Any]:
    """Read the description of the site."""
    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    return document


def make_settings(database_url: str, *, core_port: int = 1) -> Settings:
    """Return the settings of a demo whose neighbours, but for the core, do not answer."""
    key = base64.b64encode(b"k" * 32).decode()
    return Settings(
        database_url=database_url,
        redis_url="unix:///nowhere/valkey.sock",
        core_port=core_port,
        core_token=CORE_TOKEN,
        encoder_port=1,
        rasa_port=1,
        lab_port=1,
        lab_smtp_port=1,
        chat_jwt_key=HOST_KEY,
        visitor_key="visitor-key-of-this-test-32-bytes-x",
        actions_token="actions",
        events_key=EVENTS_KEY,
        data_keys=f"1:{key}",
        index_key=key,
        demo_key="demo",
        demo_password="correct horse battery staple",
    )


async def build_site(settings: Settings) -> tuple[House, DeskHouse, web.Application]:
    """Build the house and its public site; nothing is connected to yet."""
    house = await build(settings, worker="test")
    desk = build_desk(house)
    return house, desk, make_app(public_parts(house, desk), ancestors=settings.allowed_origins)


@dataclass
class Site:
    """The running site, and what a caller may know of it."""

    url: str
    house: House
    desk: DeskHouse
    ids: dict[str, str] = field(default_factory=dict)

    def chat_headers(self, subject: str = CLIENT) -> dict[str, str]:
        """Return what the host app of a client sends."""
        now = int(time.time())
        settings = self.house.settings
        claims = {"iss": settings.chat_jwt_issuer, "aud": settings.chat_jwt_audience}
        times = {"iat": now, "exp": now + 3600}
        token = jwt.encode({**claims, **times, "sub": subject}, HOST_KEY, algorithm="HS256")
        return {"Authorization": f"Bearer {token}"}

    async def staff_headers(self, role: str) -> dict[str, str]:
        """Sign a person of this role in; return what their browser sends."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        async with self.house.database.transaction() as connection:
            person = await staff.record_person(
                connection, login=role, name=f"示例{role}", password_hash="", roles=ROLES[role]
            )
            await staff.record_sign_in(
                connection,
                person,
                token_hash=hashlib.sha256(token.encode()).digest(),
                csrf=csrf,
                lasts=timedelta(hours=1),
            )
        return {"Cookie": f"{COOKIE}={token}", CSRF_HEADER: csrf}

    async def fill(self) -> None:
        """Let a client write, and wait for the ticket; the assistant's absence hands it over."""
        body = {"client_msg_id": str(uuid4()), "text": "我要找人工"}
        async with (
            aiohttp.ClientSession(self.url, headers=self.chat_headers()) as guest,
            guest.post("/chat/messages", json=body) as answer,
        ):
            assert answer.status == 202, await answer.text()
        account = await self._add_account()
        await self._open_ticket()
        headers = await self.staff_headers("supervisor")
        async with aiohttp.ClientSession(self.url, headers=headers) as desk:
            async with desk.get("/v1/desk/tickets?view=all") as answer:
                ticket = (await answer.json())["tickets"][0]
            async with desk.get(f"/v1/desk/tickets/{ticket['id']}") as answer:
                talk = (await answer.json())["conversation_id"]
            async with desk.get(f"/v1/desk/clients/{ticket['client']['id']}") as answer:
                identity = (await answer.json())["identities"][0]["id"]
            async with desk.get("/v1/session") as answer:
                person = (await answer.json())["person"]["id"]
        self.ids = {
            "tickets": ticket["id"],
            "conversations": talk,
            "clients": ticket["client"]["id"],
            "identity": identity,
            "person_id": person,
            "channels": account,
        }

    async def _add_account(self) -> str:
        """Set up a second account like the demo's first one, as an admin does."""
        like = self.house.accounts.get("sms", "aliyun")
        body = {"channel": "sms", "provider": "aliyun", "name": "second"}
        kept = {"public": dict(like.public), "secret": dict(like.secret)}
        headers = await self.staff_headers("admin")
        async with (
            aiohttp.ClientSession(self.url, headers=headers) as admin,
            admin.post("/v1/channels", json={**body, **kept}) as answer,
        ):
            assert answer.status == 201, await answer.text()
            return str((await answer.json())["id"])

    async def _open_ticket(self) -> None:
        async with asyncio.timeout(30):
            while True:
                async with self.house.database.transaction() as connection:
                    await audit.seal(connection)
                if await self.desk.opener.open_next():
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running_site(database_url: str) -> AsyncIterator[Site]:
    """Run the site with a demo core beside it, a client who waits, and a worker for turns."""
    core = BrokerSettings(CORE_TOKEN, HOST_KEY, "zhida-demo-app", "zhida")
    async with TestServer(build_core(core, clock=FakeClock())) as beside:
        settings = make_settings(database_url, core_port=beside.port or 1)
        house, desk, app = await build_site(settings)
        await house.roster.refresh()
        worker = asyncio.create_task(house.worker.run())
        try:
            async with TestServer(app) as server:
                site = Site(str(server.make_url("")).rstrip("/"), house, desk)
                await site.fill()
                yield site
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
            await house.close()
