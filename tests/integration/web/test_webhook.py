"""Webhooks over real HTTP: admins set them up, and a system hears what became of its order."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from kernel.signature import SIGNATURE, TIMESTAMP, sign
from kernel.webhook import KINDS
from orchestrator.ladder import Ladder
from orchestrator.shipped import ship_contents
from service.sealer import Sealer
from service.webhook import list_webhook_workers
from store import notice
from tests.book import add_client, count
from tests.receiver import Receiver, check_told, running_receiver
from tests.site import EVENTS_KEY, Site, running_site


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        async with site.house.database.transaction() as connection:
            await ship_contents(connection)
            await add_client(connection, site.house.cipher, "5501", places={"sms": "13812345678"})
        yield site


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as receiver:
        yield receiver


async def ask(
    site: Site, method: str, path: str, body: object = None, *, role: str = "admin"
) -> Any:
    headers = await site.staff_headers(role)
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as session,
        session.request(method, path, json=body) as answer,
    ):
        return answer.status, await answer.json()


async def add(site: Site, receiver: Receiver, *kinds: str) -> str:
    """Set a webhook up for the orders of `risk`; its receiver learns the secret."""
    body = {"url": receiver.url, "kinds": list(kinds), "source": "risk"}
    status, made = await ask(site, "POST", "/v1/webhooks", body)
    assert status == 201, made
    receiver.secret = made["secret"]
    return str(made["id"])


async def order(site: Site, key: str) -> str:
    body = {
        "source": "risk",
        "key": key,
        "client_no": "5501",
        "urgency": "critical",
        "content": "margin_call",
        "values": {"shortfall": 100, "deadline": "2026-12-01T14:55:00+08:00"},
    }
    data, stamp = json.dumps(body).encode(), str(int(time.time()))
    headers = {TIMESTAMP: stamp, SIGNATURE: sign(stamp, data, EVENTS_KEY)}
    async with (
        aiohttp.ClientSession(site.url) as session,
        session.post("/v1/messages", data=data, headers=headers) as answer,
    ):
        return str((await answer.json())["notice_id"])


async def test_a_system_hears_of_its_order_from_the_workers_of_the_product(
    site: Site, receiver: Receiver
) -> None:
    await add(site, receiver, "notice.cancelled", "message.expired")
    house = site.house
    workers = [Sealer(house.database, house.hub).run(), *list_webhook_workers(house, ["webhook"])]
    running = [asyncio.create_task(one) for one in workers]
    ordered = await order(site, "r-1")
    ladder = Ladder(house.database, house.cipher, house.channels, house.hub)
    await ladder.climb("critical")
    async with house.database.transaction() as connection:
        assert await notice.record_cancelled(
            connection, [UUID(ordered)], "topped up", actor="system:risk"
        )
    async with asyncio.timeout(20):
        while not receiver.ledger:
            await asyncio.sleep(0.05)
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    [told] = receiver.ledger
    check_told(told)
    assert (told["kind"], told["notice_id"], told["keys"]) == (
        "notice.cancelled",
        ordered,
        ["r-1"],
    )
    assert told["client_no"] == "5501"


async def test_without_the_role_nothing_runs(site: Site) -> None:
    assert list_webhook_workers(site.house, ["deliver", "channel"]) == []


async def test_a_secret_is_shown_once_and_rests_sealed(site: Site, receiver: Receiver) -> None:
    await add(site, receiver, "ticket.closed")
    _, listed = await ask(site, "GET", "/v1/webhooks")
    assert {one["name"] for one in listed["kinds"]} == set(KINDS)
    [one] = listed["webhooks"]
    assert (one["url"], one["kinds"], one["source"], one["active"]) == (
        receiver.url,
        ["ticket.closed"],
        "risk",
        True,
    )
    assert (one["waiting"], one["failed"], one["error"]) == (0, 0, None)
    assert receiver.secret not in json.dumps(listed)
    async with site.house.database.transaction() as connection:
        rows = await connection.execute(text("SELECT after, secret_enc FROM webhook, event"))
        for row in rows:
            assert receiver.secret not in str(row.after)
            assert receiver.secret.encode() not in row.secret_enc
        assert await count(connection, "event", "verb = 'webhook_added'") == 1


async def test_a_webhook_is_tried_out_and_its_secret_replaced(
    site: Site, receiver: Receiver
) -> None:
    made = await add(site, receiver, "ticket.closed")
    assert await ask(site, "POST", f"/v1/webhooks/{made}/test") == (
        200,
        {"ok": True, "error": None},
    )
    check_told(receiver.ledger[0])
    _, fresh = await ask(site, "POST", f"/v1/webhooks/{made}/rotate")
    assert fresh["secret"] != receiver.secret
    _, tried = await ask(site, "POST", f"/v1/webhooks/{made}/test")
    assert tried["ok"], "the secret of before still signs"
    receiver.secret = fresh["secret"]
    _, tried = await ask(site, "POST", f"/v1/webhooks/{made}/test")
    assert tried["ok"]
    receiver.secret = "none of ours"
    _, tried = await ask(site, "POST", f"/v1/webhooks/{made}/test")
    assert (tried["ok"], tried["error"]["code"]) == (False, "http_401")
    await receiver.close()
    _, tried = await ask(site, "POST", f"/v1/webhooks/{made}/test")
    assert tried["error"]["code"] == "unreachable"


async def test_a_webhook_is_changed_and_switched_off(site: Site, receiver: Receiver) -> None:
    made = await add(site, receiver, "message.read")
    path = f"/v1/webhooks/{made}"
    status, changed = await ask(site, "PATCH", path, {"active": False, "kinds": ["ticket.closed"]})
    assert (status, changed["active"], changed["kinds"]) == (200, False, ["ticket.closed"])
    assert (changed["source"], changed["url"]) == ("risk", receiver.url)
    status, changed = await ask(site, "PATCH", path, {"source": None})
    assert (status, changed["source"]) == (200, None)
    assert (await ask(site, "PATCH", path, {"kinds": ["message.read"]}))[0] == 400
    assert (await ask(site, "PATCH", f"/v1/webhooks/{uuid4()}", {}))[0] == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"url": "http://crm.example/x"}, 400),
        ({"url": 1}, 400),
        ({"url": "https://10.0.0.1/x"}, 409),
        ({"url": "https://169.254.169.254/x"}, 409),
        ({"kinds": []}, 400),
        ({"kinds": ["message.sung"]}, 400),
        ({"kinds": "ticket.closed"}, 400),
        ({"kinds": ["message.read"], "source": None}, 400),
        ({"source": "Not one"}, 400),
    ],
)
async def test_what_is_wrong_is_refused(site: Site, change: dict[str, Any], status: int) -> None:
    body = {"url": "https://crm.example/x", "kinds": ["ticket.closed"], "source": "crm"} | change
    answer = await ask(site, "POST", "/v1/webhooks", body)
    assert answer[0] == status
    assert answer[1]["error"]["message"]
    _, listed = await ask(site, "GET", "/v1/webhooks")
    assert listed["webhooks"] == []


async def test_failures_are_listed_and_replayed(site: Site, receiver: Receiver) -> None:
    made = await add(site, receiver, "ticket.closed")
    path, one = f"/v1/webhooks/{made}", uuid4()
    async with site.house.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO webhook_delivery (id, webhook_id, event_id, position, kind, "
                "subject_id, body, state, attempts, code, ended_at) VALUES (:id, :webhook, :id, 1, "
                "'ticket.closed', :id, '{}', 'failed', 20, 'timeout', now())"
            ),
            {"id": one, "webhook": made},
        )
    _, listed = await ask(site, "GET", f"{path}/failures")
    assert [(row["id"], row["error"]["code"]) for row in listed["failures"]] == [
        (str(one), "timeout")
    ]
    assert (await ask(site, "POST", f"{path}/replay", {"ids": ["x"]}))[0] == 400
    assert await ask(site, "POST", f"{path}/replay", {"ids": [str(uuid4())]}) == (
        200,
        {"count": 0},
    )
    assert await ask(site, "POST", f"{path}/replay", {}) == (200, {"count": 1})
    assert (await ask(site, "GET", f"{path}/failures"))[1] == {"failures": []}
    assert (await ask(site, "POST", f"/v1/webhooks/{uuid4()}/replay", {}))[0] == 404


@pytest.mark.parametrize("role", ["agent", "supervisor", "marketing"])
async def test_only_admins_come_in(site: Site, receiver: Receiver, role: str) -> None:
    made = await add(site, receiver, "ticket.closed")
    body = {"url": receiver.url, "kinds": ["ticket.closed"]}
    for method, path in (
        ("GET", ""),
        ("POST", ""),
        ("PATCH", f"/{made}"),
        ("POST", f"/{made}/rotate"),
        ("POST", f"/{made}/test"),
        ("GET", f"/{made}/failures"),
        ("POST", f"/{made}/replay"),
    ):
        answer = await ask(site, method, f"/v1/webhooks{path}", body, role=role)
        assert (answer[0], answer[1]["error"]["code"]) == (403, "not_allowed"), path
    assert receiver.calls == []
