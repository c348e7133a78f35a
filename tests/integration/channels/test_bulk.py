"""Campaigns sent: each recipient once or with a reason, whatever changes, fails or dies."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest

from channels import bulk
from channels.contract import Alike, Capabilities
from channels.deliver import Deliverer
from channels.live import Hub
from kernel.message import Outbound, Refusal, Rejected, Retryable, SendResult, Unknown
from orchestrator.quiet import QuietHours
from store import share, throttle
from store.cipher import Cipher
from store.engine import Database
from tests.campaign import Firm, accept, add_campaign, add_client, fetch, provider, run_sql

SMS = ("sms", "main")


@dataclass
class EarlyChannel(Alike):
    """A provider whose receipt overtakes its answer."""

    post: Callable[[Outbound], Awaitable[SendResult]]
    name: str = "sms"
    account: str = "main"
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def send(self, outbound: Outbound) -> SendResult:
        """Report first, and answer then."""
        return await self.post(outbound)

    async def close(self) -> None:
        """Close nothing."""


@asynccontextmanager
async def sending(firm: Firm, *workers: str) -> AsyncIterator[None]:
    """Let workers send within the block."""
    running = [asyncio.create_task(firm.sender(name, loops=2).run()) for name in workers or ("w",)]
    try:
        yield
    finally:
        for one in running:
            one.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended


async def await_state(database: Database, campaign: UUID, state: str = "done") -> None:
    """Wait until a campaign has come to a state."""
    async with asyncio.timeout(20):
        while True:
            row = await fetch(database, "SELECT state FROM campaign WHERE id = :c", c=campaign)
            if row[0].state == state:
                return
            await asyncio.sleep(0.02)


async def make(database: Database, n: int, **campaign: object) -> tuple[UUID, list[UUID]]:
    """Add `n` clients who agree to everything, and a campaign to them."""
    async with database.transaction() as connection:
        clients = [await add_client(connection) for _ in range(n)]
        return await add_campaign(connection, **campaign), clients  # type: ignore[arg-type]


async def test_each_recipient_is_sent_to_once_by_many_workers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE", 7)
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
        ("UPDATE consent_now SET state = 'no' WHERE identity_id = "
         "(SELECT id FROM identity WHERE client_id = :c)", said_no),
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
    monkeypatch.setattr(bulk, "SLICE", 5)
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 20)
    await firm.plan()
    async with database.transaction() as connection:
        held = await share.lease(connection, "w/1")
    assert held is not None
    await run_sql(database, "UPDATE campaign SET state = 'paused'")
    pace = firm.pacer.find("marketing")
    async with database.transaction() as connection:
        taken = await share.take(connection, held, pace, account="main", limit=5)
    assert taken.going == []
    async with sending(firm):
        await asyncio.sleep(1.0)
        assert sms.ledger == []
        await run_sql(database, "UPDATE campaign SET state = 'running'")
        await run_sql(database, "UPDATE campaign_share SET lease_until = NULL")
        await await_state(database, campaign)
    assert len(sms.ledger) == 20


async def test_a_worker_that_died_leaves_unknown_messages_and_the_rest_to_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "LEASE_SECONDS", 0.5)
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 10)
    await firm.plan()
    pace = firm.pacer.find("marketing")
    async with database.transaction() as connection:
        held = await share.lease(connection, "dead/1")
    assert held is not None
    async with database.transaction() as connection:
        taken = await share.take(connection, held, pace, account="main", limit=4)
    assert len(taken.going) == 4  # committed as `sending`, and then the worker is no more
    async with sending(firm):
        while len(sms.ledger) < 6:
            await asyncio.sleep(0.05)
        async with database.transaction() as connection:
            assert await share.recover(connection, "dead") == 4
        await await_state(database, campaign)
    assert len(sms.ledger) == 6
    lost = {str(one.address.address) for one in taken.going}
    assert lost.isdisjoint(one.address.address for one in sms.ledger)
    assert await firm.read_outbox(campaign) == {("sms", "accepted"): 6, ("sms", "unknown"): 4}
    async with database.transaction() as connection:  # the dead one wakes up: too late
        late = await share.take(connection, held, pace, account="main", limit=4)
    assert late.going == []


async def test_outcomes_go_where_they_belong_and_retries_keep_their_lane(
    database: Database, cipher: Cipher
) -> None:
    answers: dict[str, SendResult] = {}

    def judge(outbound: Outbound) -> SendResult:
        return answers.pop(outbound.address.address, None) or accept(outbound)

    sms = provider(script=judge)
    firm = Firm.open(database, sms)
    campaign, (busy, refused, gone, silent, _) = await make(database, 5)
    answers |= {
        f"sms-{busy}": Retryable("busy", 0.1),
        f"sms-{refused}": Rejected(Refusal.CONSENT, "stop"),
        f"sms-{gone}": Rejected(Refusal.RECIPIENT, "gone"),
        f"sms-{silent}": Unknown("timeout"),
    }
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
        await asyncio.sleep(0.2)
    lanes = await fetch(database, "SELECT lane FROM queue")
    assert [row.lane for row in lanes] == ["bulk"]
    words = await fetch(database, "SELECT state FROM consent WHERE category = 'all'")
    assert [row.state for row in words] == ["no"]
    await _deliver(firm, cipher, campaign)
    assert await firm.read_outbox(campaign) == {
        ("sms", "accepted"): 2,
        ("sms", "rejected"): 2,
        ("sms", "unknown"): 1,
    }
    again = next(one for one in sms.ledger if one.address.address == f"sms-{busy}")
    assert (again.attempt, again.content.text) == (2, "智达周报已更新。")


async def test_a_receipt_that_came_too_early_is_applied(database: Database) -> None:
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 1)
    await firm.plan()

    async def send(outbound: Outbound) -> SendResult:
        await run_sql(
            database,
            "INSERT INTO receipt (channel, account, provider_id, provider_event_id, status, rank, "
            "at) VALUES ('sms', 'main', :p, 'e1', 'delivered', 3, now())",
            p=f"p-{outbound.outbox_id}",
        )
        return accept(outbound)

    firm.channels.add(EarlyChannel(send))
    async with sending(firm):
        await await_state(database, campaign)
    assert await firm.read_outbox(campaign) == {("sms", "delivered"): 1}


async def test_an_account_that_fails_rests_and_another_stands_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE", 30)
    broken = provider(account="main", script=lambda _: Retryable("down"))
    good = provider(account="spare")
    firm = Firm.open(database, broken, good)
    campaign, _ = await make(database, 120)
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
    async with database.transaction() as connection:
        assert await throttle.find_open(connection) == [SMS]
        assert (await throttle.grant(connection, *SMS, wanted=10)).is_open
    states = await firm.read_outbox(campaign)
    assert states["sms", "queued"] + states["sms", "accepted"] == 120
    assert len(good.ledger) == states["sms", "accepted"] >= 30
    assert all(one.address.account == "spare" for one in good.ledger)


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
    monkeypatch.setattr(bulk, "SLICE", 2)
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


async def _deliver(firm: Firm, cipher: Cipher, campaign: UUID) -> None:
    deliverer = Deliverer(firm.database, cipher, firm.channels, Hub(None), "d", writer=firm.writer)
    running = asyncio.create_task(deliverer.run())
    async with asyncio.timeout(10):
        while (await firm.read_outbox(campaign))["sms", "queued"]:
            await asyncio.sleep(0.05)
        while (await firm.read_outbox(campaign))["sms", "sending"]:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
