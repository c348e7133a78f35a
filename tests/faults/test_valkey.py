"""Valkey is flushed, killed and brought back: nothing durable is in it, so nothing is lost."""

from __future__ import annotations

import asyncio

import pytest
import redis.asyncio as redis

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import open_house
from tests.faults.load import Crowd
from tests.faults.oracle import judge
from tests.faults.sheet import Sheet
from tests.faults.size import pick
from tests.faults.view import check_view

ROUNDS = pick(2, 20)


async def flush(ground: Ground) -> None:
    client = redis.Redis.from_url(ground.settings.fanout_url)
    await client.flushall()
    await client.aclose()


@pytest.mark.timeout(pick(120, 1800))
async def test_valkey_killed_and_flushed(ground: Ground, diary: Diary, sheet: Sheet) -> None:
    async with open_house(ground) as house:
        await house.open()
        await house.start("worker")
        async with Crowd(house, diary) as crowd:
            for _ in range(ROUNDS):
                await asyncio.sleep(1)
                await flush(ground)
                await asyncio.sleep(0.5)
                await ground.kill("valkey")
                await asyncio.sleep(1)
                await ground.start("valkey")
            await crowd.stop()
            verdict = await judge(house, diary)
            for guest in crowd.who:
                await check_view(house, guest)
        assert house.is_alive()
        assert house.is_alive("worker")
    sheet.add(f"Valkey flushed and killed {ROUNDS} times", verdict, kills=ROUNDS)
    verdict.check(unknown=0)
    assert verdict.answered == verdict.acked == verdict.n
