"""The SMS doors with the lab behind them, and what gateways post to them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from channels.account import Accounts
from channels.catalog import list_providers
from channels.contract import Capabilities, Channels
from channels.sms.twilio.signature import sign
from kernel.message import Address, SendResult
from store import outbox
from store.cipher import Cipher
from store.engine import Database
from tests.ledger import LedgerChannel, said
from tests.sms import (
    ABROAD,
    ACCOUNT_SID,
    AUTH_TOKEN,
    MAINLAND,
    PUSH_TOKEN,
    SENDER,
    aliyun_account,
    running_doors,
    twilio_account,
)
from tests.stage import Stage, make_stage, running
from tests.wechat import free_port

SID = "SM" + "1" * 32
TWILIO = "/channels/sms/twilio/twilio"
ALIYUN = f"/channels/sms/aliyun/aliyun/{PUSH_TOKEN}"


@dataclass
class Door:
    """The product's doors, a session on them, and what is behind."""

    session: aiohttp.ClientSession
    stage: Stage
    accounts: Accounts
    site: str
    channels: dict[str, LedgerChannel]

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> int:
        async with self.session.post(path, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def form(
        self, form: Mapping[str, str], path: str = TWILIO, *, token: str = AUTH_TOKEN, **more: str
    ) -> int:
        """Post a form that `token` has signed; `more` is added after it was signed."""
        fields = {name: [value] for name, value in form.items()}
        headers = {
            "X-Twilio-Signature": sign(token, self.site + path, fields),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return await self.post(path, urlencode(dict(form) | more).encode(), headers)

    async def push(self, rows: Any, path: str = ALIYUN) -> int:
        body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
        return await self.post(path, body)

    async def count(self, table: str) -> int:
        async with self.stage.database.transaction() as connection:
            found = await connection.execute(text(f"SELECT count(*) FROM {table}"))
            return int(found.scalar_one())

    async def reply(self, account: str, number: str, result: SendResult) -> UUID:
        """Let a reply to this number leave with this outcome; returns its outbox id."""
        self.channels[account].script = lambda _: result
        one = replace(said(str(uuid4())), address=Address("sms", account, number))
        kept = await self.stage.receiver.receive(one)
        await self.stage.until(kept.conversation_id, kept.seq + 1)
        async with asyncio.timeout(10):
            while True:
                async with self.stage.database.transaction() as connection:
                    row = (await connection.execute(_LAST)).one()
                if row.state not in {"queued", "sending"}:
                    return UUID(str(row.id))
                await asyncio.sleep(0.02)

    async def state(self, outbox_id: UUID) -> str:
        async with self.stage.database.transaction() as connection:
            return (await outbox.find_state(connection, outbox_id))[0]


_LAST = text("SELECT id, state FROM outbox ORDER BY created_at DESC LIMIT 1")


@pytest.fixture
async def door(database: Database, cipher: Cipher) -> AsyncIterator[Door]:
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    stage = make_stage(database, cipher)
    accounts = Accounts(list_providers(site), Channels())
    accounts.put(twilio_account(site))
    accounts.put(aliyun_account())
    channels = {}
    for account in ("twilio", "aliyun"):
        channels[account] = LedgerChannel("sms", account, Capabilities())
        stage.receiver.channels.add(channels[account])
    async with (
        running_doors(stage, accounts, port=port),
        running(stage),
        aiohttp.ClientSession(site) as session,
    ):
        yield Door(session, stage, accounts, site, channels)


def message(**more: str) -> dict[str, str]:
    return {
        "MessageSid": SID,
        "AccountSid": ACCOUNT_SID,
        "From": ABROAD,
        "To": SENDER,
        "Body": "怎么出金",
        "NumMedia": "0",
    } | more


def report(**more: str) -> dict[str, str]:
    form = {"MessageSid": SID, "AccountSid": ACCOUNT_SID, "MessageStatus": "delivered"}
    return form | {"From": SENDER, "To": ABROAD} | more


def uplink(**more: Any) -> dict[str, Any]:
    return {
        "phone_number": MAINLAND.removeprefix("+86"),
        "send_time": "2026-11-22 10:00:00",
        "content": "怎么出金",
        "sign_name": "智达期货",
        "dest_code": "106900010042",
        "sequence_id": 1234567890,
    } | more


def pushed(**more: Any) -> dict[str, Any]:
    return {
        "phone_number": MAINLAND.removeprefix("+86"),
        "success": True,
        "err_code": "DELIVERED",
        "report_time": "2026-11-22 10:00:03",
        "biz_id": "900^0",
        "out_id": "",
        "sms_size": "1",
    } | more
