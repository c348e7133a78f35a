"""What a callback suffers on its way, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kernel.clock import FakeClock
from lab.courier import Courier, Parcel
from lab.fault import Fake
from lab.ledger import Ledger
from lab.room import Room


@dataclass
class Doorstep:
    """A door that notes what is posted to it."""

    courier: Courier
    url: str
    heard: list[str] = field(default_factory=list)

    def parcel(self, words: str) -> Parcel:
        stranger = Parcel(self.url, {}, b"stranger")
        return Parcel(self.url, {}, words.encode(), lambda: stranger)

    def fault(self, mode: str, seconds: float = 0.0) -> None:
        target = "acme.callback"
        self.courier.room.faults.turn_on(
            {"mode": mode, "target": target, "times": 1, "seconds": seconds}
        )


@pytest.fixture
async def doorstep(clock: FakeClock) -> AsyncIterator[Doorstep]:
    room = Room.build(clock, Ledger(clock))
    room.join(Fake("acme", ("message",)), lambda: None)
    step = Doorstep(Courier("acme", room), "")

    async def note(request: web.Request) -> web.Response:
        step.heard.append(await request.text())
        return web.Response(text="noted")

    app = web.Application()
    app.router.add_post("/", note)
    async with TestServer(app) as server:
        step.url = str(server.make_url("/"))
        yield step
        await step.courier.close()


async def test_a_callback_arrives_and_is_traced(doorstep: Doorstep) -> None:
    said = await doorstep.courier.post(replace(doorstep.parcel("one"), shown={"account": "demo"}))
    assert (said.status, said.body, doorstep.heard) == (200, b"noted", ["one"])
    (entry,) = doorstep.courier.room.trace.read()
    assert (entry["fake"], entry["opened"], entry["account"]) == ("acme", "one", "demo")


@pytest.mark.parametrize(
    ("mode", "heard"),
    [
        ("duplicate", ["one", "one", "two"]),
        ("late", ["one", "two"]),
        ("lost", ["two"]),
        ("unknown_id", ["stranger", "two"]),
    ],
)
async def test_faults_on_the_way(doorstep: Doorstep, mode: str, heard: list[str]) -> None:
    doorstep.fault(mode)
    await doorstep.courier.post(doorstep.parcel("one"))
    await doorstep.courier.post(doorstep.parcel("two"))
    assert doorstep.heard == heard


async def test_a_held_callback_is_overtaken_or_comes_by_itself(doorstep: Doorstep) -> None:
    doorstep.fault("reordered", seconds=5)
    assert (await doorstep.courier.post(doorstep.parcel("one"))).error == "held"
    await doorstep.courier.post(doorstep.parcel("two"))
    assert doorstep.heard == ["two", "one"]
    doorstep.fault("reordered", seconds=0)
    await doorstep.courier.post(doorstep.parcel("three"))
    async with asyncio.timeout(5):
        while len(doorstep.heard) < 3:
            await asyncio.sleep(0.01)


async def test_a_product_that_is_away_is_told_as_such(doorstep: Doorstep) -> None:
    away = replace(doorstep.parcel("one"), url="http://127.0.0.1:9/")
    said = await doorstep.courier.post(away)
    assert (said.status, said.error) == (0, "ClientConnectorError")
