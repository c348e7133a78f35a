"""The way to the database when the database does not want: one honest error, soon."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.engine import Database, StoreDown, commit_lazily


@pytest.mark.parametrize("state", ["08006", "40001", "40P01", "53100", "53300", "57P01", "57P03"])
async def test_what_passes_is_not_a_bug(database: Database, state: str) -> None:
    with pytest.raises(StoreDown):
        async with database.transaction() as connection:
            await connection.execute(text(f"DO $$BEGIN RAISE SQLSTATE '{state}'; END$$"))


async def test_a_bug_stays_a_bug(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.transaction() as connection:
            await connection.execute(text("SELECT nothing FROM nowhere"))


async def test_a_door_does_not_wait_for_ever(database: Database) -> None:
    with pytest.raises(StoreDown):
        async with database.transaction(within=0.1) as connection:
            await connection.execute(text("SELECT pg_sleep(5)"))
    assert await database.ping()


async def test_a_pool_without_a_free_connection_is_no_bug(database_url: str) -> None:
    narrow = Database(database_url, pool_size=1)
    narrow.engine.pool._max_overflow = 0  # type: ignore[attr-defined]
    narrow.engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    async with narrow.transaction():
        with pytest.raises(StoreDown):
            async with narrow.transaction():
                await asyncio.sleep(0)
    await narrow.close()


async def test_what_comes_back_after_closing_is_closed_too(database_url: str) -> None:
    late = Database(database_url)
    entered = asyncio.Event()

    async def work() -> None:
        async with late.once() as connection:
            entered.set()
            await connection.execute(text("SELECT pg_sleep(0.2)"))

    working = asyncio.create_task(work())
    await entered.wait()
    await late.close()
    await working
    assert late.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


PATIENT = """
import asyncio, os, sys
from sqlalchemy import text
from store.engine import Database

async def ask():
    database = Database(sys.argv[1])
    async with database.once() as connection:
        pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    print(os.getpriority(os.PRIO_PROCESS, pid))
    await database.close()

os.nice(7)
asyncio.run(ask())
"""


async def test_a_server_process_hurries_no_more_than_who_it_works_for(database_url: str) -> None:
    asking = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PATIENT, database_url, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asking.communicate()
    assert int(said) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 7)


async def test_a_lazy_commit_is_that_of_one_transaction(database: Database) -> None:
    show = text("SHOW synchronous_commit")
    process_of = text("SELECT pg_backend_pid()")
    async with database.transaction() as connection:
        process = (await connection.execute(process_of)).scalar_one()
        await commit_lazily(connection)
        assert (await connection.execute(show)).scalar_one() == "off"
    async with database.transaction() as connection:
        assert (await connection.execute(process_of)).scalar_one() == process, "the same session"
        assert (await connection.execute(show)).scalar_one() == "on"
