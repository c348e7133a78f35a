"""A conversation in a real database, and a running demo core beside it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from clients.broker import Broker
from clients.verification import Verification
from kernel.ids import new_id
from lab.broker.site import BrokerSettings, build_app
from store.cipher import Cipher
from store.engine import Database

TOKEN = "core-token-of-this-test"


@dataclass
class DemoCore:
    """The running demo core, and what a tester does with it."""

    session: aiohttp.ClientSession
    url: str

    @property
    def broker(self) -> Broker:
        return Broker(self.session, self.url, token=TOKEN, timeout_seconds=5.0)

    async def read_code(self) -> str:
        """Read the newest one-time code as the client would read it on the phone."""
        async with self.session.get(f"{self.url}/demo/sms") as response:
            found = re.search(r"[0-9]{6}", (await response.json())["sms"][0]["text"])
        assert found
        return found.group()

    async def turn_fault(self, mode: str) -> None:
        async with self.session.post(f"{self.url}/demo/fault", json={"mode": mode}) as response:
            assert response.status == 200


@pytest.fixture
async def core() -> AsyncIterator[DemoCore]:
    settings = BrokerSettings(TOKEN, "h" * 32, "demo-core", "zhida-chat")
    async with TestServer(build_app(settings)) as server, aiohttp.ClientSession() as session:
        yield DemoCore(session, str(server.make_url("")).rstrip("/"))


@pytest.fixture
def verification(database: Database, cipher: Cipher, core: DemoCore) -> Verification:
    return Verification(database, cipher, core.broker)


async def open_conversation(database: Database, channel: str = "chat") -> UUID:
    """Insert a stranger with a conversation; return the conversation's id."""
    identity, conversation = new_id(), new_id()
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO identity (id, channel, account, address) "
                "VALUES (:id, :channel, 'demo', :address)"
            ),
            {"id": identity, "channel": channel, "address": str(identity)},
        )
        await connection.execute(
            text("INSERT INTO conversation (id, identity_id) VALUES (:id, :identity)"),
            {"id": conversation, "identity": identity},
        )
    return conversation
