"""Notices are raised once a cause, take newer figures, and end by a cure."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.chain import START, Step, link
from store import notice, proof
from store.cipher import Cipher
from store.engine import Connection, Database
from store.notice import NoticeDraft
from store.task import TaskDraft, open_many
from tests.book import add_client, count

MARGIN = NoticeDraft(
    client_id=UUID(int=0),
    category="risk",
    urgency="high",
    source="event",
    source_key="1",
    content_key="margin",
    vars={"ratio": "105"},
    topic="margin",
)


@pytest.fixture
async def who(database: Database, cipher: Cipher) -> UUID:
    async with database.transaction() as connection:
        return await add_client(connection, cipher, "9001")


async def _row(connection: Connection, notice_id: UUID) -> dict[str, object]:
    found = await connection.execute(text("SELECT * FROM notice WHERE id = :id"), {"id": notice_id})
    return dict(found.mappings().one())


async def test_a_cause_raises_one_notice_however_often_it_is_told(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    draft = replace(MARGIN, client_id=who, topic=None)
    async with database.transaction() as connection:
        first = await notice.raise_many(connection, cipher, [draft, draft])
        second = await notice.raise_many(connection, cipher, [draft])
        assert first == [first[0]] * 2 == [*second, *second]
        assert await count(connection, "notice") == 1
        assert await count(connection, "event", "verb = 'notice_raised'") == 1


async def test_newer_figures_go_into_the_live_notice_of_the_topic(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    draft = replace(MARGIN, client_id=who)
    worse = replace(draft, source_key="2", urgency="critical", vars={"ratio": "120"}, exposure=9.0)
    async with database.transaction() as connection:
        [one] = await notice.raise_many(connection, cipher, [draft])
        [same] = await notice.raise_many(connection, cipher, [worse])
        assert same == one
        row = await _row(connection, one)
        assert (row["urgency"], row["exposure"], row["revision"]) == ("critical", 9.0, 1)
        kept = cipher.open_json(row["vars_enc"], table="notice", column="vars_enc", row=one)  # type: ignore[arg-type]
        assert kept == {"ratio": "120"}
        # The cause that went into another notice counts once, too, even after that one is over.
        await notice.cancel_topic(connection, [who], "margin", "cured")
        assert await notice.raise_many(connection, cipher, [worse]) == [one]
        assert await count(connection, "notice") == 1


async def test_less_urgent_figures_do_not_make_a_notice_less_urgent(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    draft = replace(MARGIN, client_id=who, urgency="critical")
    async with database.transaction() as connection:
        [one] = await notice.raise_many(connection, cipher, [draft])
        milder = replace(draft, source_key="2", urgency="normal")
        await notice.raise_many(connection, cipher, [milder])
        assert (await _row(connection, one))["urgency"] == "critical"


async def test_of_many_at_once_the_last_counts_with_the_greatest_urgency(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    drafts = [
        replace(MARGIN, client_id=who, source_key=str(n), urgency=urgency, exposure=float(n))
        for n, urgency in enumerate(("normal", "critical", "high"))
    ]
    async with database.transaction() as connection:
        ids = await notice.raise_many(connection, cipher, drafts)
        assert len(set(ids)) == 1
        row = await _row(connection, ids[0])
        assert (row["urgency"], row["exposure"]) == ("critical", 2.0)
        assert await count(connection, "notice_cause") == 2


async def test_what_was_told_just_now_is_not_told_again(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    draft = replace(MARGIN, client_id=who, again_after=600.0)
    async with database.transaction() as connection:
        [one] = await notice.raise_many(connection, cipher, [draft])
        await connection.execute(text("UPDATE notice SET state = 'reached', due_at = NULL"))
        again = replace(draft, source_key="2")
        assert await notice.raise_many(connection, cipher, [again]) == [one]
        later = replace(draft, source_key="3", again_after=0.0)
        [new] = await notice.raise_many(connection, cipher, [later])
        assert new != one


async def test_a_cure_ends_notice_and_task_and_may_be_told_twice(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    draft = replace(MARGIN, client_id=who, urgency="critical")
    async with database.transaction() as connection:
        [one] = await notice.raise_many(connection, cipher, [draft])
        call = TaskDraft("call", who, "notice", str(one), "回电", "", "critical", notice_id=one)
        await open_many(connection, cipher, [call])
        assert await notice.cancel_topic(connection, [who], "margin", "cured") == [one]
        assert await notice.cancel_topic(connection, [who], "margin", "cured") == []
        row = await _row(connection, one)
        assert (row["state"], row["reason"], row["due_at"]) == ("cancelled", "cured", None)
        assert await count(connection, "task", "state = 'cancelled' AND outcome = 'cured'") == 1
        steps = await proof.read(connection, one)
        assert [step.what for step in steps] == ["raised", "cancelled"]
        # A new breach after the cure is a new notice.
        [new] = await notice.raise_many(connection, cipher, [replace(draft, source_key="2")])
        assert new != one


async def test_two_that_raise_one_topic_at_the_same_moment_raise_one_notice(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    async def go(n: int) -> UUID:
        draft = replace(MARGIN, client_id=who, source_key=str(n))
        async with database.transaction() as connection:
            [one] = await notice.raise_many(connection, cipher, [draft])
            await asyncio.sleep(0.05)
            return one

    found = await asyncio.gather(*(go(n) for n in range(6)))
    assert len(set(found)) == 1
    async with database.transaction() as connection:
        assert await count(connection, "notice") == 1
        assert await count(connection, "notice", "revision = 5") == 1


async def test_the_chain_is_what_the_offline_reckoning_says(
    database: Database, cipher: Cipher, who: UUID
) -> None:
    draft = replace(MARGIN, client_id=who, urgency="critical")
    async with database.transaction() as connection:
        [one] = await notice.raise_many(connection, cipher, [draft])
        await notice.raise_many(connection, cipher, [replace(draft, source_key="2")])
        prev = START
        for step in await proof.read(connection, one):
            assert step.prev_hash == prev
            prev = link(prev, step.seq, Step(one, step.what, step.detail, step.at))
            assert step.hash == prev
