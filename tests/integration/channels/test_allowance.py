"""What goes out one by one is counted where campaigns ask how much they may send."""

from __future__ import annotations

import asyncio

import pytest

from channels import allowance
from channels.account import Account, Accounts, Detail, Provider, find_quota, find_rate
from channels.contract import Capabilities, Channels
from channels.roster import Roster
from kernel.errors import InvalidInput
from kernel.message import Accepted, Author, Content, Retryable
from store import account, account_day, outbox, throttle
from store.account import Setup
from store.cipher import Cipher
from store.engine import Database
from store.outbox import Draft
from tests.ledger import LedgerChannel, said
from tests.stage import Stage, make_stage

DEMO = ("wechat", "demo")


async def deliver(stage: Stage, count: int, name: str = "a") -> None:
    """Send an agent's reply to so many clients, and wait until it is recorded."""
    stage.channel.capabilities = Capabilities()
    for number in range(count):
        who = said(f"{name}{number}", who=f"{name}{number}")
        talk = (await stage.receiver.receive(who)).conversation_id
        async with stage.database.transaction() as connection:
            await outbox.post(
                connection, stage.cipher, Draft(talk, Author.AGENT, Content(text=str(number)))
            )
        await stage.deliverer._round()
        await asyncio.gather(*stage.deliverer._calls)
    await asyncio.sleep(allowance.TELL_SECONDS)
    await stage.deliverer._spending.record()


async def test_replies_spend_the_tokens_of_their_account_without_waiting(
    database: Database, cipher: Cipher
) -> None:
    stage = make_stage(database, cipher)
    async with database.transaction() as connection:
        await throttle.set_limit(connection, *DEMO, 1.0)
    stage.deliverer.channels.rates[DEMO] = 1.0
    await deliver(stage, 5)
    assert len(stage.channel.ledger) == 5
    async with database.transaction() as connection:
        granted = await throttle.grant(connection, *DEMO, wanted=10)
    assert granted.n == 0
    assert granted.wait > 3.0


async def test_replies_that_fail_open_the_circuit_and_one_that_does_not_closes_it(
    database: Database, cipher: Cipher
) -> None:
    stage = make_stage(database, cipher)
    stage.channel.script = lambda _: Retryable("busy", 60.0)
    await deliver(stage, throttle.FAILURES)
    async with database.transaction() as connection:
        assert await throttle.find_open(connection) == [DEMO]
    stage.channel.script = lambda _: Accepted("p")
    await deliver(stage, 1, "b")
    async with database.transaction() as connection:
        assert await throttle.find_open(connection) == []


def build(made_of: Account) -> LedgerChannel:
    return LedgerChannel("sms", made_of.name)


async def test_an_account_says_how_much_it_may_send(database: Database, cipher: Cipher) -> None:
    details = (Detail("per_second", "每秒", "a second", default=""),)
    provider = Provider("sms", "acme", "埃克米", "Acme", details, build, "")
    roster = Roster(database, cipher, Accounts([provider], Channels()))
    async with database.transaction() as connection:
        setup = Setup("sms", "acme", "one", {"per_second": "2.5"}, {})
        made = await account.add(connection, cipher, setup, actor="person:1")
    await roster.refresh()
    async with database.transaction() as connection:
        granted = [(await throttle.grant(connection, "sms", "one", wanted=9)).n for _ in range(2)]
        assert granted == [1, 0]
        await account.change(connection, made, {"per_second": ""}, actor="person:1")
    await roster.refresh()
    async with database.transaction() as connection:
        await asyncio.sleep(0.5)
        assert (await throttle.grant(connection, "sms", "one", wanted=9)).n == 9


@pytest.mark.parametrize("wrong", ["many", "0", "-1", "nan", "1e9"])
def test_a_limit_is_a_number(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="per_second"):
        find_rate(Account("sms", "acme", "one", {"per_second": wrong}))


@pytest.mark.parametrize("wrong", ["0", "-3", "many", "1.5", "99999999999", "１０"])
def test_a_quota_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="per_day"):
        find_quota(Account("sms", "acme", "one", {"per_day": wrong}))


async def test_an_account_says_how_many_a_day_it_may_send(database: Database) -> None:
    details = (Detail("per_day", "每天", "a day", default=""),)
    kind = Provider("sms", "acme", "短信", "SMS", details, build, "")
    channels = Channels()
    accounts = Accounts((kind,), channels)
    accounts.put(Account("sms", "acme", "one", {"per_day": "10000"}))
    (channel,) = channels
    assert channels.find_quota(channel) == 10_000
    accounts.put(Account("sms", "acme", "one", {"per_day": ""}))
    assert (channels.find_quota(channel), channels.quotas) == (None, {})


async def test_replies_count_in_the_day_of_their_account(
    database: Database, cipher: Cipher
) -> None:
    stage = make_stage(database, cipher)
    stage.deliverer.channels.quotas[DEMO] = 10
    await deliver(stage, 3)
    async with database.transaction() as connection:
        left = await account_day.take(connection, *DEMO, wanted=100, quota=10)
    assert left == 7
