"""The path of a message through the store: in, claimed, answered, sent, sealed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.errors import FloorMoved
from kernel.message import Address, Author, Content, Inbound, InboundKind, Outbound, Receipt
from store import (
    answer,
    audit,
    conversation,
    inbox,
    outbox,
    outcome,
    receipt,
    session,
    stream,
    turn,
    window,
)
from store.cipher import Cipher
from store.engine import Database

RULE = inbox.WindowRule("message", 5, timedelta(hours=48))


def said(key: str, words: str = "怎么出金", *, who: str = "openid-1") -> Inbound:
    return Inbound(
        address=Address("wechat", "demo", who),
        dedup_key=key,
        kind=InboundKind.MESSAGE,
        content=Content(text=words),
        received_at=datetime.now(UTC),
        external_id=key,
        verified_by="test",
        raw=words.encode(),
    )


async def keep(database: Database, cipher: Cipher, inbound: Inbound) -> inbox.Kept:
    async with database.once() as connection:
        return await inbox.record(connection, cipher, inbound, opens=RULE)


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
        assert await outcome.record_lost_workers(connection, "other", older_than=60) == 0
        assert await outcome.record_lost_workers(connection, "w1", older_than=60) == 1
    assert await claim_out(database, cipher) == []
    async with database.transaction() as connection:
        assert await outcome.record_unresolved(connection, older_than=3600) == 0
        assert await outcome.record_unresolved(connection, older_than=0) == 1


async def test_retry_goes_back_to_the_queue(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        await outbox.post(connection, cipher, draft(talk))
    (one,) = await claim_out(database, cipher)
    async with database.transaction() as connection:
        await outcome.record_retry(connection, one.outbox_id, code="45011", wait=0)
    (again,) = await claim_out(database, cipher)
    assert again.attempt == 2


async def test_sixteen_senders_never_exceed_the_window(database: Database, cipher: Cipher) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id

    async def spend(reserve: int) -> str | None:
        async with database.transaction() as connection:
            return await window.claim(connection, talk, reserve=reserve)

    rules = await asyncio.gather(*(spend(1) for _ in range(16)))
    assert [rule for rule in rules if rule] == ["message"] * 4
    assert await spend(0) == "message"
    assert await spend(0) is None


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


def draft(
    talk: UUID, *, words: str = "好的", epoch: int | None = None, state: str = "queued"
) -> outbox.Draft:
    return outbox.Draft(talk, Author.BOT, Content(text=words), floor_epoch=epoch, state=state)


async def claim(database: Database, cipher: Cipher, worker: str, talk: UUID) -> turn.Turn | None:
    async with database.transaction() as connection:
        return await turn.claim(connection, cipher, worker, talk)


async def claim_out(database: Database, cipher: Cipher) -> list[Outbound]:
    async with database.transaction() as connection:
        return await outbox.claim(connection, cipher, "w1", lane="normal", limit=10)


async def test_answer_ends_the_turn_once_and_tells_of_more(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a", "一"))).conversation_id
    await keep(database, cipher, said("b", "二"))
    for words, is_more in (("一", True), ("二", False)):
        mine = await claim(database, cipher, "w1", talk)
        assert mine is not None
        assert mine.content.text == words
        answered = await reply_to(database, cipher, mine)
        assert answered is not None
        assert answered.is_more is is_more
        assert await reply_to(database, cipher, mine) is None
    async with database.transaction() as connection:
        page = await conversation.read_transcript(connection, cipher, talk)
    assert [one.author for one in page] == ["client", "client", "bot", "bot"]


async def test_answer_under_a_past_floor_or_claim_writes_nothing(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    lost = await claim(database, cipher, "w1", talk)
    async with database.transaction() as connection:
        await turn.release(connection, "w1")
    mine = await claim(database, cipher, "w2", talk)
    assert lost is not None
    assert mine is not None
    assert await reply_to(database, cipher, lost) is None
    async with database.transaction() as connection:
        await conversation.move_floor(connection, talk, "queue", actor="bot", epoch=0)
    assert await reply_to(database, cipher, mine) is None
    async with database.transaction() as connection:
        assert len(await conversation.read_transcript(connection, cipher, talk)) == 1
        assert await turn.record_done(connection, mine, None)


async def reply_to(database: Database, cipher: Cipher, mine: turn.Turn) -> answer.Answered | None:
    words = replace(draft(mine.conversation_id, epoch=mine.floor_epoch), reply_to=mine.message_id)
    async with database.once() as connection:
        return await answer.record(connection, cipher, mine, words, {"slots": {}}, language="zh")


async def test_callback_with_our_name_settles_a_call_without_an_answer(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        posted = await outbox.post(connection, cipher, draft(talk))
    await claim_out(database, cipher)
    async with database.transaction() as connection:
        await outcome.record_moved(connection, posted.outbox_id, "unknown", code="timeout")
        told = Receipt(
            "wechat", "demo", "SM1", "delivered", "SM1/delivered", datetime.now(UTC),
            outbox_id=posted.outbox_id,
        )  # fmt: skip
        await receipt.record(connection, replace(told, account="other", event_id="x"))
        page = await conversation.read_transcript(connection, cipher, talk)
        assert page[-1].state == "unknown"
        assert await receipt.record(connection, told)
        assert not await receipt.record(connection, told)
        page = await conversation.read_transcript(connection, cipher, talk)
    assert page[-1].state == "delivered"


async def test_callbacks_of_one_moment_do_not_wait_for_each_other_for_ever(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        posted = await outbox.post(connection, cipher, draft(talk))
    await claim_out(database, cipher)

    async def tell(number: int) -> bool:
        status = ("delivered", "read")[number % 2]
        told = Receipt(
            "wechat", "demo", "SM1", status, f"SM1/{number}", datetime.now(UTC),
            outbox_id=posted.outbox_id,
        )  # fmt: skip
        async with database.transaction() as connection:
            return await receipt.record(connection, told)

    assert all(await asyncio.gather(*(tell(number) for number in range(12))))
    async with database.transaction() as connection:
        page = await conversation.read_transcript(connection, cipher, talk)
    assert page[-1].state == "read"


async def test_a_reply_goes_to_the_callback_posted_again_or_to_the_queue_never_to_both(
    database: Database, cipher: Cipher
) -> None:
    for first in ("again", "unwritten"):
        talk = (await keep(database, cipher, said(first, who=first))).conversation_id
        mine = await claim(database, cipher, "w1", talk)
        assert mine is not None
        words = draft(talk, epoch=0, state="sending")
        async with database.once() as connection:
            answered = await answer.record(
                connection,
                cipher,
                mine,
                replace(words, reply_to=mine.message_id),
                None,
                language="zh",
            )
        assert answered is not None
        outbox_id = answered.posted.outbox_id
        async with database.transaction() as connection:
            if first == "unwritten":
                await outcome.record_unwritten(connection, [mine.message_id])
            is_ours = await outcome.claim_again(connection, outbox_id)
            await outcome.record_unwritten(connection, [mine.message_id])
            state, _ = await outbox.find_state(connection, outbox_id)
        assert (is_ours, state) == ((True, "sending") if first == "again" else (False, "queued"))


async def test_what_was_thought_lost_and_then_written_is_accepted(
    database: Database, cipher: Cipher
) -> None:
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        posted = await outbox.post(connection, cipher, draft(talk, state="sending"))
        assert await outcome.record_lost_workers(connection, "", older_than=-1) == 1
        assert await outcome.claim_again(connection, posted.outbox_id)
        await outcome.record_written(connection, [posted.outbox_id])
        assert await outbox.find_state(connection, posted.outbox_id) == ("accepted", "passive")
