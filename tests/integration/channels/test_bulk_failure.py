"""Campaigns whose workers die and whose providers fail: what becomes of each message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from channels import allowance, volley
from channels.contract import Alike, Capabilities
from kernel.message import Outbound, Refusal, Rejected, Retryable, SendResult, Unknown
from store import dead_letter, share, throttle
from store.cipher import Cipher
from store.dead_letter import How
from store.engine import Connection, Database
from store.verdict import Judge, find_terms
from tests.campaign import Firm, accept, fetch, provider, run_sql
from tests.mailing import await_state, deliver_retries, make, sending

SMS = ("sms", "main")


async def find_judge(connection: Connection, firm: Firm, campaign: UUID) -> Judge:
    terms = await find_terms(connection, campaign)
    return Judge(terms, await firm.pacer.find(connection, terms.category))


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


async def test_a_worker_that_died_leaves_unknown_messages_and_the_rest_to_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "LEASE_SECONDS", 0.5)
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 10)
    await firm.plan()
    async with database.transaction() as connection:
        pace = await firm.pacer.find(connection, "marketing")
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
    await deliver_retries(firm, cipher, campaign)
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
    monkeypatch.setattr(allowance, "SLICE", 30)
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


async def test_an_account_that_works_again_is_no_longer_tried_by_few(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "OPEN_SECONDS", 0.2)
    monkeypatch.setattr(volley, "AT_ONCE", 1)
    calls = iter(range(1_000))
    sms = provider(
        script=lambda one: Retryable("down") if next(calls) < throttle.FAILURES else accept(one)
    )
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 60)
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
    rows = await fetch(database, "SELECT failures, open_until FROM throttle")
    assert [tuple(row) for row in rows] == [(0, None)]
    assert len(sms.ledger) >= 60 - throttle.FAILURES - allowance.DOUBTFUL_SLICE


async def test_dead_letters_are_read_mended_and_sent_again_by_a_person(
    database: Database, cipher: Cipher
) -> None:
    answers: dict[str, SendResult] = {}
    sms = provider(script=lambda one: answers.get(one.address.address) or accept(one))
    firm = Firm.open(database, sms)
    campaign, (wrong, refused, lost) = await make(database, 3)
    answers |= {
        f"sms-{wrong}": Rejected(Refusal.RECIPIENT, "gone"),
        f"sms-{refused}": Rejected(Refusal.CONSENT, "stop"),
        f"sms-{lost}": Unknown("timeout"),
    }
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
    await run_sql(
        database,
        "UPDATE outbox SET state = 'failed', reason = 'outcome_unknown' WHERE state = 'unknown'",
    )
    await run_sql(database, "UPDATE identity SET address = 'sms-new' WHERE client_id = :c", c=wrong)
    async with database.transaction() as connection:
        judge = await find_judge(connection, firm, campaign)
        dead = {one.client_id: one for one in await dead_letter.find_dead(connection, judge)}
        assert dead.keys() == {wrong, refused, lost}
        assert (dead[wrong].is_mended, dead[lost].is_doubtful) == (True, True)
        ids = [one.outbox_id for one in dead.values()]
        done = await dead_letter.replay(connection, judge, ids, How("person:x"))
        assert (done.queued, done.left) == (1, {"consent": 1, "may_have_arrived": 1})
    await deliver_retries(firm, cipher, campaign)
    assert [one.address.address for one in sms.ledger] == ["sms-new"]
    async with database.transaction() as connection:
        again = await dead_letter.replay(connection, judge, ids, How("person:x", doubtful=True))
    assert again.queued == 1
    events = await fetch(database, "SELECT actor FROM event WHERE verb = 'campaign_replayed'")
    assert [row.actor for row in events] == ["person:x", "person:x"]
