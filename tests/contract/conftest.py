"""A running demo core for the contract tests, over real HTTP on a free port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from kernel.clock import FakeClock
from lab.broker.site import BrokerSettings, build_app

BROKER_TOKEN = "core-token-of-this-test"
HOST_KEY = "host-key-of-this-test-32-bytes-long"


@dataclass
class RunningBroker:
    """The demo core's address, its clock, and a session that carries its token."""

    url: str
    clock: FakeClock
    session: aiohttp.ClientSession


@pytest.fixture
async def broker_site() -> AsyncIterator[RunningBroker]:
    clock = FakeClock()
    settings = BrokerSettings(BROKER_TOKEN, HOST_KEY, "demo-core", "zhida-chat")
    async with TestServer(build_app(settings, clock=clock)) as server:
        url = str(server.make_url("")).rstrip("/")
        headers = {"Authorization": f"Bearer {BROKER_TOKEN}"}
        async with aiohttp.ClientSession(url, headers=headers) as session:
            yield RunningBroker(url, clock, session)
