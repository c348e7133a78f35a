"""Clients are reached where the broker's book says, until they prove something else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.message import Address
from store import account, book_address, client, consent, conversation, reach
from store.account import Setup
from store.book_address import Told
from store.cipher import Cipher
from store.client import Facts
from store.engine import Database

ROWS = """
SELECT channel, account, address, client_id, from_book FROM identity
ORDER BY channel, address COLLATE "C"
"""


@pytest.fixture(autouse=True)
async def accounts(database: Database, cipher: Cipher) -> None:
    async with database.transaction() as connection:
        for provider, name in (("twilio", "abroad"), ("aliyun", "home")):
            setup = Setup("sms", provider, name, {}, {})
            await account.add(connection, cipher, setup, actor="test")
        await account.add(connection, cipher, Setup("email", "smtp", "mail", {}, {}), actor="test")


async def add(database: Database, cipher: Cipher, number: str) -> UUID:
    async with database.transaction() as connection:
        return await client.record(connection, cipher, number)


async def tell(database: Database, *told: Told) -> int:
    async with database.transaction() as connection:
        return await book_address.record(connection, told)


async def rows_of(database: Database, query: str = ROWS) -> list[tuple[Any, ...]]:
    async with database.once() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def test_a_number_goes_to_the_account_that_carries_it(
    database: Database, cipher: Cipher
) -> None:
    one, two = [await add(database, cipher, number) for number in "12"]
    told = Told(one, "138 0013 8000", "li@example.com"), Told(two, "+852-9123-4567")
    assert await tell(database, *told) == 0
    assert await tell(database, *told) == 0
    assert await rows_of(database) == [
        ("email", "mail", "li@example.com", one, True),
        ("sms", "abroad", "+85291234567", two, True),
        ("sms", "home", "+8613800138000", one, True),
    ]


async def test_a_number_that_the_book_gave_up_is_not_the_client_s_any_more(
    database: Database, cipher: Cipher
) -> None:
    one = await add(database, cipher, "1")
    await tell(database, Told(one, "13800138000"))
    async with database.transaction() as connection:
        await reach.record_voices(connection, [one], "calls")
    assert await tell(database, Told(one, "13900139000")) == 0
    assert await rows_of(database) == [
        ("sms", "home", "+8613800138000", None, False),
        ("sms", "home", "+8613900139000", one, True),
        ("voice", "calls", "+8613800138000", None, False),
    ]


async def test_what_a_client_proved_outlasts_the_book(database: Database, cipher: Cipher) -> None:
    one = await add(database, cipher, "1")
    await tell(database, Told(one, "13800138000"))
    async with database.transaction() as connection:
        talk = await conversation.open_for(connection, Address("sms", "home", "+8613800138000"))
        assert await client.bind(connection, talk.id, one, actor="test")
        assert not await client.bind(connection, talk.id, one, actor="test")
    await tell(database, Told(one, "13900139000"))
    owners = [(row[2], row[3], row[4]) for row in await rows_of(database)]
    assert owners == [("+8613800138000", one, False), ("+8613900139000", one, True)]


async def test_an_address_of_another_client_stays_theirs_and_is_counted(
    database: Database, cipher: Cipher
) -> None:
    one, two, three = [await add(database, cipher, number) for number in "123"]
    await tell(database, Told(one, "13800138000"))
    assert await tell(database, Told(two, "13800138000")) == 1
    assert await tell(database, Told(two, "13700137000"), Told(three, "13700137000")) == 1
    assert [row[3] for row in await rows_of(database)] == [min(two, three), one]


async def test_facts_of_the_core_make_a_client_reachable_at_once_or_by_night(
    database: Database, cipher: Cipher
) -> None:
    one, two = [await add(database, cipher, number) for number in "12"]
    facts = Facts("甲", "13800138000", "C3", "ordinary", "active", "经理")
    async with database.transaction() as connection:
        await client.record_facts(connection, cipher, one, facts=facts)
        await connection.execute(text("UPDATE channel_account SET is_active = false"))
        later = Facts("乙", "13900139000", "C3", "ordinary", "active", "经理")
        await client.record_facts(connection, cipher, two, facts=later)
        assert await book_address.find_unreached(connection, cipher, after=None, limit=9) == []
        await connection.execute(text("UPDATE channel_account SET is_active = true"))
        found = await book_address.find_unreached(connection, cipher, after=None, limit=9)
        assert found == [Told(two, "13900139000")]
        await book_address.record(connection, found)
        assert await book_address.find_unreached(connection, cipher, after=None, limit=9) == []
    assert [row[3] for row in await rows_of(database)] == [one, two]


@pytest.mark.parametrize(
    ("said", "told", "found"),
    [
        (None, "yes", "yes"), (None, "no", "no"), ("yes", "no", "no"), ("no", "yes", "no"),
        ("all", "yes", None),
    ],
)  # fmt: skip
async def test_the_book_s_yes_does_not_outweigh_a_client_s_no(
    database: Database, cipher: Cipher, said: str | None, told: str, found: str | None
) -> None:
    one = await add(database, cipher, "1")
    await tell(database, Told(one, "13800138000"))
    place = Address("sms", "home", "+8613800138000")
    async with database.transaction() as connection:
        if said:
            category, state = ("all", "no") if said == "all" else (consent.MARKETING, said)
            await consent.record(connection, place, category=category, state=state, source="x")
        for _ in range(2):
            await consent.record_book(
                connection, {one: told}, category=consent.MARKETING, source="import:1"
            )
        assert await consent.find(connection, place, consent.MARKETING) == found
    kept = await rows_of(database, "SELECT 1 FROM consent WHERE source = 'import:1'")
    assert len(kept) == (found is not None and found != said)
