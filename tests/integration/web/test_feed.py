"""The endless list of a conversation's frames: whole, in order, and light while it waits."""

from __future__ import annotations

import gc
from uuid import UUID

from kernel.message import Address, Author, Content
from store import conversation, outbox
from store.cipher import Cipher
from store.conversation import Said
from store.engine import Database
from store.outbox import Draft
from tests.stage import make_stage
from web.feed import PAGE, Feed

COUNT = 2 * PAGE + 5


async def fill(database: Database, cipher: Cipher, count: int) -> UUID:
    """Make a conversation of so many messages; return its id."""
    async with database.transaction() as connection:
        talk = await conversation.open_for(connection, Address("chat", "app", "guest"))
        for number in range(count):
            draft = Draft(talk.id, Author.SYSTEM, Content(text=str(number)), state="accepted")
            await outbox.post(connection, cipher, draft)
    return talk.id


def count_kept() -> int:
    gc.collect()
    return sum(type(one) is Said for one in gc.get_objects())


async def test_a_backlog_of_many_pages_comes_whole_and_in_order(
    database: Database, cipher: Cipher
) -> None:
    talk = await fill(database, cipher, COUNT)
    feed = Feed(database, cipher, make_stage(database, cipher).hub, talk, 0)
    frames = feed.frames()
    found = [(await anext(frames))["seq"] for _ in range(COUNT)]
    assert found == list(range(1, COUNT + 1))
    await frames.aclose()  # type: ignore[attr-defined]


async def test_what_a_slow_reader_has_taken_is_no_longer_kept(
    database: Database, cipher: Cipher
) -> None:
    talk = await fill(database, cipher, COUNT)
    feed = Feed(database, cipher, make_stage(database, cipher).hub, talk, 0)
    frames = feed.frames()
    for taken in range(1, PAGE + 1):
        await anext(frames)
        assert count_kept() <= PAGE - taken + 1
    await frames.aclose()  # type: ignore[attr-defined]
