"""The lab's mailboxes and the product's mail door, joined over real SMTP and HTTP."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from channels.account import Account, Accounts
from channels.email.address import ReturnDesk
from channels.email.channel import EmailChannel
from channels.email.provider import PROVIDER, find_returns
from channels.email.webhook import EmailDoor
from kernel.clock import SystemClock
from kernel.signature import SIGNATURE, TIMESTAMP, sign
from lab.broker.gate import answer_errors
from lab.control import Control
from lab.ledger import Ledger
from lab.mail.account import MailAccount
from lab.mail.fake import MAIL, add_mail
from lab.room import Room
from tests.stage import Stage
from web.app import make_app

SENDER = "service@mail.zhida.test"
CLIENT = "client@example.cn"
REPLY_KEY = "reply-key-of-the-tests"
WEBHOOK_KEY = "webhook-key-of-the-tests"
SITE = "https://zhida.test"


def mail_account(port: int, **public: str) -> Account:
    values = {
        "host": "127.0.0.1",
        "port": str(port),
        "security": "none",
        "sender": SENDER,
        "sender_name": "智达期货",
        "site": SITE,
    }
    secret = {"reply_key": REPLY_KEY, "webhook_key": WEBHOOK_KEY}
    return PROVIDER.complete(Account("email", "smtp", "demo", values | public, secret))


@dataclass
class MailLab:
    """A running lab with mailboxes alone: its site, its SMTP port, its room."""

    url: str
    smtp_port: int
    room: Room
    session: aiohttp.ClientSession

    async def act(self, what: str, **body: Any) -> Any:
        async with self.session.post(f"/lab/mail/demo/{what}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def mailbox(self, address: str = CLIENT) -> list[Any]:
        async with self.session.get(f"/lab/mail/demo/mailbox/{address}") as answer:
            mails: list[Any] = (await answer.json())["mails"]
            return mails

    async def fault(self, mode: str, **more: Any) -> None:
        body = {"mode": mode, "target": "mail.smtp"} | more
        async with self.session.post("/lab/faults", json=body) as answer:
            assert answer.status == 200, await answer.text()

    @property
    def ledger(self) -> list[Any]:
        return [dict(one) for one in self.room.ledger.read()]

    def channel(self, **public: str) -> EmailChannel:
        channel = PROVIDER.build(mail_account(self.smtp_port, **public))
        assert isinstance(channel, EmailChannel)
        return channel


@asynccontextmanager
async def running_mail_lab(product: str = "http://127.0.0.1:9") -> AsyncIterator[MailLab]:
    clock = SystemClock()
    room = Room.build(clock, Ledger.open(clock, None))
    app = web.Application(middlewares=[answer_errors], client_max_size=1 << 24)
    app.add_routes(Control(room).routes())
    account = MailAccount("demo", SENDER, f"{product}/channels/email/demo", WEBHOOK_KEY)
    add_mail(app, room, {"demo": account}, port=0)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        async with aiohttp.ClientSession(url) as session:
            yield MailLab(url, app[MAIL].port, room, session)


@dataclass
class MailDoor:
    """The product's mail door and what it is signed with."""

    session: aiohttp.ClientSession
    account: Account
    stage: Stage | None = field(default=None)

    @property
    def returns(self) -> ReturnDesk:
        return find_returns(self.account)

    async def post(
        self, body: bytes, headers: Mapping[str, str] | None = None, *, name: str = "demo"
    ) -> tuple[int, str]:
        headers = sign_body(body) if headers is None else headers
        path = f"/channels/email/{name}"
        async with self.session.post(path, data=io.BytesIO(body), headers=headers) as answer:
            text = await answer.text()
            is_json = answer.content_type == "application/json" and answer.status == 200
            return answer.status, json.loads(text)["outcome"] if is_json else text

    async def deliver(
        self, raw: bytes, to: Sequence[str] = (SENDER,), *, dmarc: str = "pass"
    ) -> tuple[int, str]:
        return await self.post(pack(raw, to, dmarc=dmarc))


def pack(raw: bytes, to: Sequence[str] = (SENDER,), *, dmarc: str = "pass") -> bytes:
    posted = {"from": "x", "to": list(to), "dmarc": dmarc, "raw": base64.b64encode(raw).decode()}
    return json.dumps(posted).encode()


def sign_body(body: bytes, *, key: str = WEBHOOK_KEY, age: int = 0) -> dict[str, str]:
    stamp = str(int(time.time()) - age)
    return {TIMESTAMP: stamp, SIGNATURE: sign(stamp, body, key)}


def write_mail(text: str = "怎么出金？", *, sender: str = CLIENT, **headers: str) -> bytes:
    lines = {
        "From": f"Client <{sender}>",
        "To": SENDER,
        "Subject": "question",
        "Message-ID": f"<{abs(hash((text, sender)))}@example.cn>",
        "Date": "Sun, 22 Nov 2026 10:00:00 +0800",
        "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return head.encode() + b"\r\n" + text.encode()


@asynccontextmanager
async def running_mail_door(
    stage: Stage, *, port: int, smtp_port: int = 9
) -> AsyncIterator[MailDoor]:
    accounts = Accounts([PROVIDER], stage.receiver.channels)
    accounts.put(mail_account(smtp_port))
    door = EmailDoor(accounts, stage.receiver, stage.database, stage.hub, SystemClock())
    async with (
        TestServer(make_app([door.install]), port=port) as server,
        aiohttp.ClientSession(str(server.make_url("")).rstrip("/")) as session,
    ):
        yield MailDoor(session, accounts.get("email", "demo"), stage)
