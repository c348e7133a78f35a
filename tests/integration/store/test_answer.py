"""What ends a turn and what becomes of the reply: once, whoever asks again, whoever died."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from kernel.message import Receipt
from store import (
    answer,
    conversation,
    outbox,
    outcome,
    receipt,
    turn,
    unknown,
)
from store.cipher import Cipher
from store.engine import Database
from tests.integration.store.path import claim, claim_out, draft, keep, reply_to, said


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
        assert await unknown.record_lost_workers(connection, "", older_than=-1) == 1
        assert await outcome.claim_again(connection, posted.outbox_id)
        await outcome.record_written(connection, [posted.outbox_id])
        assert await outbox.find_state(connection, posted.outbox_id) == ("accepted", "passive")
