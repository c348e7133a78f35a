"""What a message failed for is mended, and then it is sent again: another address, other words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import aiohttp
import pytest
from sqlalchemy import text

from kernel.ids import new_id
from orchestrator.pacing import Pacer
from orchestrator.urgency import DEFAULTS
from store import again, urgency
from store.content import ContentDraft, Variant
from tests.campaign import fetch, run_sql
from tests.integration.web.marketing import Office, call, office
from tests.integration.web.test_dead_letter import Sent, sent

__all__ = ["office", "sent"]

NEW = "13912345678"
WHY = "客户来电告知新号码"


async def find_failure(office: Office, sent: Sent, fate: str) -> dict[str, Any]:
    _, page = await call(office.marketing, "GET", f"{sent.path}/failures")
    return next(one for one in page["failures"] if one["id"] == sent.ids[fate])


def path_of(one: dict[str, Any]) -> str:
    return f"/v1/desk/clients/{one['client_id']}/identities/{one['identity_id']}/address"


async def test_a_wrong_number_is_corrected_and_the_message_goes_there(
    office: Office, sent: Sent
) -> None:
    one = await find_failure(office, sent, "gone")
    body = {"address": f" {NEW} ", "reason": WHY, "message": one["id"]}
    answer = await call(office.marketing, "POST", path_of(one), body)
    assert answer == (200, {"shown": "139****5678"})
    assert (await find_failure(office, sent, "gone"))["is_mended"]
    chosen = {"messages": [one["id"]]}
    assert (await call(office.marketing, "POST", f"{sent.path}/replay", chosen))[1]["queued"] == 1
    [row] = await fetch(
        office.database, "SELECT state, address FROM outbox WHERE id = :id", id=UUID(one["id"])
    )
    assert (row.state, row.address) == ("queued", f"+86{NEW}")


async def test_the_record_tells_who_and_why_and_no_address(office: Office, sent: Sent) -> None:
    one = await find_failure(office, sent, "gone")
    [was] = await fetch(
        office.database,
        "SELECT address FROM identity WHERE id = :id",
        id=UUID(one["identity_id"]),
    )
    body = {"address": NEW, "reason": WHY, "message": one["id"]}
    await call(office.marketing, "POST", path_of(one), body)
    [told] = await fetch(office.database, "SELECT * FROM event WHERE verb = 'address_corrected'")
    cipher = office.site.house.cipher
    assert told.before["hash"] == cipher.blind("address", was.address).hex()
    assert told.after["hash"] == cipher.blind("address", f"+86{NEW}").hex()
    assert told.after["reason"] == WHY
    assert told.subject_id == one["identity_id"]
    assert NEW not in str(told)
    assert NEW[3:] not in str(told.after["shown"])


async def test_only_the_recipient_of_a_failed_message_is_marketings_to_mend(
    office: Office, sent: Sent
) -> None:
    one = await find_failure(office, sent, "gone")
    other = await find_failure(office, sent, "silent")
    right = {"address": NEW, "reason": WHY, "message": one["id"]}
    bare = {"address": NEW, "reason": WHY}
    assert (await call(office.marketing, "POST", path_of(one), bare))[0] == 404
    assert (await call(office.marketing, "POST", path_of(other), right))[0] == 404
    arrived = right | {"message": sent.ids["arrived"]}
    [row] = await fetch(
        office.database,
        "SELECT client_id, identity_id FROM campaign_recipient JOIN outbox USING "
        "(campaign_id, client_id) WHERE outbox.id = :id",
        id=UUID(sent.ids["arrived"]),
    )
    there = path_of({"client_id": row.client_id, "identity_id": row.identity_id})
    assert (await call(office.marketing, "POST", there, arrived))[0] == 404
    second = new_id()
    await run_sql(
        office.database,
        "INSERT INTO identity (id, client_id, channel, account, address) "
        "VALUES (:id, :client, 'sms', 'other', 'x')",
        id=second,
        client=UUID(one["client_id"]),
    )
    beside = path_of(one | {"identity_id": second})
    assert (await call(office.marketing, "POST", beside, right))[0] == 404, "another of theirs"
    for who in (office.agent, office.approver):
        assert (await call(who, "POST", path_of(one), right))[0] == 403
    headers = await office.site.staff_headers("supervisor")
    async with aiohttp.ClientSession(office.site.url, headers=headers) as boss:
        assert (await call(boss, "POST", there, bare))[0] == 200, "for every client"
        swapped = path_of({"client_id": one["client_id"], "identity_id": other["identity_id"]})
        assert (await call(boss, "POST", swapped, bare))[0] == 404


@pytest.mark.parametrize(
    ("channel", "address", "status"),
    [
        ("sms", "12345", 400),
        ("sms", "", 400),
        ("sms", "x" * 500, 400),
        ("voice", "+85291234567", 200),
        ("email", "Anna@Example.com", 200),
        ("email", "anna@", 400),
        ("email", "anna@example.com\r\nBcc: x@example.com", 400),
        ("wechat", "openid-of-somebody", 400),
        ("chat", "visitor", 400),
    ],
)
async def test_an_address_is_what_its_channel_takes(
    office: Office, sent: Sent, channel: str, address: str, status: int
) -> None:
    one = await find_failure(office, sent, "gone")
    await run_sql(
        office.database,
        "UPDATE identity SET channel = :channel WHERE id = :id",
        channel=channel,
        id=UUID(one["identity_id"]),
    )
    body = {"address": address, "reason": WHY, "message": one["id"]}
    assert (await call(office.marketing, "POST", path_of(one), body))[0] == status


async def test_somebody_elses_address_and_an_empty_reason_are_refused(
    office: Office, sent: Sent
) -> None:
    one, other = await find_failure(office, sent, "gone"), await find_failure(office, sent, "cut")
    body = {"address": NEW, "reason": WHY, "message": one["id"]}
    assert (await call(office.marketing, "POST", path_of(one), body))[0] == 200
    assert (await call(office.marketing, "POST", path_of(one), body))[0] == 409, (
        "it is that already"
    )
    taken = body | {"message": other["id"]}
    assert (await call(office.marketing, "POST", path_of(other), taken))[0] == 409
    for wrong in ({"reason": " "}, {"reason": 1}, {"address": 1}, {"message": None}):
        assert (await call(office.marketing, "POST", path_of(one), body | wrong))[0] == 400, wrong


async def add_version(office: Office, sent: Sent, **columns: Any) -> UUID:
    """Add version 2 of the campaign's content, approved, with words for SMS."""
    campaign = UUID(sent.path.rsplit("/", 1)[1])
    [own] = await fetch(
        office.database,
        "SELECT content.* FROM content JOIN campaign ON content_id = content.id "
        "WHERE campaign.id = :id",
        id=campaign,
    )
    content = new_id()
    values = {
        "state": "approved",
        "category": "marketing",
        "risk": None,
        "channel": "sms",
    } | columns
    words = Variant(body="改好的周报。拒收请回复R")
    draft = ContentDraft(
        own.key,
        own.title,
        values["category"],
        {(values["channel"], "zh", "a"): words},
        min_risk=values["risk"],
    )
    async with office.database.transaction() as connection:
        await connection.execute(
            text("UPDATE content SET state = 'superseded' WHERE id = :id"), {"id": own.id}
        )
        await connection.execute(
            text(
                "INSERT INTO content (id, key, version, state, title, category, min_risk, checksum)"
                " VALUES (:id, :key, 2, :state, :title, :category, :risk, :seal)"
            ),
            {
                "id": content,
                "key": own.key,
                "title": own.title,
                "seal": draft.seal(),
                **{name: values[name] for name in ("state", "category", "risk")},
            },
        )
        await connection.execute(
            text(
                "INSERT INTO content_variant (content_id, channel, language, arm, body) "
                "VALUES (:id, :channel, 'zh', 'a', :body)"
            ),
            {"id": content, "channel": values["channel"], "body": words.body},
        )
    return content


async def wake_everybody(office: Office) -> None:
    """End the quiet hours of campaigns, so that the time of day does not matter."""
    policy = DEFAULTS["low"].model_copy(update={"quiet": None, "quiet_at_rest": None})
    async with office.database.transaction() as connection:
        await urgency.record(
            connection, "low", policy.model_dump(mode="json"), seen=0, author_id=None
        )


async def test_a_newer_approved_version_is_sent_instead(office: Office, sent: Sent) -> None:
    await wake_everybody(office)
    _, before = await call(office.marketing, "GET", f"{sent.path}/failure-groups")
    assert before["newer"] is None
    content = await add_version(office, sent)
    _, shown = await call(office.marketing, "GET", f"{sent.path}/failure-groups")
    assert shown["newer"] == {"content_id": str(content), "version": 2}
    body = {"messages": [sent.ids["gone"]], "version": 2}
    assert (await call(office.marketing, "POST", f"{sent.path}/replay", body))[1] == {
        "queued": 1, "left": [], "next": None,
    }  # fmt: skip
    rest = {"kind": "recipient"}
    assert (await call(office.marketing, "POST", f"{sent.path}/replay-all", rest))[1]["queued"] == 1
    house = office.site.house
    async with office.database.transaction() as connection:
        (waiting,) = await again.find_waiting(connection)
        pace = await Pacer(house.clock).find(connection, waiting.terms.category)
        found = await again.claim(connection, house.cipher, "w", waiting, pace, limit=9)
        claimed = found.going
        written = await house.writer.write(connection, claimed)
    said = {str(one.outbox_id): written[one.outbox_id].text for one in claimed}
    assert said[sent.ids["gone"]].startswith("改好的周报")
    assert not said[sent.ids["moved"]].startswith("改好的周报")
    told = await fetch(
        office.database, "SELECT after FROM event WHERE verb = 'campaign_replayed' ORDER BY id"
    )
    assert [one.after.get("version") for one in told] == [2, None]


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "review"},
        {"state": "retired"},
        {"category": "service"},
        {"risk": "C3"},
    ],
)
async def test_a_version_that_the_campaign_was_not_planned_for_is_not_offered(
    office: Office, sent: Sent, columns: dict[str, Any]
) -> None:
    await add_version(office, sent, **columns)
    _, shown = await call(office.marketing, "GET", f"{sent.path}/failure-groups")
    assert shown["newer"] is None
    for path, body in (
        ("replay", {"messages": [sent.ids["gone"]], "version": 2}),
        ("replay-all", {"kind": "recipient", "version": 2}),
    ):
        assert (await call(office.marketing, "POST", f"{sent.path}/{path}", body))[0] == 409


async def test_a_version_without_words_for_the_channel_leaves_the_message_where_it_is(
    office: Office, sent: Sent
) -> None:
    await add_version(office, sent, channel="email")
    body = {"messages": [sent.ids["gone"]], "version": 2}
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay", body)
    assert (done["queued"], [(one["reason"], one["count"]) for one in done["left"]]) == (
        0,
        [("no_variant", 1)],
    )
    for version in (0, "2", True, None, 2**31):
        wrong = body | {"version": version}
        assert (await call(office.marketing, "POST", f"{sent.path}/replay", wrong))[0] == 400
