"""Thousands of accounts breach at once: each is told once, in the right order.

ZHIDA_TEST_SIZE=full makes them twenty thousand.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import text

from store import notice
from store.cipher import Cipher
from store.engine import Database
from store.notice import NoticeDraft
from tests.tower import Tower, make_tower

COUNT = 20_000 if os.environ.get("ZHIDA_TEST_SIZE") == "full" else 4_000


@pytest.fixture
async def tower(database: Database, cipher: Cipher) -> Tower:
    return await make_tower(database, cipher)


async def test_many_accounts_breach_at_once_and_the_first_to_be_liquidated_comes_first(
    tower: Tower,
) -> None:
    clients = await add_clients(tower, COUNT)
    tower.clock.advance(minutes=10)  # raising takes its time by the database's clock
    drafts = make_drafts(clients, tower.clock.now())
    for start in range(0, len(drafts), 2000):
        async with tower.database.transaction() as connection:
            await notice.raise_many(connection, tower.cipher, drafts[start : start + 2000])
    assert (await tower.one("SELECT count(*) AS n FROM notice"))["n"] == COUNT
    while await tower.ladder.climb("critical", limit=500):
        pass
    rows = await tower.rows(
        "SELECT notice.reach_by, notice.exposure, vars_enc, notice.id FROM queue "
        "JOIN outbox ON outbox.id = outbox_id JOIN notice ON notice.id = notice_id "
        "ORDER BY queue.not_before"
    )
    assert len(rows) == COUNT
    order = [(row["reach_by"], -row["exposure"]) for row in rows]
    assert order == sorted(order)
    last = tower.cipher.open_json(
        rows[0]["vars_enc"], table="notice", column="vars_enc", row=rows[0]["id"]
    )
    assert last == {"risk_ratio": 2.1}


async def add_clients(tower: Tower, count: int) -> list[UUID]:
    async with tower.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO client (id, client_no_hash, client_no_enc) SELECT row_id(), "
                "sha256(convert_to('b' || n, 'UTF8')), 'x' FROM generate_series(1, :n) AS n"
            ),
            {"n": count},
        )
        await connection.execute(
            text(
                "INSERT INTO identity (id, client_id, channel, account, address) "
                "SELECT row_id(), id, 'sms', 'demo', CAST(id AS text) FROM client"
            )
        )
        found = await connection.execute(text("SELECT id FROM client ORDER BY client_no_hash"))
        return [row.id for row in found]


def make_drafts(clients: Sequence[UUID], now: datetime) -> list[NoticeDraft]:
    """Return two breaches of each client, the second one with newer figures."""
    chance = Random(20261122)
    return [
        NoticeDraft(
            who,
            "risk",
            "critical",
            "test",
            f"{who}:{turn}",
            "margin_call",
            {"risk_ratio": 1.1 + turn},
            topic="margin:",
            exposure=float(chance.randint(1, 9)),
            reach_by=now + timedelta(minutes=chance.randint(20, 40)),
        )
        for turn in range(2)
        for who in clients
    ]
