"""Two records become one and two again, and nothing that lives is lost on either way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from clients.merge import Joining, Merges
from clients.timeline import Timelines
from kernel.errors import Conflict, InvalidInput, NotFound
from store import client, client_event, preference
from store import merge as store
from store.cipher import Cipher
from store.client import Facts
from store.client_event import Report
from store.engine import Database
from tests.integration.clients.test_timeline import BOSS, Life

REASON = "同一客户两个资金账号"


@pytest.fixture
async def pair(database: Database, cipher: Cipher) -> tuple[Life, Life]:
    lives = Life(database, cipher, "1"), Life(database, cipher, "2")
    for one in lives:
        await one.live()
    async with database.transaction() as connection:
        await preference.record_stated(connection, lives[1].client, "marketing", {"sms": 90})
    return lives


@pytest.fixture
def merges(database: Database) -> Merges:
    return Merges(database)


def joining(pair: tuple[Life, Life], **parts: Any) -> Joining:
    wanted = {"actor": "person:x", "reason": REASON} | parts
    return Joining(pair[0].client, pair[1].client, **wanted)


async def owners(database: Database) -> dict[str, list[tuple[str, UUID]]]:
    """Return who owns each row of what moves."""
    found = {}
    async with database.transaction() as connection:
        for table in ("identity", "ticket", "task", "notice", "client_event"):
            rows = await connection.execute(text(f"SELECT id, client_id FROM {table} ORDER BY id"))
            found[table] = [(str(row.id), row.client_id) for row in rows]
        runs = text("SELECT journey_id AS id, client_id FROM journey_run ORDER BY 1")
        found["run"] = [(str(row.id), row.client_id) for row in await connection.execute(runs)]
        stated = text("SELECT category AS id, client_id FROM preference ORDER BY 1, 2")
        found["preference"] = [(row.id, row.client_id) for row in await connection.execute(stated)]
    return found


async def facts(database: Database, cipher: Cipher, client_id: UUID, phone: str) -> None:
    told = Facts("示例", phone, "C3", "ordinary", "active", "经理")
    async with database.transaction() as connection:
        await client.record_facts(connection, cipher, client_id, facts=told)


async def test_what_lives_moves_and_goes_back_row_by_row(
    database: Database, merges: Merges, pair: tuple[Life, Life]
) -> None:
    before = await owners(database)
    async with database.transaction() as connection:
        foreseen = await store.count_moves(connection, pair[0].client, pair[1].client)
    assert await owners(database) == before
    merge_id, counts = await merges.merge(joining(pair))
    assert foreseen == counts
    assert counts == {
        "identity": 1, "ticket": 1, "task": 1, "notice": 1, "run": 1, "preference": 1,
    }  # fmt: skip
    merged = await owners(database)
    kept = pair[0].client
    moved = ("identity", "ticket", "task", "notice", "run", "client_event")
    assert {owner for one in moved for _, owner in merged[one]} == {kept}
    split = await merges.split(merge_id, actor="person:y", reason="弄错了")
    assert split.gone_id == pair[1].client
    assert await owners(database) == before
    async with database.transaction() as connection:
        told = await connection.execute(
            text("SELECT verb, actor FROM event WHERE verb LIKE 'clients_%' ORDER BY at")
        )
        assert [tuple(row) for row in told] == [
            ("clients_merged", "person:x"), ("clients_split", "person:y"),
        ]  # fmt: skip


async def test_what_came_since_stays_when_they_are_split(
    database: Database, cipher: Cipher, merges: Merges, pair: tuple[Life, Life]
) -> None:
    merge_id, _ = await merges.merge(joining(pair))
    later = uuid4()
    await pair[0].insert(
        "task", id=later, kind="call", client_id=pair[0].client, source="test",
        source_key="later", title="回访",
    )  # fmt: skip
    await merges.split(merge_id, actor="person:y", reason="弄错了")
    tasks = dict((await owners(database))["task"])
    assert tasks[str(later)] == pair[0].client
    assert list(tasks.values()).count(pair[1].client) == 1


async def test_the_gone_number_names_the_kept_client_from_now_on(
    database: Database, cipher: Cipher, merges: Merges, pair: tuple[Life, Life]
) -> None:
    await merges.merge(joining(pair))
    told = Report("later", "2", "login", datetime.now(UTC), {})
    async with database.transaction() as connection:
        await client_event.record_many(connection, cipher, "oms", [told])
        claimed = await client_event.claim(connection, 10)
        assert {one.client_id for one in claimed} == {pair[0].client}
        assert await client.record(connection, cipher, "2") == pair[0].client


async def test_the_kept_clients_timeline_has_both_lives(
    database: Database, cipher: Cipher, merges: Merges, pair: tuple[Life, Life]
) -> None:
    timelines = Timelines(database, cipher)
    single = (await timelines.find_page(BOSS, pair[0].client)).entries
    await merges.merge(joining(pair))
    both = (await timelines.find_page(BOSS, pair[0].client)).entries
    assert len(both) == 2 * len(single) + 1
    assert len({(one.entry.kind, one.entry.id) for one in both}) == len(both)
    got, before = 0, ""
    while True:
        page = await timelines.find_page(BOSS, pair[0].client, limit=2, before=before)
        got += len(page.entries)
        if page.next is None:
            break
        before = page.next
    assert got == len(both)


async def test_what_speaks_against_it_is_said(
    database: Database, cipher: Cipher, merges: Merges, pair: tuple[Life, Life]
) -> None:
    one, two = pair
    with pytest.raises(InvalidInput, match="reason"):
        await merges.merge(joining(pair, reason=" "))
    with pytest.raises(InvalidInput, match="same"):
        await merges.merge(Joining(one.client, one.client, "person:x", REASON))
    with pytest.raises(NotFound):
        await merges.merge(Joining(one.client, uuid4(), "person:x", REASON))
    await facts(database, cipher, one.client, "13800138000")
    await facts(database, cipher, two.client, "13900139000")
    assert await merges.find_doubles() == []
    with pytest.raises(Conflict, match="phones differ"):
        await merges.merge(joining(pair))
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE notice SET topic = 'margin'"))
    with pytest.raises(Conflict, match="same matter"):
        await merges.merge(joining(pair, is_sure=True))
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE notice SET state = 'cancelled'"))
    merge_id, _ = await merges.merge(joining(pair, is_sure=True))
    with pytest.raises(Conflict, match="already"):
        await merges.merge(joining(pair, is_sure=True))
    await merges.split(merge_id, actor="person:x", reason=REASON)
    with pytest.raises(Conflict, match="undone"):
        await merges.split(merge_id, actor="person:x", reason=REASON)
    with pytest.raises(NotFound):
        await merges.split(uuid4(), actor="person:x", reason=REASON)


async def test_merges_in_a_row_are_undone_from_the_last(
    database: Database, cipher: Cipher, merges: Merges, pair: tuple[Life, Life]
) -> None:
    third = Life(database, cipher, "3")
    await third.live()
    first, _ = await merges.merge(joining(pair))
    async with database.transaction() as connection:
        foreseen = await store.count_moves(connection, third.client, pair[0].client)
    second, counts = await merges.merge(Joining(third.client, pair[0].client, "person:x", REASON))
    assert counts["client"] == foreseen["client"] == 1
    with pytest.raises(Conflict, match="undo that first"):
        await merges.split(first, actor="person:x", reason=REASON)
    await merges.split(second, actor="person:x", reason=REASON)
    await merges.split(first, actor="person:x", reason=REASON)
    async with database.transaction() as connection:
        left = await connection.execute(text("SELECT count(*) FROM client WHERE merged_into > id"))
        assert left.scalar_one() == 0


async def test_who_shares_a_phone_is_shown(
    database: Database, cipher: Cipher, merges: Merges, pair: tuple[Life, Life]
) -> None:
    for one in pair:
        await facts(database, cipher, one.client, "13800138000")
    (group,) = await merges.find_doubles()
    assert set(group) == {one.client for one in pair}
    await merges.merge(joining(pair))
    assert await merges.find_doubles() == []
