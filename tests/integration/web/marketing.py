"""Marketing at work: the site with somebody who writes, somebody who approves, and clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from kernel.ids import new_id
from orchestrator.shipped import ship_contents
from store.engine import Database
from store.tables.client import client
from tests.site import Site, running_site

READER = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0"}
EVERY_C3 = {"kind": "profile", "field": "risk_level", "is": "in", "value": ["C3"]}
WORDS = {
    "key": "open_day",
    "title": "开放日",
    "category": "marketing",
    "variants": [
        {"channel": "chat", "body": "开放日报名：https://example.com/open?x=1 拒收请回复R"},
        {"channel": "chat", "arm": "b", "body": "来开放日！https://example.com/open?x=1"},
    ],
}


@dataclass
class Office:
    """The site, and a browser for each of marketing's people."""

    site: Site
    marketing: aiohttp.ClientSession
    approver: aiohttp.ClientSession
    agent: aiohttp.ClientSession

    @property
    def database(self) -> Database:
        return self.site.house.database


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with running_site(database_url) as site:
        async with site.house.database.transaction() as connection:
            await ship_contents(connection)
            for number in range(6):
                row = {"id": new_id(), "client_no_hash": f"x{number}".encode()}
                row |= {"client_no_enc": b"\0", "risk_level": f"C{number % 3 + 1}"}
                await connection.execute(client.insert(), row)
        sessions = [
            aiohttp.ClientSession(site.url, headers=await site.staff_headers(role))
            for role in ("marketing", "approver", "agent")
        ]
        try:
            yield Office(site, sessions[0], sessions[1], sessions[2])
        finally:
            for one in sessions:
                await one.close()


async def call(
    who: aiohttp.ClientSession, method: str, path: str, body: object = None
) -> tuple[int, Any]:
    async with who.request(method, path, json=body) as answer:
        return answer.status, await answer.json()


async def approve_content(office: Office, words: dict[str, Any] = WORDS) -> str:
    status, made = await call(office.marketing, "POST", "/v1/contents", words)
    assert status == 201, made
    one = f"/v1/contents/{made['id']}"
    assert (await call(office.marketing, "POST", f"{one}/submit"))[0] == 200
    assert (await call(office.approver, "POST", f"{one}/approve"))[0] == 200
    return str(made["id"])
