"""What a client tells staff counts like their own word: at once, on the record, and no further."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from kernel.message import Address
from store import consent
from store.engine import Database
from tests.campaign import Firm, add_campaign, add_client, fetch, provider, run_sql
from tests.site import Site, running_site

YES = {
    "channel": "all",
    "category": "marketing",
    "value": "yes",
    "source": "phone",
    "note": "录音 20261123-017",
}
NO = {**YES, "value": "no", "source": "paper", "note": "退订函 8 号"}


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with running_site(database_url) as site:
        await run_sql(site.house.database, "DELETE FROM identity WHERE from_book")
        yield site


async def say(
    site: Site, body: object, *, client: object = None, role: str = "agent"
) -> tuple[int, Any]:
    path = f"/v1/desk/clients/{client or site.ids['clients']}/consents"
    headers = await site.staff_headers(role)
    async with (
        aiohttp.ClientSession(site.url, headers=headers) as desk,
        desk.post(path, json=body) as answer,
    ):
        return answer.status, await answer.json()


async def read_words(database: Database, client: UUID | str) -> list[tuple[str, dict[str, str]]]:
    rows = await fetch(
        database,
        "SELECT channel, consents FROM identity WHERE client_id = :c ORDER BY 1",
        c=UUID(str(client)),
    )
    return [(row.channel, row.consents) for row in rows]


async def plan(database: Database, client: UUID) -> tuple[str, str | None]:
    firm = Firm.open(database, provider("sms"), provider("email"))
    async with database.transaction() as connection:
        campaign = await add_campaign(connection, channels=("sms", "email"))
    await firm.plan()
    return (await firm.read_plan(campaign))[client]


async def test_a_yes_makes_campaigns_possible_and_a_no_ends_them(site: Site) -> None:
    database = site.house.database
    async with database.transaction() as connection:
        client = await add_client(connection, ways={("sms", "main"): None})
    assert await plan(database, client) == ("suppressed", "no_consent")
    status, body = await say(site, YES, client=client, role="supervisor")
    assert status == 201, body
    (word,) = body["consents"]
    assert (word["state"], word["person"], word["note"]) == (
        "yes",
        "示例supervisor",
        "录音 20261123-017",
    )
    assert word["source"].startswith("phone:")
    assert await plan(database, client) == ("planned", None)
    assert (await say(site, NO, client=client, role="supervisor"))[0] == 201
    assert await plan(database, client) == ("suppressed", "refused")


async def test_a_word_is_for_one_address_for_a_channel_or_for_all(site: Site) -> None:
    database = site.house.database
    ways = {("sms", "main"): None, ("sms", "second"): None, ("email", "main"): None}
    async with database.transaction() as connection:
        client = await add_client(connection, ways=ways)
        other = await add_client(connection, ways={("sms", "main"): None})
    (mail,) = await fetch(
        database, "SELECT id FROM identity WHERE client_id = :c AND channel = 'email'", c=client
    )
    alone = {**YES, "channel": None, "identity": str(mail.id)}
    assert (await say(site, alone, client=client, role="supervisor"))[0] == 201
    assert await read_words(database, client) == [
        ("email", {"marketing": "yes"}),
        ("sms", {}),
        ("sms", {}),
    ]
    on_sms = {**NO, "channel": "sms", "category": "service"}
    assert (await say(site, on_sms, client=client, role="supervisor"))[0] == 201
    assert [said.get("service") for _, said in await read_words(database, client)] == [
        None,
        "no",
        "no",
    ]
    whole = {**NO, "category": "all"}
    assert (await say(site, whole, client=client, role="supervisor"))[0] == 201
    assert {said["all"] for _, said in await read_words(database, client)} == {"no"}
    assert await read_words(database, other) == [("sms", {})]
    assert (await say(site, alone, client=other, role="supervisor"))[0] == 404
    assert (await say(site, {**YES, "channel": "push"}, client=other, role="supervisor"))[0] == 404


async def test_an_older_word_is_kept_but_the_newer_one_counts(site: Site) -> None:
    database = site.house.database
    client = site.ids["clients"]
    ago = datetime.now(UTC) - timedelta(days=3)
    assert (await say(site, YES))[0] == 201
    status, body = await say(site, {**NO, "said_at": ago.isoformat()})
    assert (status, [one["state"] for one in body["consents"]]) == (201, ["yes"])
    assert await read_words(database, client) == [("chat", {"marketing": "yes"})]
    kept = await fetch(database, "SELECT state, at FROM consent ORDER BY at")
    assert [(row.state, row.at) for row in kept] == [("no", ago), ("yes", kept[1].at)]


async def test_a_clock_that_runs_ahead_does_not_outlast_what_the_client_says_next(
    site: Site,
) -> None:
    database = site.house.database
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    assert (await say(site, {**YES, "said_at": ahead.isoformat()}))[0] == 201
    (row,) = await fetch(
        database,
        "SELECT channel, account, address FROM identity WHERE client_id = :c",
        c=UUID(site.ids["clients"]),
    )
    async with database.transaction() as connection:
        address = Address(row.channel, row.account, row.address)
        await consent.record(connection, address, category="marketing", state="no", source="chat:1")
    assert await read_words(database, site.ids["clients"]) == [("chat", {"marketing": "no"})]


async def test_each_word_is_on_the_record_in_the_name_of_who_wrote_it_down(site: Site) -> None:
    for body in (YES, YES, NO):
        assert (await say(site, body))[0] == 201
    rows = await fetch(
        site.house.database,
        "SELECT verb, actor, before, after FROM event "
        "WHERE verb IN ('subscribed', 'unsubscribed') ORDER BY id",
    )
    assert [(row.verb, row.before["state"]) for row in rows] == [
        ("subscribed", None),
        ("subscribed", "yes"),
        ("unsubscribed", "yes"),
    ]
    (person,) = await fetch(
        site.house.database, "SELECT id FROM person WHERE name = '示例agent' LIMIT 1"
    )
    assert {row.actor for row in rows} == {f"person:{person.id}"}
    assert {one.split(":")[0] for one in (row.after["source"] for row in rows)} == {
        "phone",
        "paper",
    }
    assert all("录音" not in str(row.after) for row in rows), "what is said is in the consent alone"


async def test_who_may_not_see_the_client_records_nothing(site: Site) -> None:
    database = site.house.database
    assert (await say(site, YES, role="marketing"))[0] == 404
    await site.staff_headers("admin")
    await run_sql(
        database,
        "UPDATE ticket SET state = 'assigned', "
        "assignee_id = (SELECT id FROM person WHERE login = 'admin')",
    )
    assert (await say(site, YES, role="agent"))[0] == 404
    assert (await say(site, YES, client=uuid4(), role="supervisor"))[0] == 404
    async with aiohttp.ClientSession(site.url) as stranger:
        path = f"/v1/desk/clients/{site.ids['clients']}/consents"
        async with stranger.post(path, json=YES) as answer:
            assert answer.status == 401
    assert await fetch(database, "SELECT 1 FROM consent") == []
    await run_sql(
        database,
        "INSERT INTO task (id, kind, client_id, source, source_key, title, assignee_id) "
        "SELECT row_id(), 'call', :c, 'test', '1', '回访', id FROM person WHERE login = 'agent'",
        c=UUID(site.ids["clients"]),
    )
    assert (await say(site, YES, role="agent"))[0] == 201, "a task of theirs lets them"


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": None},
        {"channel": "pigeon"},
        {"identity": str(UUID(int=1))},
        {"channel": None, "identity": "x"},
        {"category": "weather"},
        {"value": "maybe"},
        {"value": True},
        {"source": "hearsay"},
        {"note": " x "},
        {"note": "x" * 201},
        {"note": "x\0x"},
        {"note": None},
        {"said_at": "gestern"},
        {"said_at": "2026-11-20T10:00:00"},
        {"said_at": "2999-11-20T10:00:00+08:00"},
        {"said_at": 5},
    ],
    ids=str,
)
async def test_what_cannot_be_read_is_refused(site: Site, wrong: dict[str, object]) -> None:
    status, body = await say(site, {**YES, **wrong})
    assert status == 400, body
    async with site.house.database.transaction() as connection:
        assert (await connection.execute(text("SELECT 1 FROM consent"))).first() is None
