"""A campaign's own values over real HTTP: asked for, previewed, tested, followed, refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import aiohttp

from kernel.ids import new_id
from orchestrator.link import OWN, LinkSigner
from store.tables.outbox import outbox
from store.tables.profile import client_tag
from tests.campaign import fetch
from tests.integration.web.marketing import (
    EVERY_C3,
    READER,
    WORDS,
    Office,
    approve_content,
    call,
    office,
)

__all__ = ["office"]
LECTURE: dict[str, Any] = WORDS | {
    "key": "lecture",
    "variants": [
        {"channel": "chat", "body": "{{ topic }}，{{ place }}，{{ manager }}：{{ link }} 拒收回复R"}
    ],
}
VALUES = {"topic": "期权讲座", "place": "线上", "link": "https://example.com/live"}


async def _write(office: Office, **over: Any) -> dict[str, Any]:
    words = await approve_content(office, LECTURE)
    body = {"name": "x", "content_id": words, "expression": EVERY_C3, "channels": ["chat"]}
    return {**body, **over}


async def test_the_wizard_is_told_what_to_ask_for_and_what_is_wrong(office: Office) -> None:
    body = await _write(office, values={"place": ""})
    status, told = await call(office.marketing, "POST", "/v1/campaigns/check", body)
    assert status == 200
    assert [(one["name"], one["source"], one["kind"]) for one in told["fields"]] == [
        ("link", "campaign", "address"),
        ("manager", "client", "text"),
        ("place", "campaign", "text"),
        ("topic", "campaign", "text"),
    ]
    missing = [one["field"] for one in told["findings"] if one["grade"] == "missing"]
    assert missing == ["link", "place", "topic"]
    assert (told["count"], told["total"] > 2) == (2, True)
    part = {"content_id": body["content_id"]}
    status, told = await call(office.marketing, "POST", "/v1/campaigns/check", part)
    assert (status, told["count"]) == (200, None)
    for who, wrong, refused in (
        (office.agent, body, 403),
        (office.approver, body, 403),
        (office.marketing, {}, 400),
        (office.marketing, {**body, "content_id": str(new_id())}, 404),
        (office.marketing, {**body, "values": 3}, 400),
    ):
        assert (await call(who, "POST", "/v1/campaigns/check", wrong))[0] == refused


async def test_a_gap_is_refused_in_words_when_handed_in_and_the_values_are_kept(
    office: Office,
) -> None:
    body = await _write(office, values={"topic": "期权讲座"})
    _, made = await call(office.marketing, "POST", "/v1/campaigns", body)
    one = f"/v1/campaigns/{made['id']}"
    status, said = await call(office.marketing, "POST", f"{one}/submit")
    assert status == 400
    assert "“链接”（link）" in said["error"]["message"]
    assert (await call(office.marketing, "PUT", one, body | {"values": VALUES}))[0] == 200
    _, shown = await call(office.approver, "GET", one)
    assert shown["campaign"]["values"] == VALUES
    assert (await call(office.marketing, "POST", f"{one}/submit"))[0] == 200


async def test_a_preview_and_a_test_send_say_what_the_campaign_says(office: Office) -> None:
    body = await _write(office, values=VALUES)
    asked = {"content_id": body["content_id"], "channel": "chat", "campaign": True}
    _, shown = await call(
        office.marketing, "POST", "/v1/contents/preview", asked | {"values": {"topic": "讲座"}}
    )
    assert shown["text"].startswith("讲座，〔地点〕，李经理：〔链接〕")
    assert [one["field"] for one in shown["missing"]] == ["link", "place"]
    who = office.site.ids["clients"]
    async with office.database.transaction() as connection:
        row = {"client_id": UUID(who), "tag": "test", "source": "test"}
        await connection.execute(client_tag.insert(), row)
    for values, reason in ((VALUES, None), ({"topic": "讲座"}, "missing_field")):
        _, made = await call(office.marketing, "POST", "/v1/campaigns", body | {"values": values})
        one = f"/v1/campaigns/{made['id']}/test"
        _, sent = await call(office.marketing, "POST", one, {"client_ids": [who]})
        assert sent["sent"][0]["reason"] == reason
    async with (
        aiohttp.ClientSession(office.site.url, headers=office.site.chat_headers()) as guest,
        guest.get("/chat/messages?after=0") as answer,
    ):
        said = [one["content"].get("text", "") for one in (await answer.json())["messages"]]
    assert said[-1].startswith("【测试】期权讲座，线上，")
    assert said[-1].endswith("：https://example.com/live 拒收回复R")


async def test_a_campaigns_own_link_is_followed_and_counted(office: Office) -> None:
    body = await _write(office, values=VALUES)
    _, made = await call(office.marketing, "POST", "/v1/campaigns", body)
    sending, other = new_id(), new_id()
    row = {"author_kind": "system", "channel": "sms", "account": "main", "state": "accepted"}
    async with office.database.transaction() as connection:
        for one, campaign in ((sending, made["id"]), (other, None)):
            whole = row | {
                "id": one, "address": f"a{one}", "content_id": UUID(body["content_id"]),
                "campaign_id": UUID(campaign) if campaign else None, "client_id": new_id(),
            }  # fmt: skip
            await connection.execute(outbox.insert(), whole)
    signer = LinkSigner.of(office.site.house.cipher, "")
    async with aiohttp.ClientSession(office.site.url) as web:
        url = signer.make_link(sending, OWN)
        async with web.get(url, headers=READER, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, VALUES["link"])
        url = signer.make_link(other, OWN)
        async with web.get(url, headers=READER, allow_redirects=False) as answer:
            assert answer.status == 404
    (clicked,) = await fetch(
        office.database, "SELECT url, times FROM click JOIN link ON link.id = link_id"
    )
    assert (clicked.url, clicked.times) == (VALUES["link"], 1)
