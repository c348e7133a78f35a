"""Who gets in, how long, how often one may try, and that no other site can ride along."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from store.engine import Database
from tests.integration.desk.conftest import PASSWORD, Office
from web.sign_in import COOKIE

GOOD = {"login": "anna", "password": PASSWORD}
BAD = {"login": "anna", "password": "wrong"}


async def test_a_sign_in_and_out(office: Office) -> None:
    browser = office.browser()
    async with browser.get("/v1/session") as answer:
        assert answer.status == 401
    async with browser.post("/v1/session", json=GOOD) as answer:
        signed = await answer.json()
        cookie = answer.headers["Set-Cookie"]
    assert signed["person"]["roles"] == ["agent"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert len(cookie.split("=")[1].split(";")[0]) >= 43
    async with browser.get("/v1/session") as answer:
        assert (await answer.json())["csrf"] == signed["csrf"]
    async with browser.delete("/v1/session") as answer:
        assert answer.status == 403
    async with browser.delete("/v1/session", headers={"X-Zhida-CSRF": signed["csrf"]}) as answer:
        assert answer.status == 200
    async with browser.get("/v1/session") as answer:
        assert answer.status == 401


async def test_the_token_rests_only_as_a_hash_and_changes_with_every_sign_in(
    office: Office, database: Database
) -> None:
    browser = office.browser()
    tokens = []
    for _ in range(2):
        async with browser.post("/v1/session", json=GOOD) as answer:
            tokens.append(answer.cookies[COOKIE].value)
    assert tokens[0] != tokens[1]
    async with database.transaction() as connection:
        kept = (await connection.execute(text("SELECT CAST(s AS text) FROM sign_in s"))).scalars()
        rows = list(kept)
    assert len(rows) == 1
    assert not any(token in rows[0] for token in tokens)


async def test_a_stolen_old_token_is_worthless_after_signing_in_again(office: Office) -> None:
    browser = office.browser()
    async with browser.post("/v1/session", json=GOOD) as answer:
        old = answer.cookies[COOKIE].value
    async with browser.post("/v1/session", json=GOOD):
        pass
    thief = office.browser()
    async with thief.get("/v1/session", headers={"Cookie": f"{COOKIE}={old}"}) as answer:
        assert answer.status == 401


async def test_wrong_and_unknown_are_told_in_the_same_words(office: Office) -> None:
    answers = []
    for body in (BAD, {"login": "nobody", "password": "wrong"}):
        async with office.browser().post("/v1/session", json=body) as answer:
            answers.append((answer.status, await answer.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


async def test_who_is_switched_off_is_out_at_once(office: Office, database: Database) -> None:
    anna = await office.sign_in("anna")
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE person SET is_active = false WHERE login = 'anna'"))
    assert (await anna.ask("GET", "tickets")).status == 401
    async with office.browser().post("/v1/session", json=GOOD) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE sign_in SET seen_at = now() - interval '121 minutes'",
        "UPDATE sign_in SET expires_at = now()",
    ],
)
async def test_idle_and_old_sign_ins_end(office: Office, database: Database, change: str) -> None:
    anna = await office.sign_in("anna")
    assert (await anna.ask("GET", "tickets")).status == 200
    async with database.transaction() as connection:
        await connection.execute(text(change))
    assert (await anna.ask("GET", "tickets")).status == 401


async def test_use_keeps_a_sign_in_alive(office: Office, database: Database) -> None:
    anna = await office.sign_in("anna")
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE sign_in SET seen_at = seen_at - CAST(:ago AS interval)"),
            {"ago": timedelta(minutes=100)},
        )
    assert (await anna.ask("GET", "tickets")).status == 200
    async with database.transaction() as connection:
        fresh = await connection.execute(
            text("SELECT seen_at > now() - interval '1 minute' FROM sign_in")
        )
        assert fresh.scalar_one()


async def test_five_tries_from_an_address_even_all_at_once(office: Office) -> None:
    async def attempt() -> int:
        async with office.browser().post("/v1/session", json=BAD) as answer:
            return answer.status

    statuses = await asyncio.gather(*(attempt() for _ in range(12)))
    assert sorted(statuses) == [401] * 5 + [429] * 7
    async with office.browser().post("/v1/session", json=GOOD) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "20"


async def test_twenty_failures_of_a_login_from_anywhere(office: Office, database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO sign_in_attempt (login, ip, is_good) "
                 "SELECT 'anna', 'elsewhere-' || n, false FROM generate_series(1, 20) n")
        )  # fmt: skip
    async with office.browser().post("/v1/session", json=GOOD) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "300"
    other = {"login": "bert", "password": PASSWORD}
    async with office.browser().post("/v1/session", json=other) as answer:
        assert answer.status == 200


NO_CREDENTIALS: list[object] = [
    {},
    {"login": "anna"},
    {"login": 5, "password": PASSWORD},
    {"login": "", "password": PASSWORD},
    {"login": "a" * 65, "password": PASSWORD},
    {"login": "anna", "password": "p" * 257},
    {"login": "anna", "password": None},
]


async def test_nonsense_is_no_sign_in(office: Office) -> None:
    for body in NO_CREDENTIALS:
        async with office.browser().post("/v1/session", json=body) as answer:
            assert answer.status == 400, body
            assert (await answer.json())["error"]["code"] == "invalid_input"


async def test_odd_texts_are_no_server_error(office: Office) -> None:
    for login in ("anna\0", "安娜'; DROP TABLE person; --", "\ud800"):
        body = {"login": login, "password": PASSWORD}
        async with office.browser().post("/v1/session", json=body) as answer:
            assert answer.status in {400, 401}


async def test_a_change_needs_the_token_of_this_sign_in(office: Office) -> None:
    await office.hand_over()
    anna, bert = await office.sign_in("anna"), await office.sign_in("bert")
    (row,) = (await anna.get("tickets"))["tickets"]
    path = f"tickets/{row['id']}/take"
    for token in ("", "wrong", bert.csrf):
        answer = await anna.ask("POST", path, {}, **{"X-Zhida-CSRF": token})
        assert (answer.status, answer.code) == (403, "bad_csrf")
    assert (await anna.ask("POST", path, {})).status == 200


async def test_another_sites_page_gets_nothing(office: Office) -> None:
    anna = await office.sign_in("anna")
    answer = await anna.ask("GET", "tickets", Origin="https://evil.example")
    assert answer.status == 403
    async with anna.session.post(
        "/v1/session", json=GOOD, headers={"Origin": "https://evil.example"}
    ) as refused:
        assert refused.status == 403
    own = str(office.server.make_url("")).rstrip("/")
    assert (await anna.ask("GET", "tickets", Origin=own)).status == 200


async def test_sign_ins_are_in_the_chain(
    office: Office, database: Database, people: dict[str, UUID]
) -> None:
    await office.sign_in("anna")
    async with office.browser().post("/v1/session", json=BAD):
        pass
    async with database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT actor, verb, subject_id FROM event "
                 "WHERE subject_kind = 'person' ORDER BY id")
        )  # fmt: skip
        assert [tuple(row) for row in rows] == [
            (f"person:{people['anna']}", "signed_in", str(people["anna"])),
            ("stranger", "sign_in_failed", str(people["anna"])),
        ]
