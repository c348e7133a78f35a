"""The client's picture, tiers and merging over real HTTP, on the site as the product builds it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from store import client
from store.client import Facts
from tests.campaign import run_sql
from tests.site import Site, running_site


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        yield site


async def ask(
    site: Site, method: str, path: str, body: object = None, *, role: str = "supervisor"
) -> tuple[int, Any]:
    headers = await site.staff_headers(role)
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as desk,
        desk.request(method, path, json=body) as answer,
    ):
        return answer.status, await answer.json()


async def test_tiers_are_computed_on_demand_and_shown_with_their_names(site: Site) -> None:
    assert (await ask(site, "POST", "/v1/tiers/runs", {}, role="agent"))[0] == 403
    assert (await ask(site, "POST", "/v1/tiers/runs", {}))[0] == 202
    async with asyncio.timeout(30):
        while True:
            _, body = await ask(site, "GET", "/v1/tiers/runs")
            if body["runs"] and body["runs"][0]["state"] == "done":
                break
            await asyncio.sleep(0.05)
    run = body["runs"][0]
    assert (run["version"], run["clients"], run["step"]) == (0, 1, "done")
    assert (run["person"], run["moves"]) == ("示例supervisor", [])
    status, body = await ask(site, "GET", f"/v1/desk/clients/{site.ids['clients']}/insight")
    assert status == 200
    assert body["tier"]["layer"] == {"name": "ordinary", "zh": "普通", "en": "ordinary"}
    assert body["tier"]["stage"]["name"] == "prospect"
    assert body["why"]["tiers"]["layer"]["zh"] == "不符合其他各层"
    assert body["why"]["tiers"]["asset_band"]["figures"] == ["assets"]
    status, card = await ask(site, "GET", f"/v1/desk/clients/{site.ids['clients']}")
    assert (status, card["tier"]) == (200, body["tier"])


async def test_before_tiers_were_computed_nobody_has_one(site: Site) -> None:
    one = f"/v1/desk/clients/{site.ids['clients']}"
    assert (await ask(site, "GET", one))[1]["tier"] is None
    _, body = await ask(site, "GET", one + "/insight")
    assert (body["tier"], body["why"]) == (None, None)


async def test_rules_are_changed_by_who_read_them(site: Site) -> None:
    _, body = await ask(site, "GET", "/v1/tiers/rules")
    assert (body["version"], body["rules"], body["history"]) == (0, body["shipped"], [])
    body["rules"]["stage"]["silent_days"] = 45
    change = {"version": 0, "rules": body["rules"]}
    assert (await ask(site, "PUT", "/v1/tiers/rules", change, role="agent"))[0] == 403
    status, answer = await ask(site, "PUT", "/v1/tiers/rules", change)
    assert (status, answer["version"]) == (200, 1)
    assert (await ask(site, "PUT", "/v1/tiers/rules", change))[0] == 409
    change["rules"]["assets"] = []
    status, answer = await ask(site, "PUT", "/v1/tiers/rules", {**change, "version": 1})
    assert (status, "assets" in answer["error"]["message_en"]) == (400, True)
    _, body = await ask(site, "GET", "/v1/tiers/rules")
    assert (body["version"], body["rules"]["stage"]["silent_days"]) == (1, 45)
    assert [(one["version"], one["author"]) for one in body["history"]] == [(1, "示例supervisor")]
    for version, rules in ((0, body["shipped"]), (1, body["rules"])):
        answer = await ask(site, "GET", f"/v1/tiers/rules/{version}")
        assert answer == (200, {"version": version, "rules": rules})
    for wrong in ("2", "-1", "x", "99999999999999999999"):
        assert (await ask(site, "GET", f"/v1/tiers/rules/{wrong}"))[0] == 404
    assert (await ask(site, "GET", "/v1/tiers/rules/1", role="agent"))[0] == 403


async def test_the_timeline_has_what_the_client_wrote(site: Site) -> None:
    path = f"/v1/desk/clients/{site.ids['clients']}/timeline"
    status, body = await ask(site, "GET", path)
    assert status == 200
    assert "我要找人工" in {one["text"] for one in body["entries"]}
    assert {"message", "ticket"} <= {one["kind"] for one in body["entries"]}
    status, page = await ask(site, "GET", path + "?limit=1")
    _, rest = await ask(site, "GET", path + f"?before={page['next']}")
    assert [*page["entries"], *rest["entries"]] == body["entries"]
    assert (await ask(site, "GET", path + "?before=x"))[0] == 400
    assert (await ask(site, "GET", path + "?kinds=x"))[0] == 400


async def test_a_preference_is_stated_and_withdrawn(site: Site) -> None:
    one = f"/v1/desk/clients/{site.ids['clients']}"
    wish = {"category": "marketing", "weights": {"sms": 90, "push": -1}}
    assert (await ask(site, "POST", one + "/preferences", wish))[0] == 200
    _, body = await ask(site, "GET", one + "/insight")
    assert [(row["channel"], row["weight"]) for row in body["preferences"]] == [
        ("sms", 90),
        ("push", -1),
    ]
    wrong: list[object] = [{"pigeon": 1}, {"sms": 101}, {"sms": True}, []]
    for weights in wrong:
        status, _ = await ask(site, "POST", one + "/preferences", {**wish, "weights": weights})
        assert status == 400
    assert (await ask(site, "POST", one + "/preferences", {**wish, "weights": {}}))[0] == 200
    _, body = await ask(site, "GET", one + "/insight")
    assert body["preferences"] == []


async def test_who_may_not_see_the_client_gets_no_picture_and_states_nothing(site: Site) -> None:
    one = f"/v1/desk/clients/{site.ids['clients']}"
    wish = {"category": "marketing", "weights": {"sms": 90}}
    for role in ("marketing", "approver"):
        assert (await ask(site, "GET", one, role=role))[0] == 404
        assert (await ask(site, "GET", one + "/insight", role=role))[0] == 404
        assert (await ask(site, "POST", one + "/preferences", wish, role=role))[0] == 404
    _, body = await ask(site, "GET", one + "/insight")
    assert body["preferences"] == []


async def test_a_task_that_waits_for_them_shows_its_client_and_no_longer_once_it_is_anothers(
    site: Site,
) -> None:
    database = site.house.database
    async with database.transaction() as connection:
        other = await client.record(connection, site.house.cipher, "9903")
    card = f"/v1/desk/clients/{other}"
    assert (await ask(site, "GET", card, role="agent"))[0] == 404
    await run_sql(
        database,
        "INSERT INTO task (id, kind, client_id, source, source_key, title, manager) "
        "VALUES (row_id(), 'call', :c, 'test', '1', '回访', 'agent')",
        c=other,
    )
    assert (await ask(site, "GET", card, role="agent"))[0] == 200
    assert (await ask(site, "GET", card + "/insight", role="agent"))[0] == 200
    await site.staff_headers("admin")
    await run_sql(
        database,
        "UPDATE task SET assignee_id = (SELECT id FROM person WHERE login = 'admin')",
    )
    assert (await ask(site, "GET", card, role="agent"))[0] == 404


async def test_two_records_are_merged_and_split(site: Site) -> None:
    house = site.house
    async with house.database.transaction() as connection:
        other = await client.record(connection, house.cipher, "99000001")
    one = f"/v1/desk/clients/{site.ids['clients']}"
    joining = {"other": str(other), "reason": "同一客户"}
    assert (await ask(site, "POST", one + "/merges", joining, role="agent"))[0] == 403
    assert (await ask(site, "POST", one + "/merges", {**joining, "other": "x"}))[0] == 400
    status, body = await ask(site, "POST", one + "/merges", joining)
    assert (status, body["moved"]) == (201, {})
    _, merges = await ask(site, "GET", one + "/merges")
    assert [row["id"] for row in merges["merges"]] == [body["id"]]
    undo = f"/v1/clients/merges/{body['id']}/undo"
    assert (await ask(site, "POST", undo, {"reason": "弄错了"}))[0] == 200
    assert (await ask(site, "POST", undo, {"reason": "弄错了"}))[0] == 409
    assert (await ask(site, "GET", "/v1/clients/doubles"))[1] == {"groups": [], "clients": []}


async def test_two_records_are_seen_side_by_side_before_they_are_merged(site: Site) -> None:
    house, mine = site.house, site.ids["clients"]
    told = Facts("赵一二", "13800138000", "C3", "ordinary", "active", "经理")
    async with house.database.transaction() as connection:
        others = [await client.record(connection, house.cipher, no) for no in ("9901", "9902")]
        for one in (mine, *others):
            await client.record_facts(connection, house.cipher, UUID(str(one)), facts=told)
    status, body = await ask(site, "GET", "/v1/clients/doubles")
    assert status == 200
    assert body["groups"] == [[mine, *map(str, others)]]
    shown = {one["id"]: one for one in body["clients"]}
    row = shown[str(others[0])]
    assert (row["client_no"], row["name"], row["phone"]) == ("****9901", "赵**", "138****8000")
    assert (shown[mine]["channels"], shown[mine]["open_tickets"]) == (["chat", "sms"], 1)
    side = f"/v1/desk/clients/{others[0]}/merges/{mine}"
    status, body = await ask(site, "GET", side)
    assert (status, body["kept"], body["gone"]) == (200, row, shown[mine])
    assert (body["is_alike"], body["refusal"]) == (True, None)
    merged = await ask(
        site, "POST", f"/v1/desk/clients/{others[0]}/merges", {"other": mine, "reason": "同一客户"}
    )
    assert merged[1]["moved"] == body["moves"]
    assert body["moves"]["ticket"] == 1
    _, body = await ask(site, "GET", side)
    assert "已被合并" in body["refusal"]["zh"]
    _, body = await ask(site, "GET", "/v1/clients/merges")
    (one,) = body["merges"]
    assert (one["person"], one["moved"]) == ("示例supervisor", merged[1]["moved"])
    assert {row["id"] for row in body["clients"]} == {mine, str(others[0])}
    for number, ids in (
        ("138 0013-8000", {mine, *map(str, others)}),
        ("9902", {str(others[1])}),
        ("990", set()),
    ):
        _, body = await ask(site, "POST", "/v1/clients/lookup", {"number": number})
        assert {row["id"] for row in body["clients"]} == ids
    assert (await ask(site, "POST", "/v1/clients/lookup", {"number": "9" * 41}))[0] == 400
    same = f"/v1/desk/clients/{mine}/merges/{mine}"
    nobody = f"/v1/desk/clients/{mine}/merges/{uuid4()}"
    assert [(await ask(site, "GET", path))[0] for path in (same, nobody)] == [400, 404]
    for path in (side, "/v1/clients/merges", "/v1/clients/doubles"):
        assert (await ask(site, "GET", path, role="agent"))[0] == 403
    assert (await ask(site, "POST", "/v1/clients/lookup", {"number": "1"}, role="agent"))[0] == 403


async def test_a_file_of_clients_is_brought_in(site: Site) -> None:
    headers = await site.staff_headers("supervisor")
    file = "客户号,姓名,风险等级\n99000002,钱八,C3\n99000003,周九,很高\n".encode("gb18030")
    async with aiohttp.ClientSession(site.url, headers=headers) as desk:
        async with desk.post("/v1/clients/imports?file_name=a.csv", data=file) as answer:
            look = await answer.json()
            assert answer.status == 201, look
        one = f"/v1/clients/imports/{look['id']}"
        async with desk.get(one) as answer:
            found = await answer.json()
        assert found["look"] == look
        assert (found["import"]["state"], found["import"]["person"]) == (
            "checked",
            "示例supervisor",
        )
        async with desk.post(one + "/check", json={"mapping": look["mapping"]}) as answer:
            check = await answer.json()
        assert (check["good"], check["bad"], check["flaws"][0]["row"]) == (1, 1, 3)
        async with desk.get(one + "/errors") as answer:
            assert answer.content_type == "text/csv"
            assert "很高" in await answer.text()
        async with desk.post(one + "/run", json={}) as answer:
            assert await answer.json() == {"clients": 1, "new": 1, "taken": 0}
        async with desk.get(one) as answer:
            found = await answer.json()
        assert (found["look"], found["import"]["good"]) == (None, 1)
        async with desk.get("/v1/clients/imports") as answer:
            assert [row["state"] for row in (await answer.json())["imports"]] == ["imported"]
        async with desk.post("/v1/clients/imports", data=b"\0\1") as answer:
            assert answer.status == 400
    for path in ("/v1/clients/imports", one, one + "/errors"):
        assert (await ask(site, "GET", path, role="agent"))[0] == 403
    assert (await ask(site, "POST", one + "/cancel", {}))[0] == 409
