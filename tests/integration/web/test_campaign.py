"""Marketing's work over real HTTP: content, audience, campaign, links; and who may not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import aiohttp
import pytest
from sqlalchemy import text

from store.engine import Database
from store.tables.profile import client_tag
from tests.campaign import run_sql
from tests.integration.web.marketing import EVERY_C3, WORDS, Office, approve_content, call, office

__all__ = ["office"]


async def test_a_content_from_draft_to_approval(office: Office) -> None:
    _, made = await call(office.marketing, "POST", "/v1/contents", WORDS)
    one = f"/v1/contents/{made['id']}"
    _, shown = await call(office.marketing, "GET", one)
    assert shown["content"]["deeds"] == ["edit", "submit", "retire", "copy"]
    assert len(shown["content"]["variants"]) == 2
    assert (await call(office.marketing, "PUT", one, WORDS | {"title": "开放日活动"}))[0] == 200
    await call(office.marketing, "POST", f"{one}/submit")
    assert (await call(office.marketing, "POST", f"{one}/approve"))[0] == 403
    assert (await call(office.approver, "POST", f"{one}/send-back", {"note": "错字"}))[0] == 200
    await call(office.marketing, "POST", f"{one}/submit")
    assert (await call(office.approver, "POST", f"{one}/approve"))[0] == 200
    assert (await call(office.approver, "POST", f"{one}/approve"))[0] == 409
    _, listed = await call(office.approver, "GET", "/v1/contents?state=approved")
    mine = next(one for one in listed["contents"] if one["key"] == "open_day")
    assert (mine["title"], mine["author"], mine["approver"]) == (
        "开放日活动",
        "示例marketing",
        "示例approver",
    )
    status, copy = await call(office.marketing, "POST", f"{one}/copy")
    assert status == 201
    _, second = await call(office.marketing, "GET", f"/v1/contents/{copy['id']}")
    assert [one["version"] for one in second["versions"]] == [2, 1]


async def test_a_preview_of_what_is_kept_and_of_what_is_being_written(office: Office) -> None:
    asked = {"content": WORDS, "channel": "chat", "values": {}}
    status, shown = await call(office.marketing, "POST", "/v1/contents/preview", asked)
    assert (status, shown["links"]) == (200, ["https://example.com/open?x=1"])
    _, listed = await call(office.marketing, "GET", "/v1/contents?key=margin_call")
    kept = {"content_id": listed["contents"][0]["id"], "channel": "sms", "language": "zh"}
    _, shown = await call(office.marketing, "POST", "/v1/contents/preview", kept)
    assert (shown["sms"]["parts"], shown["cost"]) == (1, None)
    assert shown["template"]["code"].startswith("SMS_")
    for wrong in ({}, kept | {"channel": "fax"}, kept | {"values": 3}, {"content": {"key": "x"}}):
        assert (await call(office.marketing, "POST", "/v1/contents/preview", wrong))[0] == 400


async def test_an_audience_is_counted_said_shown_and_kept(office: Office) -> None:
    status, shown = await call(
        office.marketing, "POST", "/v1/audiences/count", {"expression": EVERY_C3}
    )
    assert (status, shown["count"]) == (200, 2)
    assert shown["sentence"]["zh"] == "风险等级是“C3”的客户"
    assert [one["risk_level"] for one in shown["sample"]] == ["C3", "C3"]
    kept = {"name": "稳健", "expression": EVERY_C3}
    status, made = await call(office.marketing, "POST", "/v1/audiences", kept)
    assert status == 201
    assert (await call(office.marketing, "POST", "/v1/audiences", kept))[0] == 409
    nobody = {"name": "无人", "expression": {"kind": "tag", "any": ["无"]}}
    assert (await call(office.marketing, "POST", "/v1/audiences", nobody))[0] == 400
    one = f"/v1/audiences/{made['id']}"
    assert (await call(office.marketing, "PUT", one, kept | {"name": "C3"}))[0] == 200
    _, listed = await call(office.approver, "GET", "/v1/audiences")
    assert [one["name"] for one in listed["audiences"]] == ["C3"]
    _, known = await call(office.approver, "GET", one)
    assert known["audience"] == listed["audiences"][0]
    assert [(old["name"], old["author"]) for old in known["versions"]] == [
        ("C3", "示例marketing"),
        ("稳健", "示例marketing"),
    ]
    assert known["versions"][1]["expression"] == EVERY_C3
    await run_sql(office.database, "UPDATE client SET risk_level = 'C1'")
    renamed = {"name": "无人时也可改名", "expression": EVERY_C3}
    assert (await call(office.marketing, "PUT", one, renamed))[0] == 200
    nobody = {**renamed, "expression": {**EVERY_C3, "value": ["C3", "C4"]}}
    assert (await call(office.marketing, "PUT", one, nobody))[0] == 400
    assert (await call(office.marketing, "DELETE", one))[0] == 200
    assert (await call(office.marketing, "DELETE", one))[0] == 404
    assert (await call(office.marketing, "GET", one))[0] == 404
    for wrong in ({}, {"expression": 3}, {"expression": {"kind": "x"}}):
        assert (await call(office.marketing, "POST", "/v1/audiences/count", wrong))[0] == 400
    _, language = await call(office.marketing, "GET", "/v1/audiences/language")
    assert {"profile", "tier", "events", "operators"} <= language.keys()


async def test_a_campaign_from_draft_to_pause(office: Office) -> None:
    words = await approve_content(office)
    body = {
        "name": "开放日",
        "content_id": words,
        "expression": EVERY_C3,
        "channels": ["chat"],
        "arms": {"a": 1, "b": 1},
        "hold_out": 0.1,
    }
    status, made = await call(office.marketing, "POST", "/v1/campaigns", body)
    assert status == 201, made
    one = f"/v1/campaigns/{made['id']}"
    _, submitted = await call(office.marketing, "POST", f"{one}/submit")
    assert submitted["count"] == 2
    assert (await call(office.marketing, "POST", f"{one}/launch"))[0] == 409
    assert (await call(office.approver, "POST", f"{one}/approve"))[0] == 200
    assert (await call(office.marketing, "POST", f"{one}/launch"))[0] == 200
    _, shown = await call(office.marketing, "GET", one)
    assert (shown["campaign"]["state"], shown["campaign"]["content"]["key"]) == (
        "scheduled",
        "open_day",
    )
    assert shown["campaign"]["deeds"] == ["cancel", "copy"]
    assert (await call(office.marketing, "POST", f"{one}/cancel"))[0] == 200
    _, listed = await call(office.approver, "GET", "/v1/campaigns?state=cancelled")
    assert [one["name"] for one in listed["campaigns"]] == ["开放日"]
    _, results = await call(office.approver, "GET", f"{one}/results")
    assert (results["planned"], results["test"]["comparisons"]) == (0, [])


async def test_what_came_of_a_campaign_with_reasons_and_its_test_judged(office: Office) -> None:
    words = await approve_content(office)
    body = {"name": "x", "content_id": words, "expression": EVERY_C3, "channels": ["chat"]}
    _, made = await call(office.marketing, "POST", "/v1/campaigns", body)
    campaign_id = UUID(made["id"])
    await _pretend_sent(office.database, campaign_id, UUID(words))
    one = f"/v1/campaigns/{made['id']}"
    _, results = await call(office.marketing, "GET", f"{one}/results")
    assert results["counts"]["sent"] == 60
    assert results["counts"]["clicked"] == 30
    assert {one["reason"]: one["count"] for one in results["reasons"]} == {
        "no_consent": 7,
        "hold_out": 3,
        "recipient": 5,
    }
    (compared,) = results["test"]["comparisons"]
    assert (compared["is_chance"], compared["p"] < 0.001) == (False, True)
    _, page = await call(office.marketing, "GET", f"{one}/recipients?reason=no_consent")
    assert len(page["recipients"]) == 7
    assert page["recipients"][0]["zh"] == "未同意接收"
    after = page["recipients"][3]["client_id"]
    _, rest = await call(
        office.marketing, "GET", f"{one}/recipients?reason=no_consent&after={after}"
    )
    assert len(rest["recipients"]) == 3


async def _pretend_sent(database: Database, campaign_id: UUID, content_id: UUID) -> None:
    """Write what a plan and its sending would have left: 60 sent, 30 clicked, all of arm a."""
    async with database.transaction() as connection:
        parameters = {"campaign": campaign_id, "content": content_id}
        for statement in _PRETEND:
            await connection.execute(text(statement), parameters)


_PRETEND = (
    "UPDATE campaign SET started_at = now() - interval '1 day' WHERE id = :campaign",
    """INSERT INTO campaign_recipient (campaign_id, client_id, state, reason, arm)
    SELECT :campaign, CAST(lpad(to_hex(n), 32, '0') AS uuid),
      CASE WHEN n <= 65 THEN 'planned' WHEN n <= 72 THEN 'suppressed' ELSE 'withheld' END,
      CASE WHEN n <= 65 THEN NULL WHEN n <= 72 THEN 'no_consent' ELSE 'hold_out' END,
      CASE WHEN n % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 75) AS n""",
    """INSERT INTO outbox (id, campaign_id, client_id, content_id, arm, channel, account, address,
      author_kind, state, reason)
    SELECT row_id(), campaign_id, client_id, :content, arm, 'chat', 'app', client_id::text,
      'system', CASE WHEN row_number() OVER (ORDER BY client_id) <= 60 THEN 'accepted'
        ELSE 'rejected' END,
      CASE WHEN row_number() OVER (ORDER BY client_id) <= 60 THEN NULL ELSE 'recipient' END
    FROM campaign_recipient WHERE campaign_id = :campaign AND state = 'planned'""",
    "INSERT INTO link (id, content_id, url) VALUES (row_id(), :content, 'https://x')",
    """INSERT INTO click (outbox_id, link_id) SELECT outbox.id, link.id FROM outbox, link
    WHERE outbox.campaign_id = :campaign AND outbox.arm = 'a' AND outbox.state = 'accepted'""",
)


async def test_a_test_send_goes_to_test_clients_alone(office: Office) -> None:
    words = await approve_content(office)
    body = {"name": "x", "content_id": words, "expression": EVERY_C3, "channels": ["chat", "sms"]}
    body["channels"] = ["chat"]
    _, made = await call(office.marketing, "POST", "/v1/campaigns", body)
    one = f"/v1/campaigns/{made['id']}/test"
    who = office.site.ids["clients"]
    assert (await call(office.marketing, "POST", one, {"client_ids": [who]}))[0] == 403
    async with office.database.transaction() as connection:
        row = {"client_id": UUID(who), "tag": "test", "source": "test"}
        await connection.execute(client_tag.insert(), row)
    _, testers = await call(office.marketing, "GET", "/v1/campaigns/test-clients")
    assert [one["id"] for one in testers["clients"]] == [who]
    status, sent = await call(office.marketing, "POST", one, {"client_ids": [who], "arm": "b"})
    assert (status, sent["sent"][0]["reason"]) == (200, None)
    async with (
        aiohttp.ClientSession(office.site.url, headers=office.site.chat_headers()) as guest,
        guest.get("/chat/messages?after=0") as answer,
    ):
        words_ = [one["content"].get("text", "") for one in (await answer.json())["messages"]]
    assert words_[-1] == "【测试】来开放日！https://example.com/open?x=1"
    wrongs: list[dict[str, Any]] = [
        {},
        {"client_ids": []},
        {"client_ids": ["x"]},
        {"client_ids": 3},
    ]
    for wrong in wrongs:
        assert (await call(office.marketing, "POST", one, wrong))[0] in {400, 404}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/contents"),
        ("GET", "/v1/contents/fields"),
        ("POST", "/v1/contents"),
        ("POST", "/v1/contents/preview"),
        ("GET", "/v1/audiences"),
        ("POST", "/v1/audiences/count"),
        ("GET", "/v1/campaigns"),
        ("POST", "/v1/campaigns"),
        ("GET", f"/v1/campaigns/{UUID(int=1)}"),
        ("POST", f"/v1/campaigns/{UUID(int=1)}/pause"),
        ("GET", f"/v1/campaigns/{UUID(int=1)}/recipients"),
    ],
)
async def test_an_agent_sees_nothing_of_it(office: Office, method: str, path: str) -> None:
    assert (await call(office.agent, method, path, {}))[0] == 403
