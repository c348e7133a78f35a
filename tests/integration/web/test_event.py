"""POST /v1/events over real HTTP, signed and not, on the site as the product builds it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from kernel.signature import SIGNATURE, TIMESTAMP, sign
from orchestrator.event import EventWorker
from service.clientbook import list_handlers
from tests.site import CLIENT, EVENTS_KEY, Site, running_site

EVENT = {
    "key": "e1",
    "client_no": CLIENT,
    "type": "risk_ratio",
    "at": "2026-11-20T09:30:00+08:00",
    "figures": {"ratio": 1.05},
}


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        yield site


async def post(site: Site, body: object, *, key: str = EVENTS_KEY, late: int = 0) -> Any:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    stamp = str(int(time.time()) - late)
    headers = {TIMESTAMP: stamp, SIGNATURE: sign(stamp, raw, key)}
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as system,
        system.post("/v1/events", data=raw) as answer,
    ):
        return answer.status, await answer.json()


async def test_each_event_is_told_its_fate(site: Site) -> None:
    events = [
        EVENT,
        EVENT | {"key": "e2", "client_no": "99999999"},
        EVENT | {"key": "e3", "type": "dividend"},
        EVENT | {"key": "e4", "figures": {}},
        EVENT,
        "x",
    ]
    status, body = await post(site, {"source": "risk", "events": events})
    assert status == 200
    assert [(one["key"], one["fate"]) for one in body["events"]] == [
        ("e1", "accepted"),
        ("e2", "unknown_client"),
        ("e3", "unknown_type"),
        ("e4", "refused"),
        ("e1", "repeated"),
        (None, "refused"),
    ]
    assert "ratio" in body["events"][3]["why"]["en"]
    _, body = await post(site, {"source": "risk", "events": events})
    assert body["counts"] == {"repeated": 4, "refused": 2}
    _, body = await post(site, {"source": "other", "events": events[:1]})
    assert body["counts"] == {"accepted": 1}
    house = site.house
    worker = EventWorker(house.database, house.hub, list_handlers(house))
    assert await worker.handle_next() == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key": "another-key"}, "bad_signature"),
        ({"late": 301}, "stale"),
        ({"late": -310}, "stale"),
    ],
)
async def test_what_is_forged_or_stale_is_refused(
    site: Site, change: dict[str, Any], code: str
) -> None:
    status, body = await post(site, {"source": "risk", "events": [EVENT]}, **change)
    assert (status, body["error"]["code"]) == (403, code)
    _, body = await post(site, {"source": "risk", "events": [EVENT]})
    assert body["counts"] == {"accepted": 1}


async def test_a_body_that_is_changed_on_its_way_is_refused(site: Site) -> None:
    raw, stamp = orjson.dumps({"source": "risk", "events": [EVENT]}), str(int(time.time()))
    headers = {TIMESTAMP: stamp, SIGNATURE: sign(stamp, raw, EVENTS_KEY)}
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as system,
        system.post("/v1/events", data=raw.replace(b"1.05", b"1.01")) as answer,
    ):
        assert answer.status == 403


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"\xff", b'{"source":"x"}'])
async def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(site: Site, body: bytes) -> None:
    status, answer = await post(site, body)
    assert (status, answer["error"]["code"]) == (400, "invalid_input")


async def test_supervisors_see_what_is_kept_and_agents_do_not(site: Site) -> None:
    await post(site, {"source": "risk", "events": [EVENT | {"client_no": "99999999"}]})
    for role, status in (("supervisor", 200), ("agent", 403)):
        headers = await site.staff_headers(role)
        async with (
            aiohttp.ClientSession(site.url, headers=headers) as desk,
            desk.get("/v1/events/kept") as answer,
        ):
            assert answer.status == status
            if status == 200:
                body = await answer.json()
                assert body["counts"] == {"unknown_client": 1}
                assert [one["key"] for one in body["events"]] == ["e1"]
