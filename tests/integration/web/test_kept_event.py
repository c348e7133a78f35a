"""What nobody could handle is seen with its client and figures, corrected, and handled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from kernel.ids import new_id
from orchestrator.event import EventWorker
from service.clientbook import list_handlers
from store import client, kept_event, staff
from tests.campaign import fetch, run_sql
from tests.integration.web.test_event import EVENT, post
from tests.site import CLIENT, Site, running_site

OTHER = "86000007"


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        async with site.house.database.transaction() as connection:
            await client.record(connection, site.house.cipher, OTHER)
        yield site


async def ask(site: Site, role: str, method: str, path: str, body: object = None) -> Any:
    headers = await site.staff_headers(role)
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as desk,
        desk.request(method, f"/v1/events{path}", json=body) as answer,
    ):
        return answer.status, await answer.json()


async def tell(site: Site, **change: Any) -> dict[str, Any]:
    """Have an event kept that nobody can handle; return how a supervisor sees it."""
    await post(site, {"source": "risk", "events": [EVENT | change]})
    _, body = await ask(site, "supervisor", "GET", "/kept")
    shown: dict[str, Any] = body["events"][0]
    return shown


async def handle(site: Site) -> int:
    house = site.house
    return await EventWorker(house.database, house.hub, list_handlers(house)).handle_next()


async def test_a_kept_event_shows_its_figures_and_its_client_masked(site: Site) -> None:
    stranger = await tell(site, client_no="99991234")
    assert (stranger["client_no"], stranger["client_id"]) == ("****1234", None)
    assert stranger["figures"] == {"ratio": 1.05}
    known = await tell(site, key="e2", type="dividend")
    assert known["client_no"] == f"****{CLIENT[-4:]}"
    assert known["client_id"]
    rows = await fetch(site.house.database, "SELECT CAST(e AS text) AS row FROM client_event e")
    assert not any("99991234" in one.row for one in rows)


async def test_the_right_client_number_has_it_handled_for_that_client(site: Site) -> None:
    kept = await tell(site, client_no="99991234")
    path = f"/{kept['id']}/correct"
    answer = await ask(site, "supervisor", "POST", path, {"client_no": f" {OTHER} "})
    assert answer == (200, {"state": "new"})
    _, body = await ask(site, "supervisor", "GET", "/kept")
    assert (body["events"], body["counts"]) == ([], {"new": 1})
    assert await handle(site) == 1
    [row] = await fetch(
        site.house.database,
        "SELECT risk_ratio, state, shown FROM client_event JOIN client_figure USING (client_id)",
    )
    assert (row.state, row.shown) == ("handled", None)
    assert row.risk_ratio == pytest.approx(1.05)
    assert (await ask(site, "supervisor", "POST", path, {"client_no": OTHER}))[0] == 404


async def test_the_right_type_has_it_handled_if_its_figures_fit(site: Site) -> None:
    kept = await tell(site, type="risk_ratioo")
    path = f"/{kept['id']}/correct"
    status, body = await ask(site, "supervisor", "POST", path, {"type": "order_filled"})
    assert status == 400
    assert "ratio" in body["error"]["message_en"]
    answer = await ask(site, "supervisor", "POST", path, {"type": "risk_ratio"})
    assert answer == (200, {"state": "new"})
    assert await handle(site) == 1


async def test_one_mistake_mended_leaves_the_other_to_be_seen(site: Site) -> None:
    kept = await tell(site, type="risk_ratioo", client_no="99991234")
    path = f"/{kept['id']}/correct"
    answer = await ask(site, "supervisor", "POST", path, {"type": "risk_ratio"})
    assert answer == (200, {"state": "unknown_client"})
    _, body = await ask(site, "supervisor", "GET", "/kept")
    assert body["events"][0]["client_no"] == "****1234"
    answer = await ask(site, "supervisor", "POST", path, {"client_no": OTHER})
    assert answer == (200, {"state": "new"})


async def test_a_correction_is_on_the_record_without_the_number(site: Site) -> None:
    kept = await tell(site, client_no="99991234")
    path = f"/{kept['id']}/correct"
    await ask(site, "supervisor", "POST", path, {"client_no": OTHER})
    [told] = await fetch(site.house.database, "SELECT * FROM event WHERE verb = 'event_corrected'")
    assert told.subject_id == kept["id"]
    assert (told.before["state"], told.after["state"]) == ("unknown_client", "new")
    assert told.after["client_id"]
    assert OTHER not in str((told.before, told.after))


async def test_what_is_asked_wrongly_is_refused_and_so_is_who_may_not(site: Site) -> None:
    kept = await tell(site, client_no="99991234")
    path = f"/{kept['id']}/correct"
    for body in ({}, {"type": "x"}, {"type": None}, {"client_no": 1}, {"client_no": " "}):
        assert (await ask(site, "supervisor", "POST", path, body))[0] == 400, body
    nobody = {"client_no": "99991235"}
    assert (await ask(site, "supervisor", "POST", path, nobody))[0] == 409
    good = {"client_no": OTHER}
    assert (await ask(site, "supervisor", "POST", f"/{new_id()}/correct", good))[0] == 404
    for role in ("agent", "marketing", "approver"):
        assert (await ask(site, role, "POST", path, good))[0] == 403
        assert (await ask(site, role, "GET", "/kept"))[0] == 403
        assert (await ask(site, role, "POST", "/replay", {"ids": [kept["id"]]}))[0] == 403


async def test_the_statements_ask_who_looks(site: Site) -> None:
    kept = await tell(site, client_no="99991234")
    await run_sql(site.house.database, "UPDATE client_event SET state = 'failed'")
    house = site.house
    async with house.database.transaction() as connection:
        agent = await staff.record_person(
            connection, login="nosy", name="示例", password_hash="", roles=["agent", "marketing"]
        )
        assert await kept_event.find(connection, house.cipher, agent, limit=9) == []
        assert await kept_event.count(connection, agent) == {}
        assert await kept_event.replay(connection, agent, [kept["id"]]) == 0
        assert await kept_event.find_one(connection, agent, kept["id"]) is None
