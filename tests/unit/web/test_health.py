"""What the house says about itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from kernel.errors import Conflict
from web.api import health
from web.api.health import Ask, HealthDoors, Part
from web.app import make_app


async def fine() -> str:
    return "18.4"


async def broken() -> str:
    raise ConnectionError


async def hanging() -> str:
    await asyncio.sleep(3600)
    return ""


def client(
    parts: Mapping[str, tuple[Ask, bool]], *, token: str = ""
) -> TestClient[web.Request, web.Application]:
    made = {name: Part(ask, essential=essential) for name, (ask, essential) in parts.items()}
    doors = HealthDoors(made, version="1", metrics_token=token)

    async def refuse(_: web.Request) -> web.Response:
        raise Conflict

    def more(app: web.Application) -> None:
        app.router.add_get("/things/{id}", refuse)

    return TestClient(TestServer(make_app([doors.install, more])))


@pytest.mark.parametrize(
    ("database", "lab", "status", "overall"),
    [
        (fine, fine, 200, "ok"),
        (fine, broken, 200, "degraded"),
        (broken, fine, 503, "down"),
    ],
)
async def test_the_state_of_the_whole(database: Ask, lab: Ask, status: int, overall: str) -> None:
    async with client({"database": (database, True), "lab": (lab, False)}) as http:
        answer = await http.get("/healthz")
        body = await answer.json()
    assert (answer.status, body["status"], body["version"]) == (status, overall, "1")
    assert set(body["parts"]) == {"database", "lab"}
    assert body["parts"]["lab"]["state"] == ("ok" if lab is fine else "down")


async def test_a_part_that_hangs_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ANSWER_SECONDS", 0.05)
    async with client({"rasa": (hanging, False)}) as http:
        body = await (await http.get("/healthz")).json()
    assert body["parts"]["rasa"]["state"] == "down"
    assert "no answer" in body["parts"]["rasa"]["detail"]


async def test_asking_often_asks_the_parts_once() -> None:
    asked = []

    async def count() -> str:
        asked.append(1)
        return ""

    async with client({"database": (count, True)}) as http:
        await asyncio.gather(*(http.get("/healthz") for _ in range(20)))
    assert len(asked) == 1


async def test_metrics_are_for_those_who_have_the_token() -> None:
    async with client({}, token="t0ken") as http:
        assert (await http.get("/metrics")).status == 401
        wrong = {"Authorization": "Bearer t0kem"}
        assert (await http.get("/metrics", headers=wrong)).status == 401
        right = {"Authorization": "Bearer t0ken"}
        answer = await http.get("/metrics", headers=right)
        assert answer.status == 200
        assert "zhida_http_request_seconds" in await answer.text()


async def test_requests_are_timed_by_route_and_by_the_status_they_got() -> None:
    async with client({"database": (fine, True)}) as http:
        assert (await http.get("/things/8f3a")).status == 409
        shown = await (await http.get("/metrics")).text()
    line = 'zhida_http_request_seconds_count{method="GET",route="/things/{id}",status="409"}'
    assert line in shown
    assert "8f3a" not in shown
