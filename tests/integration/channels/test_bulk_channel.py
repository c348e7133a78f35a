"""Campaigns on channels of their own kind: fetched by the client, or within a reply window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from channels.chat.channel import CAPABILITIES
from channels.contract import Channels
from channels.fetched import Poster
from orchestrator.letter import ContentWriter
from store import account_day, conversation, dead_letter, window
from store.campaign_post import Fetched
from store.engine import Database
from store.verdict import Judge, find_terms
from tests.campaign import CIPHER, Firm, add_campaign, add_client, fetch, provider, run_sql
from tests.ledger import LedgerChannel
from tests.mailing import await_state, make, sending

CHAT = ("chat", "app")
WECHAT = ("wechat", "main")


def open_chat(database: Database) -> tuple[Firm, LedgerChannel]:
    chat = LedgerChannel("chat", "app", CAPABILITIES)
    return Firm.open(database, chat), chat


async def read_transcript(database: Database, client: UUID) -> list[tuple[int, str]]:
    (talk,) = await fetch(
        database,
        "SELECT conversation.id FROM conversation JOIN identity ON identity.id = identity_id "
        "WHERE client_id = :c",
        c=client,
    )
    async with database.transaction() as connection:
        said = await conversation.read_transcript(connection, CIPHER, talk.id)
    return [(one.seq, one.content.text) for one in said]


async def test_an_app_chat_gets_its_letter_into_the_transcript_and_calls_nobody(
    database: Database,
) -> None:
    firm, chat = open_chat(database)
    async with database.transaction() as connection:
        clients = [await add_client(connection, ways={CHAT: "yes"}) for _ in range(3)]
        refused = await add_client(connection, ways={CHAT: "no"})
        campaign = await add_campaign(connection, channels=("chat",))
    await run_sql(
        database,
        "INSERT INTO conversation (id, identity_id, last_seq) SELECT row_id(), id, 4 "
        "FROM identity WHERE client_id = :c",
        c=clients[0],
    )
    await firm.plan()
    assert (await firm.read_plan(campaign))[refused] == ("suppressed", "refused")
    told: list[Fetched] = []
    worker = firm.sender()
    worker.poster = Poster(CIPHER, told.append)
    while await worker._serve("w/1"):
        pass
    await await_state(database, campaign)
    assert chat.ledger == []
    assert await read_transcript(database, clients[0]) == [(5, "智达周报已更新。")]
    assert await read_transcript(database, clients[1]) == [(1, "智达周报已更新。")]
    rows = await fetch(
        database,
        "SELECT outbox.state, message.author_kind, outbox.content_id IS NOT NULL AS has_content "
        "FROM outbox JOIN message ON message.id = outbox.message_id WHERE campaign_id = :c",
        c=campaign,
    )
    assert [tuple(row) for row in rows] == [("accepted", "system", True)] * 3
    assert sorted(one.seq for one in told) == [1, 1, 5]
    assert await fetch(database, "SELECT id FROM campaign_slice") == []


async def test_what_is_read_in_the_chat_is_read_in_the_campaign(database: Database) -> None:
    firm, _ = open_chat(database)
    async with database.transaction() as connection:
        await add_client(connection, ways={CHAT: "yes"})
        campaign = await add_campaign(connection, channels=("chat",))
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
    (talk,) = await fetch(database, "SELECT id FROM conversation")
    async with database.transaction() as connection:
        await conversation.record_progress(connection, talk.id, column="client_read_seq", seq=1)
    assert await firm.read_outbox(campaign) == {("chat", "read"): 1}


class DyingPoster(Poster):
    """Does its work, and dies before anybody commits it."""

    async def post(self, *order: Any, **more: Any) -> list[Fetched]:
        await super().post(*order, **more)
        raise ZeroDivisionError


async def test_a_slice_that_dies_before_its_commit_was_never_taken(database: Database) -> None:
    firm, _ = open_chat(database)
    async with database.transaction() as connection:
        client = await add_client(connection, ways={CHAT: "yes"})
        campaign = await add_campaign(connection, channels=("chat",))
    await firm.plan()
    worker = firm.sender()
    worker.poster = DyingPoster(CIPHER)
    with pytest.raises(ZeroDivisionError):
        await worker._serve("w/1")
    assert await fetch(database, "SELECT id FROM message") == []
    assert await fetch(database, "SELECT id FROM campaign_slice") == []
    async with sending(firm):
        await await_state(database, campaign)
    assert await read_transcript(database, client) == [(1, "智达周报已更新。")]


async def test_a_letter_without_words_is_mended_and_posted_again(database: Database) -> None:
    firm, chat = open_chat(database)
    firm = replace(firm, writer=ContentWriter(cipher=CIPHER))
    async with database.transaction() as connection:
        client = await add_client(connection, ways={CHAT: "yes"})
        campaign = await add_campaign(connection, channels=("chat",), body="{{ manager }}您好")
    await run_sql(database, "UPDATE client SET manager = '李经理'")
    await firm.plan()
    await run_sql(database, "UPDATE client SET manager = NULL")
    async with sending(firm):
        await await_state(database, campaign)
    assert await firm.read_outbox(campaign) == {("chat", "rejected"): 1}
    await run_sql(database, "UPDATE client SET manager = '王经理'")
    async with database.transaction() as connection:
        terms = await find_terms(connection, campaign)
        judge = Judge(terms, await firm.pacer.find(connection, terms.category))
        (group,) = await dead_letter.find_groups(connection, judge)
        assert group.kind == "content:unwritten"
        how = dead_letter.How("person:1")
        done = await dead_letter.replay_kind(connection, judge, group.kind, how)
        assert done.queued == 1
    assert await firm.resender(CIPHER).send_due()
    assert await read_transcript(database, client) == [(1, "王经理您好")]
    assert await firm.read_outbox(campaign) == {("chat", "accepted"): 1}
    assert (chat.ledger, await fetch(database, "SELECT * FROM queue")) == ([], [])


async def add_writer(database: Database, *, used: int, hours: int) -> UUID:
    """Add a client whose reply window is open for so many hours, with so many replies used."""
    async with database.transaction() as connection:
        client = await add_client(connection, ways={WECHAT: "yes"})
    await run_sql(
        database,
        "INSERT INTO conversation (id, identity_id) SELECT row_id(), id FROM identity "
        "WHERE client_id = :c",
        c=client,
    )
    await run_sql(
        database,
        'INSERT INTO "window" (conversation_id, rule, opened_at, expires_at, quota, used) '
        "SELECT conversation.id, 'message', now() - interval '47 hours', "
        "now() + make_interval(hours => :hours), 5, :used FROM conversation "
        "JOIN identity ON identity.id = identity_id WHERE client_id = :c",
        c=client,
        used=used,
        hours=hours,
    )
    return client


async def test_free_text_goes_to_open_windows_and_leaves_replies_for_people(
    database: Database,
) -> None:
    wechat = LedgerChannel(account="main")
    firm = Firm.open(database, wechat)
    fresh = await add_writer(database, used=0, hours=1)
    busy = await add_writer(database, used=5 - window.KEPT, hours=1)
    over = await add_writer(database, used=0, hours=-1)
    closing = await add_writer(database, used=1, hours=1)
    async with database.transaction() as connection:
        never = await add_client(connection, ways={WECHAT: "yes"})
        campaign = await add_campaign(connection, channels=("wechat",))
    await firm.plan()
    assert await firm.read_plan(campaign) == {
        fresh: ("planned", None),
        closing: ("planned", None),
        **dict.fromkeys((busy, over, never), ("suppressed", "window")),
    }
    await run_sql(
        database,
        'UPDATE "window" SET used = 2 WHERE conversation_id = (SELECT conversation.id FROM '
        "conversation JOIN identity ON identity.id = identity_id WHERE client_id = :c)",
        c=closing,
    )  # somebody answers this client between the plan and the sending
    async with sending(firm):
        await await_state(database, campaign)
    assert [one.address.address for one in wechat.ledger] == [f"wechat-{fresh}"]
    rows = await fetch(database, "SELECT client_id, state, reason FROM outbox ORDER BY state")
    assert [tuple(row) for row in rows] == [
        (fresh, "accepted", None),
        (closing, "rejected", "window"),
    ]
    used = await fetch(
        database,
        'SELECT used FROM "window" JOIN conversation ON conversation.id = conversation_id '
        "JOIN identity ON identity.id = identity_id WHERE client_id = ANY(:c) ORDER BY used",
        c=[fresh, closing],
    )
    assert [row.used for row in used] == [1, 2]


async def test_a_template_spends_no_window(database: Database) -> None:
    wechat = LedgerChannel(account="main")
    firm = Firm.open(database, wechat)
    await add_writer(database, used=0, hours=1)
    async with database.transaction() as connection:
        campaign = await add_campaign(connection, channels=("wechat",), template="T1")
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
    assert len(wechat.ledger) == 1
    assert (await fetch(database, 'SELECT used FROM "window"'))[0].used == 0


async def test_an_account_sends_no_more_than_its_quota_of_the_day_and_goes_on_tomorrow(
    database: Database,
) -> None:
    sms = provider()
    firm = Firm.open(database, sms)
    firm.channels.quotas["sms", "main"] = 7
    campaign, _ = await make(database, 10)
    await firm.plan()
    worker = firm.sender()
    await worker._serve("w/1")
    assert len(sms.ledger) == 7
    assert await worker._serve("w/1") is False  # it rests, whoever asks
    assert await firm.read_outbox(campaign) == {("sms", "accepted"): 7}
    await run_sql(database, "UPDATE account_day SET day = day - 1")
    async with sending(firm, "next"):
        await await_state(database, campaign)
    assert len(sms.ledger) == 10
    days = await fetch(database, "SELECT n FROM account_day ORDER BY day")
    assert [row.n for row in days] == [7, 3]  # what was granted and not needed is given back


async def test_a_quota_that_is_used_up_leaves_the_work_to_another_account(
    database: Database,
) -> None:
    one, two = provider(), provider(account="second")
    firm = Firm.open(database, one, two)
    firm.channels.quotas["sms", "main"] = 4
    campaign, _ = await make(database, 10)
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
    assert (len(one.ledger), len(two.ledger)) == (4, 6)


async def test_a_days_messages_are_taken_up_to_the_quota(database: Database) -> None:
    async with database.transaction() as connection:
        took = [
            await account_day.take(connection, "sms", "main", wanted=wanted, quota=10)
            for wanted in (4, 4, 4, 4)
        ]
        await account_day.give_back(connection, "sms", "main", 3)
        await account_day.spend(connection, "sms", "main", 1)
        took.append(await account_day.take(connection, "sms", "main", wanted=9, quota=10))
    assert took == [4, 4, 2, 0, 2]
    assert Channels().find_quota(provider()) is None
