"""Messages of campaigns that are sent again: each attempt counted, each outcome in its place."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from channels import ending, resend, volley
from channels.contract import Capabilities
from channels.deliver import CALL_SECONDS
from channels.fetched import Poster
from channels.live import Hub
from channels.resend import Resender
from channels.sweep import DEAD_SECONDS, MAX_ATTEMPTS, SETTLE_SECONDS, SLICE_SECONDS
from kernel.message import Outbound, Refusal, Rejected, Retryable, SendResult, Unknown
from store import again, doubt, throttle
from store.batch import Outcome, Taken
from store.cipher import Cipher
from store.engine import Database
from tests.campaign import Firm, accept, fetch, provider, run_sql
from tests.ledger import LedgerChannel
from tests.mailing import await_state, make, sending

Judge = Callable[[Outbound], SendResult]
KEYED = Capabilities(has_key=True)
SMS = ("sms", "main")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(resend, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(throttle, "FAILURES", 1_000)


class Provider:
    """Fails every first call, then does what `later` says; counts the calls of each address."""

    def __init__(self, later: Judge, first: SendResult | None = None) -> None:
        self.later, self.first = later, first or Retryable("busy")
        self.calls: Counter[str] = Counter()
        self.channel: LedgerChannel = provider(script=self.answer)

    def answer(self, outbound: Outbound) -> SendResult:
        self.calls[outbound.address.address] += 1
        is_first = self.calls[outbound.address.address] == 1
        return self.first if is_first else self.later(outbound)


async def fail_first(database: Database, sms: Provider, n: int) -> tuple[Firm, UUID]:
    """Return a campaign of which everybody was called for once, in vain."""
    firm = Firm.open(database, sms.channel)
    campaign, _ = await make(database, n)
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
        while (await firm.read_outbox(campaign))["sms", "queued"] < n:
            await asyncio.sleep(0.02)
    return firm, campaign


@asynccontextmanager
async def resending(firm: Firm, cipher: Cipher) -> AsyncIterator[None]:
    worker = Resender(
        firm.database, cipher, firm.channels, Hub(None), firm.writer, Poster(cipher), "r"
    )
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def await_end(firm: Firm, campaign: UUID) -> dict[str, int]:
    """Wait until nothing is under way, and return how many ended in which state."""
    async with asyncio.timeout(20):
        while True:
            states = await firm.read_outbox(campaign)
            if not states["sms", "queued"] and not states["sms", "sending"]:
                return {name: n for (_, name), n in states.items() if n}
            await asyncio.sleep(0.02)


async def test_what_works_the_second_time_is_recorded_like_the_first(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(accept)
    firm, campaign = await fail_first(database, sms, 40)
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"accepted": 40}
    assert set(sms.calls.values()) == {2}
    assert {one.content.text for one in sms.channel.ledger} == {"智达周报已更新。"}
    tries = await fetch(database, "SELECT n, result, count(*) AS c FROM attempt GROUP BY 1, 2")
    assert {tuple(one) for one in tries} == {(1, "retry", 40), (2, "accepted", 40)}
    assert await fetch(database, "SELECT 1 FROM queue") == []
    told = await fetch(
        database, "SELECT sum((after->>'accepted')::int) AS n FROM event WHERE subject_id = :c",
        c=str(campaign),
    )  # fmt: skip
    assert told[0].n == 40


async def test_what_never_works_is_given_up_after_so_many_calls(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(lambda _: Retryable("busy"))
    firm, campaign = await fail_first(database, sms, 2)
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"failed": 2}
    assert set(sms.calls.values()) == {MAX_ATTEMPTS}


async def test_outcomes_of_later_calls_go_where_they_belong(
    database: Database, cipher: Cipher
) -> None:
    answers: list[SendResult] = [Rejected(Refusal.RECIPIENT, "gone"), Unknown("late")]
    answers.append(Rejected(Refusal.CONSENT, "stop"))
    sms = Provider(lambda _: answers.pop())
    firm, campaign = await fail_first(database, sms, 3)
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"rejected": 2, "unknown": 1}
    words = await fetch(database, "SELECT state FROM consent WHERE category = 'all'")
    assert [row.state for row in words] == ["no"]


async def test_a_doubt_under_a_key_is_cleared_by_the_same_key(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(accept, first=Unknown("timeout"))
    sms.channel.capabilities = KEYED
    firm, campaign = await fail_first(database, sms, 3)
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"accepted": 3}
    assert all(one.is_repeat and one.attempt == 2 for one in sms.channel.ledger)


async def test_a_refusal_does_not_say_that_the_call_before_it_did_nothing(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(lambda _: Rejected(Refusal.CONFIG, "1003"), first=Unknown("timeout"))
    sms.channel.capabilities = KEYED
    firm, campaign = await fail_first(database, sms, 2)
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"failed": 2}
    reasons = await fetch(database, "SELECT DISTINCT reason FROM outbox")
    assert [row.reason for row in reasons] == ["outcome_unknown:config:1003"]


async def test_nothing_of_a_stopped_campaign_is_sent_again(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(accept)
    firm, campaign = await fail_first(database, sms, 5)
    await run_sql(database, "UPDATE campaign SET state = 'paused'")
    async with resending(firm, cipher):
        await asyncio.sleep(0.3)
        assert not sms.channel.ledger
        await run_sql(database, "UPDATE campaign SET state = 'running'")
        assert await await_end(firm, campaign) == {"accepted": 5}


async def test_people_stop_it_in_the_middle_and_what_was_not_called_for_counts_as_no_attempt(
    database: Database, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volley, "AT_ONCE", 2)
    monkeypatch.setattr(volley, "LOOK_SECONDS", 0.05)
    sms = Provider(accept)
    firm, campaign = await fail_first(database, sms, 30)
    await run_sql(database, "UPDATE campaign SET state = 'running'")
    sms.channel.delay = 0.1
    async with resending(firm, cipher):
        while not sms.channel.ledger:
            await asyncio.sleep(0.02)
        await run_sql(database, "UPDATE campaign SET state = 'paused'")
        while (await firm.read_outbox(campaign))["sms", "sending"]:
            await asyncio.sleep(0.02)
        states = await firm.read_outbox(campaign)
    assert 0 < states["sms", "accepted"] == len(sms.channel.ledger) < 30
    assert states["sms", "queued"] == 30 - states["sms", "accepted"]


async def test_an_accounts_limit_is_kept(database: Database, cipher: Cipher) -> None:
    sms = Provider(accept)
    firm, campaign = await fail_first(database, sms, 30)
    async with database.transaction() as connection:
        await throttle.set_limit(connection, "sms", "main", 20)
    started = asyncio.get_running_loop().time()
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"accepted": 30}
    assert asyncio.get_running_loop().time() - started > 0.9, "20 a second, and a quarter ahead"


async def test_a_late_word_on_an_earlier_call_undoes_no_later_one(
    database: Database, cipher: Cipher
) -> None:
    firm, campaign = await fail_first(database, Provider(accept), 1)
    async with database.transaction() as connection:
        (claimed,) = await again.claim(connection, cipher, "r", SMS, limit=9)
    assert claimed.attempt == 2
    for attempt, state in ((1, "sending"), (2, "queued")):
        async with database.transaction() as connection:
            late = [Outcome(claimed.outbox_id, "queued", "busy", attempt=attempt)]
            await again.record(connection, campaign, SMS, Taken(), late)
        assert await firm.read_outbox(campaign) == {("sms", state): 1}


@pytest.mark.parametrize(("ago", "found"), [(20, 0), (60, 1)])
async def test_a_slice_is_looked_up_once_its_last_call_is_long_over(
    database: Database, cipher: Cipher, ago: int, found: int
) -> None:
    await fail_first(database, Provider(accept), 1)
    await run_sql(
        database,
        "UPDATE outbox SET state = 'unknown', sending_at = now() - make_interval(secs => :ago)",
        ago=ago,
    )
    async with database.transaction() as connection:
        unknown = await doubt.find_unknown(
            connection, cipher, [SMS], older_than=SETTLE_SECONDS, slice_seconds=SLICE_SECONDS,
            limit=9,
        )  # fmt: skip
    assert len(unknown) == found


def test_no_call_of_a_slice_outlasts_what_look_ups_wait_for() -> None:
    assert volley.LATEST_SECONDS + CALL_SECONDS <= SLICE_SECONDS < DEAD_SECONDS
