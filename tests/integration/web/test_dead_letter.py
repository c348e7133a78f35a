"""Messages that came to nothing over real HTTP: read by reason, sent again, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.ids import new_id
from orchestrator.pacing import Pacer
from store import dead_letter
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
    assert done["queued"] == 2
    assert _count(done) == {"consent": 1, "blocked": 1, "may_have_arrived": 2}
    assert {one["zh"] for one in done["left"]} == {
        *("渠道方拒收", "已拉黑我们", "可能已送达，未确认补发")
    }
    assert await _read_state(office.database, sent.ids["moved"]) == ("queued", "sms-new")
    assert (await _read_state(office.database, sent.ids["silent"]))[0] == "failed"
    queue = await fetch(office.database, "SELECT lane FROM queue")
    assert [row.lane for row in queue] == ["bulk", "bulk"]
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay", body)
    assert done["queued"] == 0
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay", body | {"doubtful": True})
    assert (done["queued"], _count(done)) == (2, {"consent": 1, "blocked": 1})
    left = await call(office.marketing, "GET", f"{sent.path}/failures")
    assert {one["id"] for one in left[1]["failures"]} == {sent.ids["stopped"], sent.ids["blocked"]}


async def test_all_of_a_kind_go_again_and_what_may_have_arrived_only_if_a_person_says_so(
    office: Office, sent: Sent
) -> None:
    path = f"{sent.path}/replay-all"

    async def ask(**body: Any) -> tuple[int, dict[str, int], str | None]:
        _, done = await call(office.marketing, "POST", path, body)
        return done["queued"], _count(done), done["next"]

    assert await ask(kind="recipient") == (2, {}, None)
    assert await ask(kind="outcome_unknown") == (0, {"may_have_arrived": 1}, None)
    assert await ask(kind="outcome_unknown", doubtful=True) == (1, {}, None)
    assert await ask(kind="consent", doubtful=True) == (0, {"consent": 1}, None)
    events = await fetch(
        office.database, "SELECT after FROM event WHERE verb = 'campaign_replayed' ORDER BY id"
    )
    assert [row.after["queued"] for row in events] == [2, 1]


async def test_who_may_not_get_it_now_is_left_out_and_told_why(office: Office, sent: Sent) -> None:
    await run_sql(
        office.database, "UPDATE content SET min_risk = 'C3' WHERE category = 'marketing'"
    )
    fall = """UPDATE client SET risk_level = 'C2' FROM outbox
      WHERE outbox.id = :id AND outbox.client_id = client.id"""
    await run_sql(office.database, fall, id=UUID(sent.ids["gone"]))
    _, page = await call(office.marketing, "GET", f"{sent.path}/failures?kind=recipient")
    barred = {one["id"]: one["barred"] for one in page["failures"]}
    assert barred[sent.ids["gone"]] == {
        "zh": "风险等级低于内容要求", "en": "below the content's risk level",
    }  # fmt: skip
    assert barred[sent.ids["moved"]] is None
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay-all", {"kind": "recipient"})
    assert (done["queued"], _count(done)) == (1, {"not_suitable": 1})
    assert (await _read_state(office.database, sent.ids["gone"]))[0] == "rejected"
    await run_sql(office.database, "UPDATE content SET state = 'retired'")
    chosen = {"messages": [sent.ids["gone"], sent.ids["cut"]], "doubtful": True}
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay", chosen)
    assert (done["queued"], _count(done)) == (0, {"withdrawn": 2})


async def test_a_kind_is_gone_through_in_steps(
    office: Office, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letter, "MOST", 1)
    await run_sql(
        office.database,
        "UPDATE identity SET is_subscribed = false FROM outbox WHERE outbox.id = :id "
        "AND identity.client_id = outbox.client_id",
        id=UUID(min(sent.ids["gone"], sent.ids["moved"])),
    )
    path, told = f"{sent.path}/replay-all", []
    asked: dict[str, Any] = {"kind": "recipient"}
    for _ in range(3):
        _, done = await call(office.marketing, "POST", path, asked)
        told.append((done["queued"], _count(done)))
        asked["after"] = done["next"]
    assert told == [(0, {"unsubscribed": 1}), (1, {}), (0, {})]
    assert asked["after"] is None


async def test_by_night_it_is_queued_for_the_morning(office: Office, sent: Sent) -> None:
    zone = await _find_night(office)
    await run_sql(office.database, "UPDATE client SET timezone = :zone", zone=zone)
    body = {"kind": "recipient"}
    _, done = await call(office.marketing, "POST", f"{sent.path}/replay-all", body)
    assert done["queued"] == 2
    queue = await fetch(office.database, "SELECT not_before > now() AS is_later FROM queue")
    assert [row.is_later for row in queue] == [True, True]


async def test_another_campaigns_messages_stay_where_they_are(office: Office, sent: Sent) -> None:
    async with office.database.transaction() as connection:
        other = await add_campaign(connection, state="done")
    body = {"messages": [sent.ids["gone"]], "doubtful": True}
    answer = await call(office.marketing, "POST", f"/v1/campaigns/{other}/replay", body)
    assert answer == (200, {"queued": 0, "left": [], "next": None})
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


def _count(done: dict[str, Any]) -> dict[str, int]:
    return {one["reason"]: one["count"] for one in done["left"]}


async def _find_night(office: Office) -> str:
    """Return a time zone where clients are in their quiet hours at this moment."""
    async with office.database.transaction() as connection:
        pace = await Pacer(office.site.house.clock).find(connection, "marketing")
    return next(name for name, hour in pace.zones.items() if hour.due_at is not None)
