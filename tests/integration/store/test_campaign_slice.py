"""A slice under way is one row: whatever comes first, each of its messages ends once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest

from kernel.message import Receipt
from store import batch, campaign_end, campaign_slice, device, link, receipt, share
from store.batch import Outcome, Taken
from store.engine import Connection, Database
from store.share import Slice
from tests.campaign import Firm, fetch, provider, run_sql
from tests.mailing import make

SMS = ("sms", "main")
ROWS = "SELECT id, state, attempts, provider_id FROM outbox WHERE campaign_id = :c ORDER BY id"


async def take(database: Database, n: int, *, limit: int | None = None) -> tuple[UUID, Slice]:
    """Commit a slice of a campaign to `n` clients, as a worker does that is called `w`."""
    firm = Firm.open(database, provider())
    campaign, _ = await make(database, n)
    await firm.plan()
    async with database.once() as connection:
        held = await share.lease(connection, "w/1")
    assert held is not None
    async with database.transaction() as connection:
        pace = await firm.pacer.find(connection, held.category)
        return campaign, await share.take(connection, held, pace, account="main", limit=limit or n)


async def test_a_slice_under_way_is_one_row_and_its_end_is_a_row_a_message(
    database: Database,
) -> None:
    campaign, taken = await take(database, 3)
    assert await fetch(database, ROWS, c=campaign) == []
    (row,) = await fetch(database, "SELECT ids, client_ids FROM campaign_slice")
    assert row.ids == [one.outbox_id for one in taken.going]
    assert row.client_ids == [one.client_id for one in taken.going]
    ids = [one.outbox_id for one in reversed(taken.going)]  # answers come in any order
    async with database.transaction() as connection:
        names = Taken(ids[:2], ["p-0", None])
        left = [Outcome(ids[2], "rejected", "gone")]
        await batch.record(connection, campaign, SMS, names, left, under_way=taken.under_way)
    found = {row.id: row for row in await fetch(database, ROWS, c=campaign)}
    assert [(found[one].state, found[one].provider_id) for one in ids] == [
        ("accepted", "p-0"), ("accepted", None), ("rejected", None),
    ]  # fmt: skip
    assert await fetch(database, "SELECT id FROM campaign_slice") == []
    tried = await fetch(database, "SELECT outbox_id, result FROM attempt")
    assert [(row.outbox_id, row.result) for row in tried] == [(ids[2], "rejected")]


@pytest.mark.parametrize("order", list(permutations(("receipt", "click", "lost", "end"))))
async def test_whatever_comes_first_each_message_ends_once_and_as_it_should(
    database: Database, order: tuple[str, ...]
) -> None:
    campaign, taken = await take(database, 4)
    heard, clicked, well, busy = taken.under_way.ids

    async def hear(connection: Connection) -> None:
        word = Receipt(
            *SMS, "p0", "delivered", f"event-{heard}", datetime.now(UTC), outbox_id=heard
        )
        await receipt.record(connection, word)

    async def click(connection: Connection) -> None:
        found = await link.find_sending(connection, clicked)
        assert found is not None
        await link.record_click(connection, found, "https://broker.example/report")

    async def lose(connection: Connection) -> None:
        await campaign_slice.record_lost(connection, worker="w")

    async def end(connection: Connection) -> None:
        names = Taken([heard, clicked, well], ["p0", "p1", "p2"])
        left = [Outcome(busy, "queued", "busy")]
        await batch.record(connection, campaign, SMS, names, left, under_way=taken.under_way)

    acts: dict[str, Callable[[Connection], Awaitable[None]]] = {
        "receipt": hear, "click": click, "lost": lose, "end": end,
    }  # fmt: skip
    for name in order:
        async with database.transaction() as connection:
            await acts[name](connection)
    rows = await fetch(database, ROWS, c=campaign)
    assert {row.id: (row.state, row.provider_id) for row in rows} == {
        heard: ("delivered", "p0"),
        clicked: ("read", "p1"),
        well: ("accepted", "p2"),
        busy: ("queued", None),
    }
    queued = await fetch(database, "SELECT outbox_id FROM queue")
    assert [row.outbox_id for row in queued] == [busy]
    assert await fetch(database, "SELECT id FROM campaign_slice") == []


async def test_only_the_slices_of_the_dead_are_given_up(database: Database) -> None:
    campaign, taken = await take(database, 2)
    async with database.transaction() as connection:
        assert await campaign_slice.record_lost(connection, worker="other") == 0
        assert await campaign_slice.record_lost(connection, older_than=60.0) == 0
        assert await campaign_slice.record_lost(connection, older_than=0.0) == 2
    rows = await fetch(database, ROWS, c=campaign)
    assert [(row.id, row.state, row.attempts) for row in rows] == [
        (one, "unknown", 1) for one in sorted(taken.under_way.ids)
    ]


async def test_a_campaign_does_not_end_while_a_slice_is_under_way(database: Database) -> None:
    campaign, taken = await take(database, 1, limit=2)
    assert taken.is_last
    async with database.transaction() as connection:
        assert await campaign_end.finish(connection) == []
        await campaign_slice.record_lost(connection, worker="w")
        assert await campaign_end.finish(connection) == [campaign]


async def test_the_provider_s_own_key_is_kept_before_the_message_is_in_the_outbox(
    database: Database,
) -> None:
    campaign, taken = await take(database, 1)
    (outbox_id,) = taken.under_way.ids
    async with database.transaction() as connection:
        assert await device.record_key(connection, outbox_id, "cid-1") == "cid-1"
    async with database.transaction() as connection:
        names = Taken([outbox_id], ["p"])
        await batch.record(connection, campaign, SMS, names, [], under_way=taken.under_way)
        assert await device.find_key(connection, outbox_id) == "cid-1"


async def test_who_was_held_until_now_is_sent_to_once(database: Database) -> None:
    firm = Firm.open(database, provider())
    _, clients = await make(database, 3)
    await firm.plan()
    await run_sql(
        database,
        "UPDATE campaign_recipient SET state = 'held', due_at = now() WHERE client_id = :one",
        one=clients[1],
    )
    async with database.once() as connection:
        first, late = await share.lease(connection, "w/1"), await share.find_held(connection, "w/2")
    assert first is not None
    assert late is not None
    taken = []
    for held in (late, first):
        async with database.transaction() as connection:
            pace = await firm.pacer.find(connection, held.category)
            taken.append(await share.take(connection, held, pace, account="main", limit=9))
    assert [{one.client_id for one in slice_.going} for slice_ in taken] == [
        {clients[1]}, {clients[0], clients[2]},
    ]  # fmt: skip


async def test_two_lost_slices_with_one_client_are_given_up_all_the_same(
    database: Database,
) -> None:
    campaign, _ = await take(database, 2)
    await run_sql(
        database,
        "INSERT INTO campaign_slice SELECT row_id(), campaign_id, content_id, channel, account, "
        "worker, sending_at, not_after, ARRAY[row_id(), row_id()], client_ids, addresses, arms "
        "FROM campaign_slice",
    )
    async with database.transaction() as connection:
        assert await campaign_slice.record_lost(connection, worker="w") == 2
    assert [row.state for row in await fetch(database, ROWS, c=campaign)] == ["unknown"] * 2
