"""Links in messages lead where was approved, and the way out is one click."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import aiohttp
from sqlalchemy import text

from kernel.ids import new_id
from orchestrator.ladder import Ladder
from orchestrator.link import LinkSigner
from orchestrator.notice import NoticeWorker
from orchestrator.urgency import DEFAULTS
from service.notice import make_ladder
from store import audit, consent, notice, urgency
from store.engine import Database
from store.notice import NoticeDraft
from store.tables.outbox import outbox
from tests.campaign import fetch
from tests.integration.web.marketing import READER, Office, approve_content, office
from tests.site import Site

__all__ = ["office"]


async def test_links_lead_where_was_approved_and_count_people_once(office: Office) -> None:
    words = UUID(await approve_content(office))
    sending = await _send(office.database, words)
    signer = LinkSigner.of(office.site.house.cipher, "")
    url = signer.make_link(sending, 1)
    async with aiohttp.ClientSession(office.site.url) as web:
        for headers in ({"User-Agent": "Slackbot 1.0"}, READER | {"Sec-Purpose": "prefetch"}):
            async with web.get(url, headers=headers, allow_redirects=False) as answer:
                assert answer.headers["Location"] == "https://example.com/open?x=1"
        assert await _read(office.database, "SELECT count(*) FROM click") == 0
        for _ in range(2):
            async with web.get(url, headers=READER, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (
                    302,
                    "https://example.com/open?x=1",
                )
        assert await _read(office.database, "SELECT times FROM click") == 2
        assert (
            await _read(office.database, "SELECT state FROM outbox WHERE content_id IS NOT NULL")
            == "read"
        )
        for wrong in (
            url[:-1],
            url + "x",
            signer.make_link(sending, 9),
            signer.make_link(new_id(), 1),
        ):
            async with web.get(wrong, headers=READER, allow_redirects=False) as answer:
                assert answer.status == 404


async def test_links_in_a_notice_are_counted_and_prove_that_its_client_knows(
    office: Office,
) -> None:
    own = "https://example.com/mine?who=7"
    one = await _raise_with_links(office, own)
    ladder = make_ladder(office.site.house)
    assert await ladder.climb("high") == 1
    said = await _read_last(office)
    assert "example.com" not in said
    first, _, second = said.removeprefix("请追加保证金，").partition(" ：")
    bot = {"User-Agent": "Slackbot 1.0"}
    async with aiohttp.ClientSession() as web:
        for url, leads, who in (
            (second, "https://example.com/margin", READER),
            (first, own, READER),
            (first, own, bot),
        ):
            at = _at(office.site, url)
            async with web.get(at, headers=who, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (302, leads)
    kept = {row.url for row in await fetch(office.database, "SELECT url FROM link")}
    assert kept == {"https://example.com/margin", "{{ link }}"}
    await _hear(office, ladder)
    assert await ladder.climb("high") == 1
    [row] = await fetch(
        office.database, "SELECT state, reached_how FROM notice WHERE id = :id", id=one
    )
    assert tuple(row) == ("reached", "link")


async def _raise_with_links(office: Office, own: str) -> UUID:
    """Raise a notice with an address of its content and one of its own; only a click counts."""
    words = {"key": "margin_page", "title": "追保办法", "category": "risk"}
    body = "请追加保证金，{{ link }} ：https://example.com/margin"
    await approve_content(office, {**words, "variants": [{"channel": "chat", "body": body}]})
    policy = DEFAULTS["high"].model_dump(mode="json")
    for rung in policy["rungs"]:
        rung["reached_by"] = ["link"]
    who = UUID(office.site.ids["clients"])
    draft = NoticeDraft(who, "risk", "high", "test", "m-1", "margin_page", vars={"link": own})
    async with office.database.transaction() as connection:
        await urgency.record(connection, "high", policy, seen=0, author_id=None)
        [one] = await notice.raise_many(connection, office.site.house.cipher, [draft])
    return one


async def _read_last(office: Office) -> str:
    """Return what the client was told last in the app."""
    async with (
        aiohttp.ClientSession(office.site.url, headers=office.site.chat_headers()) as guest,
        guest.get("/chat/messages?after=0") as answer,
    ):
        return str((await answer.json())["messages"][-1]["content"]["text"])


async def _hear(office: Office, ladder: Ladder) -> None:
    """Let the notices hear what happened."""
    house = office.site.house
    async with office.database.transaction() as connection:
        while await audit.seal(connection):
            pass
    await NoticeWorker(ladder, house.database, house.cipher, house.hub).hear_next()


def _at(site: Site, url: str) -> str:
    """Return a link's address on the site of this test."""
    return site.url + url[url.index("/t/") :]


async def test_the_way_out_ends_marketing_at_one_click_and_not_at_a_look(office: Office) -> None:
    words = UUID(await approve_content(office))
    signer = LinkSigner.of(office.site.house.cipher, "")
    sending = await _send(office.database, words)
    url = signer.make_way_out(sending)
    said = (
        "SELECT consents->>'marketing' AS state FROM identity "
        "WHERE jsonb_exists(consents, 'marketing')"
    )
    async with aiohttp.ClientSession(office.site.url) as web:
        async with web.get(url) as answer:
            assert answer.status == 200
            assert "退订" in await answer.text()
        assert await _read(office.database, said) is None
        for _ in range(2):
            async with web.post(url, data={"List-Unsubscribe": "One-Click"}) as answer:
                assert answer.status == 200
        assert await _read(office.database, said) == consent.NO
        async with web.post(url.replace("/u/", "/u/x")) as answer:
            assert answer.status == 404


async def _send(database: Database, content_id: UUID) -> UUID:
    made = new_id()
    async with database.transaction() as connection:
        row = {"id": made, "content_id": content_id, "channel": "email", "account": "a"}
        row |= {"address": "x@example.cn", "author_kind": "system", "state": "accepted"}
        await connection.execute(outbox.insert(), row)
    return made


async def _read(database: Database, statement: str) -> Any:
    async with database.transaction() as connection:
        return (await connection.execute(text(statement))).scalar_one_or_none()
