"""Messages that came to nothing over real HTTP: read by reason, sent again, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.ids import new_id
from store.engine import Database
from tests.campaign import add_campaign, add_client, fetch, run_sql
from tests.integration.web.marketing import Office, call, office

__all__ = ["office"]

ENDS = {
    "gone": ("rejected", "recipient:43004"),
    "moved": ("rejected", "recipient:43004"),
    "stopped": ("rejected", "consent:R"),
    "blocked": ("failed", None),
    "silent": ("failed", "outcome_unknown:window:95001"),
    "cut": ("failed", "worker_died"),
    "arrived": ("delivered", None),
}


@dataclass
class Sent:
    """A campaign whose messages ended in every way; `ids` are its messages by their fate."""

    path: str
    ids: dict[str, str]


@pytest.fixture
async def sent(office: Office) -> Sent:
    async with office.database.transaction() as connection:
        campaign = await add_campaign(connection, state="done")
    ids = {fate: str(await _send(office.database, campaign, fate)) for fate in ENDS}
    await run_sql(
        office.database,
        "UPDATE identity SET address = 'sms-new' FROM outbox WHERE outbox.id = :id "
        "AND identity.client_id = outbox.client_id",
        id=UUID(ids["moved"]),
    )
    await run_sql(
        office.database,
        "UPDATE identity SET is_blocked = true FROM outbox WHERE outbox.id = :id "
        "AND identity.client_id = outbox.client_id",
        id=UUID(ids["blocked"]),
    )
    return Sent(f"/v1/campaigns/{campaign}", ids)


async def test_failures_are_told_by_reason_and_each_with_whom_it_was_for(
    office: Office, sent: Sent
) -> None:
    _, shown = await call(office.approver, "GET", f"{sent.path}/failure-groups")
    by_kind = {one["kind"]: one for one in shown["groups"]}
    counts = {kind: (one["count"], one["mended"], one["barred"]) for kind, one in by_kind.items()}
    assert counts == {
        "recipient": (2, 1, 0),
        "consent": (1, 0, 1),
        "unsaid": (1, 0, 1),
        "outcome_unknown": (1, 0, 0),
        "worker_died": (1, 0, 0),
    }
    doubtful = {kind for kind, one in by_kind.items() if one["may_have_arrived"]}
    assert doubtful == {"outcome_unknown", "worker_died"}
    assert by_kind["recipient"]["zh"] == "号码或地址无效"
    assert all(one["zh"] != one["kind"] for one in shown["groups"])
    _, page = await call(office.marketing, "GET", f"{sent.path}/failures?kind=recipient")
    assert {one["id"] for one in page["failures"]} == {sent.ids["gone"], sent.ids["moved"]}
    mended = {one["id"]: one["is_mended"] for one in page["failures"]}
    assert mended == {sent.ids["gone"]: False, sent.ids["moved"]: True}
    assert {one["reason"] for one in page["failures"]} == {"recipient:43004"}
    _, page = await call(office.marketing, "GET", f"{sent.path}/failures")
    assert {one["id"] for one in page["failures"]} == set(sent.ids.values()) - {sent.ids["arrived"]}
    last = page["failures"][-1]["id"]
    _, rest = await call(office.marketing, "GET", f"{sent.path}/failures?after={last}")
    assert rest == {"failures": []}


async def test_chosen_ones_go_again_to_where_the_client_is_now(office: Office, sent: Sent) -> None:
    body = {"messages": list(sent.ids.values())}
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay", body)
    assert done == {"queued": 2}
    assert await _read_state(office.database, sent.ids["moved"]) == ("queued", "sms-new")
    assert (await _read_state(office.database, sent.ids["silent"]))[0] == "failed"
    queue = await fetch(office.database, "SELECT lane FROM queue")
    assert [row.lane for row in queue] == ["bulk", "bulk"]
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay", body)
    assert done == {"queued": 0}
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay", body | {"doubtful": True})
    assert done == {"queued": 2}
    left = await call(office.marketing, "GET", f"{sent.path}/failures")
    assert {one["id"] for one in left[1]["failures"]} == {sent.ids["stopped"], sent.ids["blocked"]}


async def test_all_of_a_kind_go_again_and_what_may_have_arrived_only_if_a_person_says_so(
    office: Office, sent: Sent
) -> None:
    path = f"{sent.path}/replay-all"
    assert (await call(office.marketing, "POST", path, {"kind": "recipient"}))[1] == {"queued": 2}
    kind = {"kind": "outcome_unknown"}
    assert (await call(office.marketing, "POST", path, kind))[1] == {"queued": 0}
    told = await call(office.marketing, "POST", path, kind | {"doubtful": True})
    assert told[1] == {"queued": 1}
    barred = {"kind": "consent", "doubtful": True}
    assert (await call(office.marketing, "POST", path, barred))[1] == {"queued": 0}
    events = await fetch(
        office.database, "SELECT after FROM event WHERE verb = 'campaign_replayed' ORDER BY id"
    )
    assert [row.after["queued"] for row in events] == [2, 1]


async def test_another_campaigns_messages_stay_where_they_are(office: Office, sent: Sent) -> None:
    async with office.database.transaction() as connection:
        other = await add_campaign(connection, state="done")
    body = {"messages": [sent.ids["gone"]], "doubtful": True}
    answer = await call(office.marketing, "POST", f"/v1/campaigns/{other}/replay", body)
    assert answer == (200, {"queued": 0})
    assert (await _read_state(office.database, sent.ids["gone"]))[0] == "rejected"
    _, shown = await call(office.marketing, "GET", f"/v1/campaigns/{other}/failure-groups")
    assert shown["groups"] == []


async def test_nothing_of_a_cancelled_campaign_is_sent_again(office: Office, sent: Sent) -> None:
    await run_sql(office.database, "UPDATE campaign SET state = 'cancelled'")
    for path, body in (
        ("replay", {"messages": [sent.ids["gone"]]}),
        ("replay-all", {"kind": "recipient"}),
    ):
        status, told = await call(office.marketing, "POST", f"{sent.path}/{path}", body)
        assert (status, told["error"]["message"]) == (409, "活动已取消，不能再补发。")
    assert (await _read_state(office.database, sent.ids["gone"]))[0] == "rejected"


async def test_what_is_asked_wrongly_is_refused_and_so_is_who_may_not(
    office: Office, sent: Sent
) -> None:
    wrongs: list[tuple[str, Any]] = [
        ("replay", {}),
        ("replay", {"messages": []}),
        ("replay", {"messages": [str(new_id())] * 101}),
        ("replay", {"messages": "x"}),
        ("replay", {"messages": [sent.ids["gone"]], "doubtful": 1}),
        ("replay-all", {}),
        ("replay-all", {"kind": ""}),
        ("replay-all", {"kind": "x" * 61}),
        ("replay-all", {"kind": "\0"}),
        ("replay-all", {"kind": "recipient", "doubtful": "yes"}),
    ]
    for path, body in wrongs:
        assert (await call(office.marketing, "POST", f"{sent.path}/{path}", body))[0] == 400, body
    unknown = {"messages": ["x"]}
    assert (await call(office.marketing, "POST", f"{sent.path}/replay", unknown))[0] == 404
    gone = f"/v1/campaigns/{new_id()}"
    assert (await call(office.marketing, "GET", f"{gone}/failures"))[0] == 404
    assert (await call(office.marketing, "GET", f"{gone}/failure-groups"))[0] == 404
    assert (await call(office.marketing, "POST", f"{gone}/replay-all", {"kind": "x"}))[0] == 404
    right = {"messages": [sent.ids["gone"]]}
    assert (await call(office.approver, "POST", f"{sent.path}/replay", right))[0] == 403
    for method, path in (
        ("GET", "failures"),
        ("GET", "failure-groups"),
        ("POST", "replay"),
        ("POST", "replay-all"),
    ):
        assert (await call(office.agent, method, f"{sent.path}/{path}", right))[0] == 403
    assert (await _read_state(office.database, sent.ids["gone"]))[0] == "rejected"


async def _send(database: Database, campaign: UUID, fate: str) -> UUID:
    """Write what a plan and a sending leave of one recipient; return the message's id."""
    state, reason = ENDS[fate]
    outbox_id = new_id()
    async with database.transaction() as connection:
        client = await add_client(connection)
        parameters = {
            "id": outbox_id, "campaign": campaign, "client": client,
            "state": state, "reason": reason,
        }  # fmt: skip
        for statement in _SEND:
            await connection.execute(text(statement), parameters)
    return outbox_id


_SEND = (
    """INSERT INTO campaign_recipient (campaign_id, client_id, identity_id, arm, state)
    SELECT :campaign, client_id, id, 'a', 'planned' FROM identity WHERE client_id = :client""",
    """INSERT INTO outbox (id, campaign_id, client_id, content_id, arm, channel, account, address,
      author_kind, state, reason, attempts, ended_at)
    SELECT :id, :campaign, :client, (SELECT content_id FROM campaign WHERE id = :campaign), 'a',
      channel, account, address, 'system', :state, :reason, 1, now()
    FROM identity WHERE client_id = :client""",
)


async def _read_state(database: Database, outbox_id: str) -> tuple[str, str]:
    [row] = await fetch(
        database, "SELECT state, address FROM outbox WHERE id = :id", id=UUID(outbox_id)
    )
    return row.state, row.address
