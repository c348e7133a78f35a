"""The demo's client book: made once and quickly, for campaigns that reach the lab and nobody."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from sqlalchemy import text

from channels.push.jpush.channel import REGISTRATION
from clients.demo import FIRST, FIRST_PHONE, DemoClients
from kernel.clock import SystemClock
from kernel.number import is_mainland
from lab.broker.generator import find_accounts
from service.demo_account import list_demo_accounts
from store import client
from store.cipher import Cipher
from store.engine import Database
from tests.book import count
from tests.site import make_settings

N = 300


@pytest.fixture
def clients(database: Database, cipher: Cipher) -> DemoClients:
    return DemoClients(database, cipher, SystemClock(), N)


async def test_they_are_made_once_and_quickly(clients: DemoClients, database: Database) -> None:
    begun = time.perf_counter()
    assert await clients.record()
    assert time.perf_counter() - begun < 10  # on a busy machine; alone it takes a fifth of that
    async with database.transaction() as connection:
        first = [await count(connection, one) for one in TABLES]
        assert first[:3] == [N, N, N]
        assert await count(connection, "client_tag", "source = 'demo'") > N / 3
        assert await count(connection, "consent", "source = 'demo' AND state = 'yes'") > N / 2
    assert not await clients.record()
    async with database.transaction() as connection:
        assert [await count(connection, one) for one in TABLES] == first


async def test_more_are_added_and_a_word_that_was_said_since_stays(
    clients: DemoClients, database: Database, cipher: Cipher
) -> None:
    await clients.record()
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE identity SET is_blocked = true, client_id = NULL"))
    assert await DemoClients(database, cipher, SystemClock(), N + 10).record()
    async with database.transaction() as connection:
        assert await count(connection, "client") == N + 10
        assert await count(connection, "identity", "is_blocked AND client_id IS NULL") > N
        twice = "consent GROUP BY identity_id HAVING count(*) > 1"
        assert (await connection.execute(text(f"SELECT 1 FROM {twice}"))).first() is None


async def test_every_way_ends_at_the_lab(clients: DemoClients, database: Database) -> None:
    await clients.record()
    ours = {(one.channel, one.name) for one in list_demo_accounts(make_settings("x://"))}
    async with database.transaction() as connection:
        rows = (await connection.execute(text("SELECT * FROM identity"))).all()
        devices = await count(connection, "push_device", "ended_at IS NULL")
        may = await count(connection, "identity", "consents->>'marketing' = 'yes'")
    found = Counter((one.channel, one.account) for one in rows)
    assert found.keys() <= ours
    assert min(found.values()) > N / 4
    assert devices == found["push", "jpush"]
    assert may > N
    for one in rows:
        if one.channel == "sms":
            assert is_mainland(one.address)
            assert 0 < int(one.address[3:]) - FIRST_PHONE <= N
        elif one.channel == "email":
            assert one.address.endswith(".invalid")
        else:
            assert REGISTRATION.fullmatch(one.address)
    assert sum(one.address.startswith("nobody@") for one in rows) == N // 60


async def test_they_are_nobody_whom_the_demo_core_knows(
    clients: DemoClients, database: Database, cipher: Cipher
) -> None:
    await clients.record()
    known = find_accounts(200)
    assert not {str(FIRST + number) for number in range(1, N + 1)} & known.keys()
    assert not {str(FIRST_PHONE + n) for n in range(1, N + 1)} & {
        one.phone for one in known.values()
    }
    async with database.transaction() as connection:
        found = await client.find_id(connection, cipher, str(FIRST + 7))
        assert found
        row = await client.find(connection, cipher, found)
    assert row
    assert row.name == "示例客户007"


TABLES = ("client", "client_figure", "client_tier", "identity", "consent", "client_tag")
