"""A run that cannot be walked is seen with why, walked when a person says so, or ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from kernel.ids import new_id
from orchestrator.advance import Advance
from tests.campaign import fetch
from tests.site import Site, running_site
from tests.trail import WELCOME, Stage, open_stage


@dataclass
class Trip:
    """A journey on the site, two clients on it, the second of whom cannot be moved."""

    site: Site
    stage: Stage
    path: str

    async def ask(self, role: str, method: str, more: str = "", body: object = None) -> Any:
        headers = await self.site.staff_headers(role)
        async with (
            aiohttp.ClientSession(self.site.url, headers=headers) as desk,
            desk.request(method, self.path + more, json=body) as answer,
        ):
            return answer.status, await answer.json()

    async def let_go(self) -> None:
        await self.stage.order("ALTER TABLE journey_step DROP CONSTRAINT bad")

    async def walk(self) -> int:
        """Walk what is due by the real clock, as the worker does; return how many could."""
        house = self.site.house
        return await Advance(house.database, house.cipher).advance_singly(10)


@pytest.fixture
async def trip(database_url: str) -> AsyncIterator[Trip]:
    async with running_site(database_url) as site:
        house = site.house
        stage = await open_stage(house.database, house.cipher)
        stage.clock.at = house.clock.now()
        journey = await stage.play(WELCOME)
        for who in range(2):
            await stage.tell("account_opened", who)
        await stage.order(
            "ALTER TABLE journey_step ADD CONSTRAINT bad CHECK (client_id <> "
            f"'{stage.ids[1]}') NOT VALID"
        )
        trip = Trip(site, stage, f"/v1/journeys/{journey}/standing")
        assert await trip.walk() == 1
        yield trip


async def test_it_is_listed_with_why_and_who_masked(trip: Trip) -> None:
    status, body = await trip.ask("approver", "GET")
    assert status == 200
    [run] = body["runs"]
    assert body["count"] == 1
    assert run["client_id"] == str(trip.stage.ids[1])
    assert (run["client_no"], run["step"]) == ("****901", "start")
    assert run["trouble"] == "内部错误 · internal error: IntegrityError"
    assert "客户901" not in str(body)


async def test_it_is_walked_when_a_person_says_so_and_not_before(trip: Trip) -> None:
    [run] = (await trip.ask("marketing", "GET"))[1]["runs"]
    chosen = {"runs": [{name: run[name] for name in ("client_id", "entry_key")}]}
    await trip.let_go()
    assert await trip.walk() == 0
    assert await trip.ask("marketing", "POST", "/retry", chosen) == (200, {"count": 1})
    assert await trip.walk() == 1
    assert (await trip.ask("marketing", "GET"))[1] == {"runs": [], "count": 0}
    assert await trip.stage.count("notice") == 2
    assert await trip.ask("marketing", "POST", "/retry", chosen) == (200, {"count": 0})
    told = await fetch(trip.site.house.database, "SELECT * FROM event WHERE verb = 'runs_retried'")
    assert [one.after for one in told] == [{"runs": 1}]


async def test_it_is_ended_and_those_on_their_way_are_not(trip: Trip) -> None:
    [run] = (await trip.ask("marketing", "GET"))[1]["runs"]
    database = trip.site.house.database
    rows = await fetch(database, "SELECT client_id, entry_key FROM journey_run")
    both = {"runs": [{"client_id": str(row[0]), "entry_key": row[1]} for row in rows]}
    assert await trip.ask("supervisor", "POST", "/end", both) == (200, {"count": 1})
    left = await fetch(database, "SELECT client_id FROM journey_run WHERE state = 'waiting'")
    assert [str(row.client_id) for row in left] == [str(trip.stage.ids[0])]
    [ended] = await fetch(database, "SELECT * FROM journey_run WHERE state = 'ended'")
    assert (str(ended.client_id), ended.trouble) == (run["client_id"], None)
    assert ended.outcome == "ended by a person"
    assert (await trip.ask("marketing", "GET"))[1]["count"] == 0


async def test_who_may_not_and_what_is_wrong_are_refused(trip: Trip) -> None:
    [run] = (await trip.ask("marketing", "GET"))[1]["runs"]
    chosen = {"runs": [{name: run[name] for name in ("client_id", "entry_key")}]}
    assert (await trip.ask("agent", "GET"))[0] == 403
    for role in ("agent", "approver"):
        for act in ("/retry", "/end"):
            assert (await trip.ask(role, "POST", act, chosen))[0] == 403
    wrongs: list[Any] = [None, [], "x", [1], [{"client_id": "x", "entry_key": "x"}]]
    wrongs += [[{"client_id": run["client_id"], "entry_key": one}] for one in ("", 1, "a\0", None)]
    for wrong in wrongs:
        assert (await trip.ask("marketing", "POST", "/end", {"runs": wrong}))[0] == 400, wrong
    gone = Trip(trip.site, trip.stage, f"/v1/journeys/{new_id()}/standing")
    assert (await gone.ask("marketing", "GET"))[0] == 404
    assert (await gone.ask("marketing", "POST", "/end", chosen))[0] == 404
    assert (await trip.ask("marketing", "GET"))[1]["count"] == 1
