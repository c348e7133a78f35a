"""Campaigns sent: each recipient once or with a reason, whatever changes meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, time, timedelta

import pytest

from channels import allowance, bulk
from orchestrator.quiet import QuietHours
from store import share, throttle
from store.engine import Database
from tests.campaign import Firm, add_campaign, fetch, provider, run_sql
from tests.mailing import await_state, make, sending

SMS = ("sms", "main")


async def test_each_recipient_is_sent_to_once_by_many_workers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "SLICE", 7)
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, clients = await make(database, 60)
    await firm.plan()
    async with sending(firm, "one", "two", "three"):
        await await_state(database, campaign)
    arrived = Counter(one.address.address for one in sms.ledger)
    assert arrived == Counter(f"sms-{client}" for client in clients)
    assert {one.content.text for one in sms.ledger} == {"智达周报已更新。"}
    assert await firm.read_outbox(campaign) == {("sms", "accepted"): 60}
    counts = await fetch(database, "SELECT sum(n) AS n, max(n) AS most FROM contact_count")
    assert (counts[0].n, counts[0].most) == (60, 1)


async def test_what_changed_since_the_plan_is_seen_at_the_moment_of_sending(
    database: Database,
) -> None:
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, clients = await make(database, 7, min_risk="C2")
    fine, blocked, left, said_no, lowered, tired, moved = clients
    await firm.plan()
    for statement, client in (
        ("UPDATE identity SET is_blocked = true WHERE client_id = :c", blocked),
        ("UPDATE identity SET is_subscribed = false WHERE client_id = :c", left),
        ("INSERT INTO consent (id, identity_id, category, state, source) "
         "SELECT row_id(), id, 'marketing', 'no', 'test' FROM identity WHERE client_id = :c",
         said_no),
        ("UPDATE client SET risk_level = 'C1' WHERE id = :c", lowered),
        ("INSERT INTO contact_count VALUES (:c, 'marketing', CAST(now() AS date), 3)", tired),
        ("UPDATE identity SET client_id = NULL WHERE client_id = :c", moved),
    ):  # fmt: skip
        await run_sql(database, statement, c=client)
    async with sending(firm):
        await await_state(database, campaign)
    assert await firm.read_plan(campaign) == {
        fine: ("planned", None),
        blocked: ("suppressed", "blocked"),
        left: ("suppressed", "unsubscribed"),
        said_no: ("suppressed", "refused"),
        lowered: ("suppressed", "not_suitable"),
        tired: ("suppressed", "over_cap"),
        moved: ("suppressed", "no_address"),
    }
    assert [one.address.address for one in sms.ledger] == [f"sms-{fine}"]


async def test_a_paused_campaign_sends_nothing_and_goes_on_where_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "SLICE", 5)
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 20)
    await firm.plan()
    async with database.transaction() as connection:
        held = await share.lease(connection, "w/1")
    assert held is not None
    await run_sql(database, "UPDATE campaign SET state = 'paused'")
    async with database.transaction() as connection:
        pace = await firm.pacer.find(connection, "marketing")
        taken = await share.take(connection, held, pace, account="main", limit=5)
    assert taken.going == []
    async with sending(firm):
        await asyncio.sleep(1.0)
        assert sms.ledger == []
        await run_sql(database, "UPDATE campaign SET state = 'running'")
        await run_sql(database, "UPDATE campaign_share SET lease_until = NULL")
        await await_state(database, campaign)
    assert len(sms.ledger) == 20


async def test_what_is_held_goes_when_its_quiet_hours_are_over(database: Database) -> None:
    sms = provider()
    firm = Firm.open(database, sms, quiet=QuietHours(time(22), time(8)))
    night = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    firm.clock.at = night
    campaign, clients = await make(database, 3)
    await firm.plan()
    assert set((await firm.read_plan(campaign)).values()) == {("held", "quiet_hours")}
    async with sending(firm):
        await asyncio.sleep(0.7)
        assert sms.ledger == []  # the database's clock says due, the clients' wall does not
        firm.clock.at = night + timedelta(hours=10)
        await run_sql(database, "UPDATE campaign_recipient SET due_at = now()")
        await await_state(database, campaign)
    assert len(sms.ledger) == len(clients)


async def test_campaigns_have_their_turns(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "SLICE", 2)
    monkeypatch.setattr(bulk, "SLICES", 1)
    sms = provider()
    firm = Firm.open(database, sms)
    first, _ = await make(database, 30)
    async with database.transaction() as connection:
        second = await add_campaign(connection, body="第二个活动。")
    await firm.plan()
    async with sending(firm):
        await await_state(database, first)
        await await_state(database, second)
    half = [one.content.text for one in sms.ledger[:20]]
    assert 5 <= half.count("第二个活动。") <= 15, half


async def test_tokens_last_for_what_was_agreed_however_many_ask(database: Database) -> None:
    async with database.transaction() as connection:
        await throttle.set_limit(connection, *SMS, 40.0)

    async def ask() -> int:
        async with database.transaction() as connection:
            return (await throttle.grant(connection, *SMS, wanted=100)).n

    async def ask_for(seconds: float) -> int:
        end, total = asyncio.get_running_loop().time() + seconds, 0
        while asyncio.get_running_loop().time() < end:
            total += await ask()
            await asyncio.sleep(0.01)
        return total

    total = sum(await asyncio.gather(*(ask_for(1.0) for _ in range(4))))
    elapsed = await fetch(
        database,
        "SELECT extract(epoch FROM free_at - now()) AS ahead FROM throttle",
    )
    assert total <= 40 * 1.6, elapsed
    assert total >= 30
