"""Logins over real HTTP: admins alone keep them, and whoever is switched off is out at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from sqlalchemy import text

from store import staff
from tests.site import Site, running_site
from web.api.desk_live import CLOSE_AUTH
from web.sign_in import CSRF_HEADER

WANG = {"login": "wang", "name": "示例小王", "roles": ["agent"]}


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        yield site


async def ask(site: Site, role: str, method: str, path: str, body: object = None) -> Any:
    headers = await site.staff_headers(role)
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as desk,
        desk.request(method, f"/v1/staff{path}", json=body) as answer,
    ):
        return answer.status, await answer.json()


async def sign_in(browser: aiohttp.ClientSession, login: str, password: str) -> Any:
    body = {"login": login, "password": password}
    async with browser.post("/v1/session", json=body) as answer:
        return answer.status, await answer.json()


async def find_id(site: Site, login: str) -> str:
    async with site.house.database.transaction() as connection:
        known = await staff.find_known(connection, login)
    assert known
    return str(known.person.id)


def browse(site: Site) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(site.url, cookie_jar=aiohttp.CookieJar(unsafe=True))


async def test_who_is_added_signs_in_and_who_is_switched_off_is_out_at_once(site: Site) -> None:
    status, added = await ask(site, "admin", "POST", "", WANG)
    assert status == 201
    async with browse(site) as browser:
        status, signed = await sign_in(browser, "wang", added["password"])
        assert (status, signed["person"]["roles"]) == (200, ["agent"])
        socket = await browser.ws_connect("/v1/desk/live")
        assert (await ask(site, "admin", "POST", f"/{added['id']}/disable"))[0] == 200
        async with browser.get("/v1/session") as answer:
            assert answer.status == 401
        heard = await socket.receive(timeout=5)
        assert (heard.type, heard.data) == (aiohttp.WSMsgType.CLOSE, CLOSE_AUTH)
        assert (await sign_in(browser, "wang", added["password"]))[0] == 401
        assert (await ask(site, "admin", "POST", f"/{added['id']}/enable"))[0] == 200
        assert (await sign_in(browser, "wang", added["password"]))[0] == 200
    _, body = await ask(site, "admin", "GET", "")
    shown = next(one for one in body["staff"] if one["login"] == "wang")
    assert (shown["name"], shown["is_active"]) == ("示例小王", True)
    assert "password" not in shown


async def test_a_new_password_and_other_roles_end_what_was_open(site: Site) -> None:
    _, added = await ask(site, "admin", "POST", "", WANG)
    async with browse(site) as browser:
        await sign_in(browser, "wang", added["password"])
        _, changed = await ask(site, "admin", "POST", f"/{added['id']}/password")
        async with browser.get("/v1/session") as answer:
            assert answer.status == 401
        assert (await sign_in(browser, "wang", added["password"]))[0] == 401
        assert (await sign_in(browser, "wang", changed["password"]))[0] == 200
        roles = {"roles": ["supervisor", "agent"]}
        assert (await ask(site, "admin", "POST", f"/{added['id']}/roles", roles))[0] == 200
        async with browser.get("/v1/session") as answer:
            assert answer.status == 401
        _, signed = await sign_in(browser, "wang", changed["password"])
        assert signed["person"]["roles"] == ["agent", "supervisor"]


async def test_every_change_is_on_the_record_without_a_password(site: Site) -> None:
    _, added = await ask(site, "admin", "POST", "", WANG)
    await ask(site, "admin", "POST", f"/{added['id']}/roles", {"roles": ["marketing"]})
    _, changed = await ask(site, "admin", "POST", f"/{added['id']}/password")
    admin = await find_id(site, "admin")
    told = await read_told(site, added["id"])
    assert [one["verb"] for one in told][:3] == [
        "person_added",
        "person_changed",
        "person_changed",
    ]
    assert {one["actor"] for one in told} == {f"person:{admin}"}
    assert told[1]["before"] == {"roles": ["agent"]}
    assert told[1]["after"]["roles"] == ["marketing"]
    assert added["password"] not in str(told)
    assert changed["password"] not in str(told)


@pytest.mark.parametrize("role", ["agent", "supervisor", "marketing", "approver"])
async def test_nobody_but_an_admin_keeps_logins(site: Site, role: str) -> None:
    mine = await find_id(site, "supervisor")
    for method, path, body in (
        ("GET", "", None),
        ("POST", "", WANG),
        ("POST", f"/{mine}/roles", {"roles": ["admin"]}),
        ("POST", f"/{mine}/password", None),
        ("POST", f"/{mine}/disable", None),
        ("POST", f"/{mine}/enable", None),
    ):
        status, answer = await ask(site, role, method, path, body)
        assert (status, answer["error"]["code"]) == (403, "not_allowed"), path


async def test_nobody_changes_their_own_roles_and_one_admin_stays(site: Site) -> None:
    await ask(site, "admin", "GET", "")
    mine = await find_id(site, "admin")
    for path, body in (("roles", {"roles": ["admin", "approver"]}), ("disable", None)):
        assert (await ask(site, "admin", "POST", f"/{mine}/{path}", body))[0] == 403
    async with site.house.database.transaction() as connection:
        known = await staff.find_known(connection, "admin")
    assert known
    assert known.person.roles == ("admin",)


async def test_a_login_is_one_persons_and_what_is_wrong_is_said(site: Site) -> None:
    assert (await ask(site, "admin", "POST", "", WANG))[0] == 201
    assert (await ask(site, "admin", "POST", "", WANG))[0] == 409
    changes: tuple[dict[str, object], ...] = (
        {"login": "Wang"},
        {"login": ""},
        {"name": "  "},
        {"name": 1},
        {"roles": []},
        {"roles": ["chief"]},
    )
    for change in changes:
        assert (await ask(site, "admin", "POST", "", WANG | {"login": "li"} | change))[0] == 400
    assert (await ask(site, "admin", "POST", f"/{uuid4()}/disable"))[0] == 404


async def test_everybody_changes_their_own_password_by_the_old_one(site: Site) -> None:
    _, added = await ask(site, "admin", "POST", "", WANG)
    old, new = added["password"], "a new long password"
    async with browse(site) as here, browse(site) as there:
        _, signed = await sign_in(here, "wang", old)
        assert (await sign_in(there, "wang", old))[0] == 200
        csrf = {CSRF_HEADER: signed["csrf"]}

        async def change(was: object, now: object, **headers: str) -> int:
            body = {"old": was, "new": now}
            async with here.post("/v1/session/password", json=body, headers=headers) as answer:
                return answer.status

        assert await change(old, new) == 403, "without the token"
        assert await change("wrong", new, **csrf) == 403
        assert await change(old, "short", **csrf) == 400
        assert await change(old, None, **csrf) == 400
        assert await change(old, new, **csrf) == 200
        async with here.get("/v1/session") as answer:
            assert answer.status == 200
        async with there.get("/v1/session") as answer:
            assert answer.status == 401
        assert (await sign_in(there, "wang", old))[0] == 401
    told = await read_told(site, added["id"])
    assert [one["verb"] for one in told].count("person_changed") == 1
    assert old not in str(told)
    assert new not in str(told)


async def read_told(site: Site, subject: str) -> list[dict[str, Any]]:
    async with site.house.database.transaction() as connection:
        rows = await connection.execute(_TOLD, {"id": subject})
        return [dict(row) for row in rows.mappings()]


_TOLD = text("SELECT actor, verb, before, after FROM event WHERE subject_id = :id ORDER BY at")
