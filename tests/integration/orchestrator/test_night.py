"""Responses are counted once, fade, and become preferences that never override a statement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from clients.tier import Tiers
from kernel.clock import SystemClock
from kernel.message import Address, Receipt
from orchestrator.night import Night
from store import client, conversation, preference, receipt, response
from store.cipher import Cipher
from store.engine import Database
from store.response import Response

AGO = datetime.now(UTC) - timedelta(hours=2)


class Book:
    """Clients with a conversation, and what went back and forth in it."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self.database, self.cipher = database, cipher
        self.talks: dict[UUID, UUID] = {}

    async def add(self, no: str, channel: str) -> UUID:
        async with self.database.transaction() as connection:
            client_id = await client.record(connection, self.cipher, no)
            talk = await conversation.open_for(connection, Address(channel, "a", f"nobody-{no}"))
            await client.bind(connection, talk.id, client_id, actor="test")
            self.talks[client_id] = talk.id
        return client_id

    async def send(
        self, who: UUID, state: str, *, at: datetime = AGO, channel: str = "sms"
    ) -> UUID:
        outbox_id = uuid4()
        statement = text(
            "INSERT INTO outbox (id, conversation_id, channel, account, address, author_kind, "
            "state, sending_at, provider_id) VALUES (:id, :talk, :channel, 'a', 'x', 'system', "
            ":state, :at, :name)"
        )
        values = {"id": outbox_id, "talk": self.talks[who], "channel": channel}
        rest = {"state": state, "at": at, "name": str(outbox_id)}
        async with self.database.transaction() as connection:
            await connection.execute(statement, values | rest)
        return outbox_id

    async def report(self, outbox_id: UUID, status: str, channel: str = "sms") -> None:
        told = Receipt(channel, "a", str(outbox_id), status, f"{outbox_id}-{status}", AGO)
        async with self.database.transaction() as connection:
            await receipt.record(connection, told)
            late = text("UPDATE receipt SET received_at = :at WHERE provider_id = :name")
            await connection.execute(late, {"at": AGO, "name": str(outbox_id)})

    async def write(self, who: UUID, *, at: datetime = AGO) -> None:
        statement = text(
            "INSERT INTO message (id, conversation_id, seq, direction, author_kind, body_enc, "
            "channel, account, floor_epoch, received_at) VALUES (:id, :talk, :seq, 'in', "
            "'client', '', 'wechat', 'a', 0, :at)"
        )
        id_ = UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | uuid4().node)
        values = {"id": id_, "talk": self.talks[who], "seq": id_.node % 10**6, "at": at}
        async with self.database.transaction() as connection:
            await connection.execute(statement, values)

    async def find(self, who: UUID) -> dict[str, Response]:
        async with self.database.transaction() as connection:
            return {one.channel: one for one in await response.find(connection, who)}

    async def preferences(self, who: UUID) -> list[tuple[str, int, str]]:
        async with self.database.transaction() as connection:
            found = await preference.find(connection, who)
        return [(one.channel, one.weight, one.origin) for one in found]


@pytest.fixture
def book(database: Database, cipher: Cipher) -> Book:
    return Book(database, cipher)


@pytest.fixture
def night(database: Database, cipher: Cipher) -> Night:
    return Night(database, cipher, Tiers(database, SystemClock()), SystemClock())


async def test_what_was_sent_read_lost_and_written_is_counted_once(
    book: Book, night: Night
) -> None:
    one, two = await book.add("1", "sms"), await book.add("2", "wechat")
    read = await book.send(one, "accepted")
    await book.report(read, "read")
    await book.send(one, "rejected")
    await book.send(one, "delivered", at=datetime.now(UTC))
    await book.write(two)
    await book.write(two)
    await book.write(two, at=datetime.now(UTC))
    assert await night.count_responses() > timedelta(hours=23)
    assert await night.count_responses() == timedelta()
    sms, wechat = (await book.find(one))["sms"], (await book.find(two))["wechat"]
    assert (sms.sent, sms.answered, sms.failed) == pytest.approx((1, 1, 1), rel=0.01)
    assert (wechat.sent, wechat.answered) == pytest.approx((0, 2), rel=0.01)
    assert wechat.last_inbound_at == AGO
    assert sms.rate == pytest.approx(2 / 4, rel=0.01)


async def test_thirty_days_halve_a_count(book: Book, night: Night) -> None:
    one = await book.add("1", "sms")
    await book.send(one, "accepted")
    await night.count_responses()
    async with book.database.transaction() as connection:
        await connection.execute(
            text("UPDATE channel_response SET as_of = as_of - interval '30 days'")
        )
    assert (await book.find(one))["sms"].sent == pytest.approx(0.5, rel=0.01)
    back = text("UPDATE event_cursor SET position = position - 86400000000")
    async with book.database.transaction() as connection:
        await connection.execute(back)
    await night.count_responses()
    assert (await book.find(one))["sms"].sent == pytest.approx(1.5, rel=0.01)


async def test_what_is_learnt_gives_way_to_what_is_stated_and_is_forgotten(
    book: Book, night: Night
) -> None:
    one, two = await book.add("1", "wechat"), await book.add("2", "wechat")
    for who in (one, two):
        await book.write(who)
        await book.write(who)
        await book.send(who, "failed")
    async with book.database.transaction() as connection:
        await preference.record_stated(connection, two, "marketing", {"email": 80, "sms": -1})
    await night.count_responses()
    await night.work()
    assert await book.preferences(one) == [("wechat", 100, "learned"), ("sms", 33, "learned")]
    assert await book.preferences(two) == [("email", 80, "stated"), ("sms", -1, "stated")]
    async with book.database.transaction() as connection:
        await preference.record_stated(connection, two, "marketing", {})
        await connection.execute(
            text(
                "UPDATE channel_response SET as_of = now() - interval '300 days' "
                "WHERE client_id = :one AND channel = 'sms'"
            ),
            {"one": one},
        )
    await night.work()
    assert await book.preferences(one) == [("wechat", 100, "learned")]
    assert len(await book.preferences(two)) == 2


async def test_the_nights_work_is_done_once(book: Book, night: Night) -> None:
    await book.add("1", "sms")
    assert await night.work_if_due()
    assert not await night.work_if_due()
