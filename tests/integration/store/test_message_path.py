"""The path of a message through the store: in, claimed, answered, sent, sealed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.errors import FloorMoved
from store import (
    audit,
    conversation,
    outbox,
    outcome,
    session,
    stream,
    turn,
    unknown,
    window,
)
from store.cipher import Cipher
from store.engine import Database
from tests.integration.store.path import claim, claim_out, draft, keep, said


async def test_repeat_is_found_and_has_no_effect(database: Database, cipher: Cipher) -> None:
    first = await keep(database, cipher, said("a"))
    again = await keep(database, cipher, said("a"))
    assert first.is_new
    assert not again.is_new
    assert (again.message_id, again.seq) == (first.message_id, 1)
    async with database.transaction() as connection:
        transcript = await conversation.read_transcript(connection, cipher, first.conversation_id)
    assert [entry.content.text for entry in transcript] == ["怎么出金"]


async def test_fifty_at_once_get_gap_free_numbers(database: Database, cipher: Cipher) -> None:
    kept = await asyncio.gather(*(keep(database, cipher, said(str(i // 2))) for i in range(50)))
    fresh = [one.seq for one in kept if one.is_new]
    assert sorted(fresh) == list(range(1, 26))


async def test_turn_goes_to_one_worker_in_order(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a", "一"))).conversation_id
    await keep(database, cipher, said("b", "二"))
    mine = await claim(database, cipher, "w1", talk)
    assert mine is not None
    assert mine.content.text == "一"
    assert await claim(database, cipher, "w2", talk) is None
    async with database.transaction() as connection:
        assert await turn.record_done(connection, mine, {"slots": {}})
        assert not await turn.record_done(connection, mine, None)
    following = await claim(database, cipher, "w2", talk)
    assert following is not None
    assert following.content.text == "二"
    assert following.dialogue == {"slots": {}}


async def test_restarted_worker_takes_its_turn_up_again(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    first = await claim(database, cipher, "w1", talk)
    assert first is not None
    async with database.transaction() as connection:
        assert await turn.find_waiting(connection) == []
        await turn.release(connection, "w1")
        assert await turn.find_waiting(connection) == [talk]
    second = await claim(database, cipher, "w1", talk)
    assert second is not None
    async with database.transaction() as connection:
        assert not await turn.record_done(connection, first, None)
        assert await turn.record_done(connection, second, None)


async def test_nobody_speaks_under_an_old_epoch(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        epoch = await conversation.move_floor(connection, talk, "queue", actor="bot", epoch=0)
    with pytest.raises(FloorMoved):
        async with database.transaction() as connection:
            await outbox.post(connection, cipher, draft(talk, epoch=0))
    async with database.transaction() as connection:
        posted = await outbox.post(connection, cipher, draft(talk, epoch=epoch))
    assert posted.seq == 2


async def test_sending_is_committed_and_ends_once(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        await outbox.post(connection, cipher, draft(talk, words="一"))
        await outbox.post(connection, cipher, draft(talk, words="二"))
    first = await claim_out(database, cipher)
    assert [one.content.text for one in first] == ["一"]
    assert await claim_out(database, cipher) == []
    async with database.transaction() as connection:
        sent = first[0].outbox_id
        assert await outcome.record_moved(connection, sent, "accepted", provider_id="p1")
        assert not await outcome.record_moved(connection, sent, "failed")
    assert [one.content.text for one in await claim_out(database, cipher)] == ["二"]


async def test_dead_workers_sending_becomes_unknown_not_queued(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        await outbox.post(connection, cipher, draft(talk))
    await claim_out(database, cipher)
    async with database.transaction() as connection:
        assert await unknown.record_lost_workers(connection, "other", older_than=60) == 0
        assert await unknown.record_lost_workers(connection, "w1", older_than=60) == 1
    assert await claim_out(database, cipher) == []
    async with database.transaction() as connection:
        assert await unknown.record_unresolved(connection, older_than=3600) == 0
        assert await unknown.record_unresolved(connection, older_than=0) == 1


async def test_retry_goes_back_to_the_queue(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        await outbox.post(connection, cipher, draft(talk))
    (one,) = await claim_out(database, cipher)
    async with database.transaction() as connection:
        assert await outcome.record_retry(connection, one.outbox_id, code="45011", wait=0)
        assert not await outcome.record_retry(connection, one.outbox_id, code="45011", wait=0)
    (again,) = await claim_out(database, cipher)
    assert again.attempt == 2


async def test_a_late_refusal_of_an_earlier_call_says_nothing_of_the_one_under_way(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        sent = (await outbox.post(connection, cipher, draft(talk))).outbox_id
    await claim_out(database, cipher)
    async with database.transaction() as connection:
        await outcome.record_retry(connection, sent, code="unknown:timeout", wait=0)
    await claim_out(database, cipher)
    async with database.transaction() as connection:
        first, second = outcome.Call(1, 10), outcome.Call(2, 10)
        assert not await outcome.record_moved(connection, sent, "rejected", call=first)
        assert await outcome.record_moved(connection, sent, "rejected", call=second)


async def test_sixteen_senders_never_exceed_the_window(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id

    async def spend(reserve: int) -> str | None:
        async with database.transaction() as connection:
            return await window.claim(connection, talk, reserve=reserve)

    rules = await asyncio.gather(*(spend(1) for _ in range(16)))
    assert [rule for rule in rules if rule] == ["message"] * 4
    assert await spend(0) == "message"
    assert await spend(0) is None


async def test_what_was_sent_before_a_message_was_taken_in_is_spent_of_its_window(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    written_at = datetime.now(UTC)
    for _ in range(2):
        async with database.transaction() as connection:
            posted = await outbox.post(connection, cipher, draft(talk))
        await claim_out(database, cipher)
        async with database.transaction() as connection:
            await outcome.record_moved(connection, posted.outbox_id, "accepted")
    await keep(database, cipher, replace(said("b"), provider_at=written_at))
    async with database.transaction() as connection:
        assert [one.remaining for one in await window.find_open(connection, talk)] == [3]
    await keep(database, cipher, replace(said("c"), provider_at=datetime.now(UTC)))
    async with database.transaction() as connection:
        assert [one.remaining for one in await window.find_open(connection, talk)] == [5]


async def test_chain_holds_until_somebody_touches_it(database: Database, cipher: Cipher) -> None:
    await keep(database, cipher, said("a"))
    await keep(database, cipher, said("b"))
    async with database.transaction() as connection:
        assert await audit.seal(connection) == 2
        told = await stream.read_next(connection, "test", ["client_spoke"])
        assert [one.position for one in told] == [1, 2]
        await stream.record_read(connection, "test", 2)
        assert await audit.find_break(connection) is None
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.transaction() as connection:
            await connection.execute(text("DELETE FROM event"))
    async with database.transaction() as connection:
        await connection.execute(text("ALTER TABLE event DISABLE TRIGGER event_guard"))
        await connection.execute(text("UPDATE event SET actor = 'x' WHERE position = 2"))
        assert await audit.find_break(connection) == 2


async def test_client_receipts_move_forward_only(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        await outbox.post(connection, cipher, draft(talk, state="accepted"))
        move = conversation.record_progress
        assert await move(connection, talk, column="client_read_seq", seq=99) == 2
        assert await move(connection, talk, column="client_read_seq", seq=1) is None
        (answer,) = await conversation.read_transcript(connection, cipher, talk, after=1)
    assert answer.state == "read"


async def test_quiet_session_closes_and_the_next_message_opens_another(
    database: Database, cipher: Cipher
) -> None:
    await keep(database, cipher, said("a"))
    async with database.transaction() as connection:
        assert await session.close_quiet(connection) == 0
    async with database.transaction() as connection:
        assert await session.close_quiet(connection, quiet=timedelta(0)) == 1
    await keep(database, cipher, said("b"))
    async with database.transaction() as connection:
        rows = (await connection.execute(text("SELECT outcome FROM session"))).scalars().all()
    assert sorted(rows, key=str) == [None, "assistant"]
