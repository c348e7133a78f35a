"""Notices, tasks and the urgency table over real HTTP: who may see them, and what they prove."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from kernel.signature import SIGNATURE, TIMESTAMP, sign
from orchestrator.evidence import check_file
from orchestrator.ladder import Ladder
from orchestrator.shipped import ship_contents
from orchestrator.urgency import DEFAULTS
from store import notice
from store.notice import NoticeDraft
from tests.book import add_client
from tests.site import EVENTS_KEY, Site, running_site


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        async with site.house.database.transaction() as connection:
            await ship_contents(connection)
        yield site


async def ask(site: Site, role: str, method: str, path: str, body: object = None) -> Any:
    """Return the status and the JSON of an answer."""
    headers = await site.staff_headers(role)
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as session,
        session.request(method, path, json=body) as answer,
    ):
        return answer.status, await answer.json()


async def fetch(site: Site, role: str, path: str) -> bytes:
    headers = await site.staff_headers(role)
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as session,
        session.get(path) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return await answer.read()


async def raise_(site: Site, *, manager: str = "agent", urgency: str = "critical") -> UUID:
    house = site.house
    async with house.database.transaction() as connection:
        who = await add_client(connection, house.cipher, uuid4().hex[:12], manager=manager)
        draft = NoticeDraft(
            who, "risk", urgency, "test", str(uuid4()), "margin_call", topic="margin:"
        )
        [made] = await notice.raise_many(connection, house.cipher, [draft])
    return made


async def climb(site: Site) -> None:
    house = site.house
    ladder = Ladder(house.database, house.cipher, house.channels, house.hub)
    while await ladder.climb("critical"):
        pass


async def test_a_manager_sees_their_clients_notices_alone(site: Site) -> None:
    mine, other = await raise_(site), await raise_(site, manager="somebody")
    _, listed = await ask(site, "agent", "GET", "/v1/notices")
    assert [one["id"] for one in listed["notices"]] == [str(mine)]
    status, _ = await ask(site, "agent", "GET", f"/v1/notices/{other}")
    assert status == 404
    _, all_ = await ask(site, "supervisor", "GET", "/v1/notices?urgency=critical&state=open")
    assert {one["id"] for one in all_["notices"]} == {str(mine), str(other)}
    _, none = await ask(site, "supervisor", "GET", "/v1/notices?state=reached")
    assert none["notices"] == []
    for wrong in ("state=lost", "urgency=x", "client_id=1", "since=2026-11-22", "limit=0"):
        status, _ = await ask(site, "supervisor", "GET", f"/v1/notices?{wrong}")
        assert status == 400, wrong


async def test_coverage_says_how_many_do_not_know_yet(site: Site) -> None:
    for _ in range(4):
        await raise_(site)
    async with site.house.database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE notice SET state = 'reached', reached_how = 'read' "
                "WHERE id = (SELECT min(CAST(id AS text)) FROM notice)::uuid"
            )
        )
    _, found = await ask(site, "supervisor", "GET", "/v1/notices/coverage?category=risk")
    assert (found["total"], found["reached"], found["not_reached"]) == (4, 1, 3)
    assert found["en"] == "3 of 4 not yet reached"
    assert "3" in found["zh"]


async def test_a_task_that_reached_the_client_closes_its_notice(site: Site) -> None:
    one = await raise_(site, manager="示例agent")
    await climb(site)  # nobody has an address: a person must call at once
    _, page = await ask(site, "agent", "GET", "/v1/tasks")
    [task] = page["tasks"]
    assert (task["notice_id"], task["priority"], page["counts"]["open"]) == (
        str(one),
        "critical",
        1,
    )
    status, _ = await ask(site, "agent", "POST", f"/v1/tasks/{task['id']}/done", {"outcome": "x"})
    assert status == 400
    _, done = await ask(
        site, "agent", "POST", f"/v1/tasks/{task['id']}/done", {"outcome": "reached"}
    )
    assert done["state"] == "done"
    _, found = await ask(site, "agent", "GET", f"/v1/notices/{one}")
    assert (found["state"], found["reached_how"]) == ("closed", "person")
    assert [step["what"] for step in found["proof"]] == [
        "raised",
        "unreached",
        "escalated",
        "task",
        "reached",
    ]


async def test_a_person_stops_a_notice_for_a_reason(site: Site) -> None:
    one = await raise_(site)
    path = f"/v1/notices/{one}/cancel"
    for wrong in ({}, {"why": "  "}, {"why": 5}, {"why": "x" * 201}):
        assert (await ask(site, "agent", "POST", path, wrong))[0] == 400
    status, stopped = await ask(site, "agent", "POST", path, {"why": "客户已到营业部"})
    assert (status, stopped["state"], stopped["reason"]) == (200, "cancelled", "客户已到营业部")
    assert (await ask(site, "agent", "POST", path, {"why": "again"}))[0] == 409


async def test_the_exported_proof_holds_and_only_critical_ones_have_one(site: Site) -> None:
    one, high = await raise_(site), await raise_(site, urgency="high")
    await climb(site)
    _, key = await ask(site, "agent", "GET", "/v1/proof-key")
    data = await fetch(site, "agent", f"/v1/notices/{one}/proof.json")
    checked = check_file(data, key["key"])
    assert (checked.notice_id, checked.state, checked.steps) == (str(one), "escalated", 3)
    pages = await fetch(site, "agent", f"/v1/notices/{one}/proof.pdf")
    assert check_file(pages, key["key"]).kind == "pdf"
    status, refused = await ask(site, "agent", "GET", f"/v1/notices/{high}/proof.json")
    assert (status, refused["error"]["code"]) == (409, "no_proof")
    async with site.house.database.transaction() as connection:
        told = await connection.execute(
            text("SELECT count(*) FROM event WHERE verb = 'proof_exported'")
        )
        assert told.scalar_one() == 2


async def test_supervisors_change_the_urgency_table_from_what_they_saw(site: Site) -> None:
    _, listed = await ask(site, "agent", "GET", "/v1/urgency")
    assert [one["urgency"] for one in listed["urgencies"]] == list(DEFAULTS)
    changed = DEFAULTS["high"].model_dump(mode="json") | {"cap_per_day": 3}
    body = {"version": 0, "policy": changed}
    assert (await ask(site, "agent", "PUT", "/v1/urgency/high", body))[0] == 403
    status, made = await ask(site, "supervisor", "PUT", "/v1/urgency/high", body)
    assert (status, made["version"], made["policy"]["cap_per_day"]) == (200, 1, 3)
    assert (await ask(site, "supervisor", "PUT", "/v1/urgency/high", body))[0] == 409
    wrong = {"version": 1, "policy": {**changed, "cap_per_day": 0}}
    status, refused = await ask(site, "supervisor", "PUT", "/v1/urgency/high", wrong)
    assert status == 400
    assert "cap_per_day" in refused["error"]["message"]
    _, found = await ask(site, "agent", "GET", "/v1/urgency/high")
    assert [one["version"] for one in found["history"]] == [1]
    assert found["default"]["cap_per_day"] == 10
    assert (await ask(site, "agent", "GET", "/v1/urgency/soon"))[0] == 404
    async with site.house.database.transaction() as connection:
        told = await connection.execute(
            text("SELECT after FROM event WHERE verb = 'urgency_changed'")
        )
        assert told.one() is not None


async def order(site: Site, body: object, *, key: str = EVENTS_KEY) -> Any:
    data, stamp = json.dumps(body).encode(), str(int(time.time()))
    headers = {TIMESTAMP: stamp, SIGNATURE: sign(stamp, data, key)}
    async with (
        aiohttp.ClientSession(site.url) as session,
        session.post("/v1/messages", data=data, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_system_orders_a_message_once(site: Site) -> None:
    async with site.house.database.transaction() as connection:
        await add_client(connection, site.house.cipher, "5501")
    wanted = {
        "source": "risk",
        "key": "r-1",
        "client_no": "5501",
        "urgency": "critical",
        "content": "margin_call",
        "values": {"shortfall": 100, "deadline": "2026-12-01T14:55:00+08:00"},
        "reach_by": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    }
    status, made = await order(site, wanted)
    assert status == 202
    assert await order(site, wanted) == (202, made)
    _, found = await ask(site, "supervisor", "GET", f"/v1/notices/{made['notice_id']}")
    assert (found["source"], found["category"], found["state"]) == ("system:risk", "risk", "open")
    assert (await order(site, wanted, key="another"))[0] == 403
    for name, value, status in (
        ("client_no", "none", 404),
        ("content", "none", 400),
        ("urgency", "asap", 400),
        ("values", {"password": 1}, 400),
        ("values", {"shortfall": {"a": 1}}, 400),
        ("reach_by", "2020-01-01T00:00:00+08:00", 400),
        ("exposure", -1, 400),
        ("key", "", 400),
    ):
        answer = await order(site, {**wanted, "key": "r-2", name: value})
        assert answer[0] == status, (name, answer)
        assert answer[1]["error"]["message"]


async def look(
    site: Site, notice_id: object, *, source: str = "risk", key: str = EVENTS_KEY, signed: str = ""
) -> Any:
    """Ask after an order; `signed` is another path than the one that is asked for."""
    path, stamp = f"/v1/messages/{notice_id}?source={source}", str(int(time.time()))
    headers = {TIMESTAMP: stamp, SIGNATURE: sign(stamp, (signed or path).encode(), key)}
    async with (
        aiohttp.ClientSession(site.url) as session,
        session.get(path, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_system_sees_what_became_of_its_own_orders_alone(site: Site) -> None:
    house = site.house
    async with house.database.transaction() as connection:
        await add_client(connection, house.cipher, "5502")
    values = {"shortfall": 100, "deadline": "2026-12-01T14:55:00+08:00"}
    wanted = {
        "source": "risk",
        "key": "r-7",
        "client_no": "5502",
        "urgency": "critical",
        "content": "margin_call",
        "topic": "margin:7",
        "values": values,
    }
    _, made = await order(site, wanted)
    one = made["notice_id"]
    async with house.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO outbox (id, notice_id, channel, account, address, author_kind, state, "
                "reason) VALUES (row_id(), :notice, 'sms', 'aliyun', '13812345678', 'system', "
                "'failed', 'recipient:EMPTY')"
            ),
            {"notice": one},
        )
    status, found = await look(site, one)
    assert status == 200
    assert (found["notice_id"], found["keys"], found["state"]) == (one, ["r-7"], "open")
    [message] = found["messages"]
    assert (message["channel"], message["state"]) == ("sms", "failed")
    assert message["reason"] == "recipient:EMPTY"
    assert "13812345678" not in str(found)
    assert "aliyun" not in str(found)
    assert (await look(site, one, source="crm"))[0] == 404
    assert (await look(site, uuid4()))[0] == 404
    assert (await look(site, "1"))[0] == 404
    assert (await look(site, one, source="Not%20one"))[0] == 400
    assert (await look(site, one, key="another"))[0] == 403
    other = f"/v1/messages/{uuid4()}?source=risk"
    assert (await look(site, one, signed=other))[0] == 403, "a signature is good for one path"
    again = {**wanted, "source": "crm", "key": "c-1"}
    assert (await order(site, again))[1]["notice_id"] == one, "a live topic takes the newer order"
    _, found = await look(site, one, source="crm")
    assert found["keys"] == ["c-1"]
