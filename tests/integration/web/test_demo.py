"""The demo page's doors over real HTTP, against the demo core itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp.test_utils import TestClient, TestServer

from lab.broker.site import BrokerSettings, build_app
from web.api.demo import DemoDoor
from web.app import make_app

TOKEN = "core-token-core-token-core-token-core"
KEY = "host-secret-host-secret-host-secret!"
Client = TestClient[Any, Any]


@pytest.fixture
async def core() -> AsyncIterator[TestServer]:
    settings = BrokerSettings(token=TOKEN, host_key=KEY, host_issuer="app", host_audience="zhida")
    core = TestServer(build_app(settings))
    async with core:
        yield core


@pytest.fixture
async def site(core: TestServer) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        door = DemoDoor(session, str(core.make_url("")).rstrip("/"), TOKEN)
        async with TestClient(TestServer(make_app([door.install]))) as client:
            yield client


async def test_a_client_of_the_list_gets_a_token_that_names_them(site: Client) -> None:
    clients = (await (await site.get("/chat/demo/clients")).json())["clients"]
    number = clients[0]["client_no"]
    assert set(clients[0]) == {"client_no", "name", "story"}
    answer = await site.post("/chat/demo/token", json={"client_no": number})
    token = (await answer.json())["token"]
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience="zhida", issuer="app")
    assert claims["sub"] == number


@pytest.mark.parametrize(
    "body", [{}, {"client_no": 7}, {"client_no": "../demo"}, {"client_no": ""}]
)
async def test_what_is_no_client_number_is_refused(site: Client, body: dict[str, object]) -> None:
    answer = await site.post("/chat/demo/token", json=body)
    assert answer.status == 400


async def test_an_unknown_client_is_not_found(site: Client) -> None:
    answer = await site.post("/chat/demo/token", json={"client_no": "99999999"})
    assert answer.status == 404


async def test_without_the_core_the_page_is_told_to_try_again(
    site: Client, core: TestServer
) -> None:
    await core.close()
    answer = await site.get("/chat/demo/clients")
    assert (answer.status, (await answer.json())["error"]["code"]) == (503, "provider_transient")
