"""What is asked before a first call is asked before each later one: consent, risk, caps, hours."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time
from uuid import UUID

import pytest
from sqlalchemy import text

from channels import ending, resend, volley
from kernel.ids import new_id
from kernel.message import Unknown
from orchestrator.pacing import Pacer
from orchestrator.quiet import QuietHours
from store import again, throttle
from store.cipher import Cipher
from store.engine import Database
from tests.campaign import Firm, accept, fetch, run_sql, yesterday
from tests.mailing import KEYED, Provider, await_end, claim_again, fail_first, resending

NIGHT = QuietHours(time(21), time(9))
AT_NIGHT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
"""22:30 in Shanghai."""
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
REFUSE = """
INSERT INTO consent (id, identity_id, category, state, source)
SELECT row_id(), id, :category, 'no', 'test' FROM identity WHERE client_id = :client
"""
OTHERS = """
UPDATE contact_count SET n = n + CAST(:others AS integer) WHERE client_id = :client
"""
FATES = "SELECT client_id, state, reason FROM outbox"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(resend, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(throttle, "FAILURES", 1_000)


async def find_clients(database: Database) -> list[UUID]:
    return [row.id for row in await fetch(database, "SELECT id FROM client ORDER BY id")]


async def read_fates(database: Database) -> dict[UUID, tuple[str, str | None]]:
    rows = await fetch(database, FATES)
    return {row.client_id: (row.state, row.reason) for row in rows}


def turn(firm: Firm, at: datetime, quiet: QuietHours) -> None:
    firm.clock.at = at
    firm.pacer = Pacer(firm.clock, quiet)


async def test_who_may_not_get_it_any_more_gets_a_reason_instead(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(accept)
    firm, campaign = await fail_first(database, sms, 9, min_risk="C3")
    refused, all_, blocked, left, fallen, over, gone, full, fine = await find_clients(database)
    await run_sql(database, REFUSE, client=refused, category="marketing")
    await run_sql(database, REFUSE, client=all_, category="all")
    for client, change in (
        (blocked, "UPDATE identity SET is_blocked = true WHERE client_id = :client"),
        (left, "UPDATE identity SET is_subscribed = false WHERE client_id = :client"),
        (fallen, "UPDATE client SET risk_level = 'C2' WHERE id = :client"),
        (gone, "UPDATE identity SET client_id = NULL WHERE client_id = :client"),
    ):
        await run_sql(database, change, client=client)
    day = "UPDATE client SET suitability_valid_until = :day WHERE id = :client"
    await run_sql(database, day, client=over, day=yesterday())
    await run_sql(database, OTHERS, client=full, others=3)
    await run_sql(database, OTHERS, client=fine, others=2)
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"accepted": 1, "cancelled": 8}
    assert await read_fates(database) == {
        refused: ("cancelled", "refused"),
        all_: ("cancelled", "refused"),
        blocked: ("cancelled", "blocked"),
        left: ("cancelled", "unsubscribed"),
        fallen: ("cancelled", "not_suitable"),
        over: ("cancelled", "suitability_expired"),
        gone: ("cancelled", "no_address"),
        full: ("cancelled", "over_cap"),
        fine: ("accepted", None),
    }
    assert [one.address.address for one in sms.channel.ledger] == [f"sms-{fine}"]
    assert await fetch(database, "SELECT 1 FROM queue") == []
    counted = await fetch(database, "SELECT n FROM contact_count WHERE client_id = :c", c=fine)
    assert [row.n for row in counted] == [3], "the message is counted once"
    told = await fetch(
        database, "SELECT sum((after->>'refused')::int) AS n FROM event WHERE subject_id = :c",
        c=str(campaign),
    )  # fmt: skip
    assert told[0].n == 2


async def test_paused_by_day_and_resumed_by_night_it_waits_for_the_morning(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(accept)
    firm, campaign = await fail_first(database, sms, 4)
    abroad, *_ = await find_clients(database)
    zone = "UPDATE client SET timezone = 'Europe/London' WHERE id = :client"
    await run_sql(database, zone, client=abroad)
    turn(firm, AT_NIGHT, NIGHT)
    async with resending(firm, cipher):
        while (await firm.read_outbox(campaign))["sms", "accepted"] < 1:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
    assert [one.address.address for one in sms.channel.ledger] == [f"sms-{abroad}"]
    waiting = await fetch(
        database,
        "SELECT state, reason, queue.not_before FROM queue JOIN outbox ON id = outbox_id",
    )
    assert {tuple(row) for row in waiting} == {("queued", "quiet_hours", MORNING)}
    turn(firm, MORNING, NIGHT)
    await run_sql(database, "UPDATE queue SET not_before = now()")
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"accepted": 4}
    tries = await fetch(database, "SELECT DISTINCT n FROM attempt ORDER BY n")
    assert [row.n for row in tries] == [1, 2], "waiting is no attempt"


async def test_what_may_have_arrived_stays_a_doubt_whoever_refuses_meanwhile(
    database: Database, cipher: Cipher
) -> None:
    sms = Provider(accept, first=Unknown("timeout"))
    sms.channel.capabilities = KEYED
    firm, campaign = await fail_first(database, sms, 1)
    [client] = await find_clients(database)
    await run_sql(database, REFUSE, client=client, category="marketing")
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"failed": 1}
    assert await read_fates(database) == {client: ("failed", "outcome_unknown:refused")}


async def test_what_may_have_arrived_stays_a_doubt_when_people_cancel_in_the_middle(
    database: Database, cipher: Cipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volley, "AT_ONCE", 1)
    monkeypatch.setattr(volley, "LOOK_SECONDS", 0.05)
    sms = Provider(accept, first=Unknown("timeout"))
    sms.channel.capabilities = KEYED
    firm, campaign = await fail_first(database, sms, 20)
    sms.channel.delay = 0.1
    async with resending(firm, cipher):
        while not sms.channel.ledger:
            await asyncio.sleep(0.02)
        await run_sql(database, "UPDATE campaign SET state = 'cancelled', ended_at = now()")
        states = await await_end(firm, campaign)
    assert states.keys() == {"accepted", "failed"}
    fates = set((await read_fates(database)).values())
    assert fates == {("accepted", None), ("failed", "outcome_unknown:cancelled")}


@pytest.mark.parametrize("is_doubtful", [False, True])
async def test_it_goes_to_where_the_client_is_now_unless_it_may_have_arrived(
    database: Database, cipher: Cipher, is_doubtful: bool
) -> None:
    sms = Provider(accept, first=Unknown("timeout") if is_doubtful else None)
    sms.channel.capabilities = KEYED
    firm, campaign = await fail_first(database, sms, 1)
    [client] = await find_clients(database)
    await run_sql(database, "UPDATE identity SET address = 'sms-new'")
    sms.calls["sms-new"] = 1
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"accepted": 1}
    went = [one.address.address for one in sms.channel.ledger]
    assert went == ([f"sms-{client}"] if is_doubtful else ["sms-new"])


async def test_nothing_of_a_withdrawn_content_goes_again(
    database: Database, cipher: Cipher
) -> None:
    firm, campaign = await fail_first(database, Provider(accept), 3)
    await run_sql(database, "UPDATE content SET state = 'retired'")
    async with resending(firm, cipher):
        assert await await_end(firm, campaign) == {"cancelled": 3}
    assert set((await read_fates(database)).values()) == {("cancelled", "withdrawn")}


async def move_one(database: Database, client: UUID) -> None:
    """Give a client's message to another campaign, for clients of C5 alone."""
    strict = new_id()
    await run_sql(
        database,
        "INSERT INTO content (id, key, version, state, title, category, min_risk, checksum) "
        "SELECT :id, 'strict', 1, state, title, category, 'C5', checksum FROM content",
        id=strict,
    )
    await run_sql(
        database,
        "INSERT INTO campaign (id, name, content_id, expression, category, channels, state) "
        "SELECT :id, name, :id, expression, category, channels, state FROM campaign",
        id=strict,
    )
    for table in ("outbox", "campaign_recipient"):
        change = f"UPDATE {table} SET campaign_id = :id WHERE client_id = :client"
        await run_sql(database, change, id=strict, client=client)


async def test_each_campaign_is_judged_by_its_own_terms(database: Database, cipher: Cipher) -> None:
    firm, open_ = await fail_first(database, Provider(accept), 2)
    await run_sql(database, "UPDATE client SET risk_level = 'C4'")
    moved, _ = await find_clients(database)
    await move_one(database, moved)
    going = await claim_again(firm, cipher)
    assert [one.letter.campaign_id for one in going if one.letter] == [open_]
    assert (await read_fates(database))[moved] == ("cancelled", "not_suitable")


async def test_a_look_at_the_queue_reads_what_it_takes_and_no_whole_campaign(
    database: Database, cipher: Cipher
) -> None:
    n, limit = 300, 10
    firm, _ = await fail_first(database, Provider(accept), n)
    moved, *_ = await find_clients(database)
    await move_one(database, moved)  # the oldest, and the only one of its campaign
    await run_sql(
        database,
        "UPDATE queue SET not_before = now() - interval '1 hour' FROM outbox "
        "WHERE outbox.id = outbox_id AND client_id = :client",
        client=moved,
    )
    async with database.transaction() as connection:
        found = await again.find_waiting(connection)
    assert len(found) == 2
    read = """SELECT sum(COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0)) AS n
      FROM pg_stat_xact_user_tables WHERE relname IN ('outbox', 'campaign_recipient')"""
    for waiting in found:
        async with database.transaction() as connection:
            pace = await firm.pacer.find(connection, "marketing")
            before = (await connection.execute(text(read))).scalar_one()
            claimed = await again.claim(connection, cipher, "r", waiting, pace, limit=limit)
            tuples = (await connection.execute(text(read))).scalar_one() - before
        assert len(claimed.going) in {1, limit}
        assert tuples < 20 * limit, f"{tuples} were read for {limit}"
