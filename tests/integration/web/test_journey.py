"""Journeys and calendars over real HTTP, on the site as the product builds it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from orchestrator.journey_shipped import read_journeys, ship_journeys
from orchestrator.shipped import ship_contents
from tests.book import count
from tests.site import Site, running_site

TEXT = read_journeys()["new-client"].replace("key: new-client", "key: own")


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        async with site.house.database.transaction() as connection:
            await ship_contents(connection)
        yield site


@dataclass
class Staff:
    """Somebody at the desk, with a browser."""

    site: Site
    headers: dict[str, str]

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(self.site.url, headers=self.headers) as browser,
            browser.request(method, path, json=body) as answer,
        ):
            return answer.status, await answer.json()


@pytest.fixture
async def author(site: Site) -> Staff:
    return Staff(site, await site.staff_headers("admin"))


@pytest.fixture
async def other(site: Site) -> Staff:
    return Staff(site, await site.staff_headers("supervisor"))


async def test_a_version_goes_from_draft_to_active_by_two_people(
    site: Site, author: Staff, other: Staff
) -> None:
    status, body = await author.ask("POST", "/v1/journeys", {"definition": TEXT})
    assert status == 201, body
    row = body["journey"]
    assert (row["key"], row["version"], row["state"]) == ("own", 1, "draft")
    one = f"/v1/journeys/{row['id']}"

    assert (await author.ask("POST", one + "/activate"))[0] == 409
    assert (await author.ask("POST", one + "/submit"))[1]["journey"]["state"] == "review"
    assert (await author.ask("POST", one + "/activate"))[0] == 409
    status, body = await author.ask("POST", one + "/approve")
    assert (status, body["error"]["message"]) == (409, "须由作者以外的人审批。")
    assert (await other.ask("POST", one + "/approve"))[1]["journey"]["approver_id"]
    assert (await author.ask("POST", one + "/activate"))[1]["journey"]["state"] == "active"

    status, body = await author.ask("GET", one)
    assert status == 200
    assert body["definition"] == TEXT
    assert body["ok"] is True
    assert body["graph"]["nodes"][0]["kind"] == "trigger"
    assert body["mermaid"].startswith("flowchart TD")
    assert (await author.ask("GET", one + "/where"))[1] == {"waiting": [], "ended": [], "done": []}

    second = (await author.ask("POST", "/v1/journeys", {"definition": TEXT}))[1]["journey"]
    assert second["version"] == 2
    two = f"/v1/journeys/{second['id']}"
    await author.ask("POST", two + "/submit")
    assert (await other.ask("POST", two + "/return"))[1]["journey"]["state"] == "draft"
    await author.ask("POST", two + "/submit")
    await other.ask("POST", two + "/approve")
    await author.ask("POST", two + "/activate")
    rows = (await author.ask("GET", "/v1/journeys"))[1]["journeys"]
    states = {one["version"]: one["state"] for one in rows}
    assert states == {1: "superseded", 2: "active"}
    body = (await author.ask("POST", two + "/retire", {"end_runs": True}))[1]
    assert body["journey"]["state"] == "retired"
    async with site.house.database.transaction() as connection:
        assert await count(connection, "event", "verb = 'journey_moved'") == 12


async def test_what_cannot_run_is_refused_with_its_line(author: Staff) -> None:
    broken = TEXT.replace("content: welcome", "content: nothing")
    status, body = await author.ask("POST", "/v1/journeys", {"definition": broken})
    assert status == 400
    assert "没有已审批的内容 nothing" in body["error"]["message"]
    status, body = await author.ask("POST", "/v1/journeys/lint", {"definition": broken})
    assert (status, body["ok"], body["graph"]) == (200, False, None)
    assert [one["line"] for one in body["problems"]] == [11]
    assert (await author.ask("POST", "/v1/journeys", {"definition": 3}))[0] == 400
    assert (await author.ask("POST", "/v1/journeys", {}))[0] == 400
    assert (await author.ask("POST", "/v1/journeys", {"definition": "\x00"}))[0] == 400


async def test_a_rehearsal_does_nothing(site: Site, author: Staff) -> None:
    body = {"definition": TEXT}
    status, tried = await author.ask("POST", "/v1/journeys/rehearsal", body)
    assert status == 200, tried
    assert (tried["basis"], tried["entered"]) == ("history", 0)
    silent = {"definition": read_journeys()["silent-client"]}
    status, tried = await author.ask("POST", "/v1/journeys/rehearsal", silent)
    assert (status, tried["basis"]) == (200, "today")
    late = body | {"since": "2020-01-01"}
    assert (await author.ask("POST", "/v1/journeys/rehearsal", late))[0] == 400
    wrong = body | {"since": "soon"}
    assert (await author.ask("POST", "/v1/journeys/rehearsal", wrong))[0] == 400


async def test_what_ships_runs_in_a_demo_and_is_brought_in_once(site: Site, author: Staff) -> None:
    for shipped in (len(read_journeys()), 0):
        async with site.house.database.transaction() as connection:
            assert await ship_journeys(connection, is_active=True) == shipped
    rows = (await author.ask("GET", "/v1/journeys"))[1]["journeys"]
    assert {one["state"] for one in rows} == {"active"}
    assert {one["author_id"] for one in rows} == {None}


async def test_an_agent_may_not(site: Site) -> None:
    agent = Staff(site, await site.staff_headers("agent"))
    assert (await agent.ask("GET", "/v1/journeys"))[0] == 403
    assert (await agent.ask("POST", "/v1/journeys", {"definition": TEXT}))[0] == 403
    assert (await agent.ask("POST", "/v1/calendars/days", {"csv": ""}))[0] == 403
    assert (await agent.ask("GET", "/v1/calendars"))[0] == 200


async def test_imported_days_are_in_the_calendar(author: Staff) -> None:
    csv = "exchange,day,sessions,source\nSSE,2030-01-02,,公告\nSSE,2030-01-03,09:30-11:30,公告\n"
    assert await author.ask("POST", "/v1/calendars/days", {"csv": csv}) == (200, {"count": 2})
    assert (await author.ask("POST", "/v1/calendars/days", {"csv": csv}))[1] == {"count": 2}
    rows = (await author.ask("GET", "/v1/calendars"))[1]["calendars"]
    found = {one["exchange"]: one for one in rows}
    assert found["SSE"]["imported"] == 2
    assert found["CFFEX"]["imported"] == 0
    wrong = {"csv": "exchange,day,sessions\nX,1,"}
    status, body = await author.ask("POST", "/v1/calendars/days", wrong)
    assert status == 400
    assert "第2行" in body["error"]["message"]
    status, body = await author.ask("GET", "/v1/calendars/SSE/months/2030-01")
    assert (status, body["notice"], len(body["days"])) == (200, None, 31)
    second, third, fourth = body["days"][1:4]
    assert (second["ground"], second["source"], second["is_trading"]) == ("import", "公告", False)
    assert third["sessions"] == ["09:30-11:30"]
    assert (fourth["ground"], fourth["is_trading"]) == ("none", True)
    status, body = await author.ask("GET", "/v1/calendars/SHFE/months/2026-10")
    assert "国务院办公厅" in body["notice"]["source"]
    assert body["days"][0]["holiday"] == "国庆节"
    for path, wanted in (("NYSE/months/2026-10", 404), ("SSE/months/2026-13", 400)):
        assert (await author.ask("GET", f"/v1/calendars/{path}"))[0] == wanted
