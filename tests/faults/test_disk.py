"""The database's disk is full, under load: a clear no to clients, and on it goes with room again.

The disk is a small one of the database's own (a tablespace); PostgreSQL answers 53100, disk_full.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import House, open_house
from tests.faults.load import Crowd, WechatPhone
from tests.faults.oracle import judge
from tests.faults.sheet import Sheet
from tests.faults.size import pick
from tests.faults.view import check_view
from tests.faults.volume import small_volume

ROUNDS = pick(1, 10)
FULL_SECONDS = 30.0


@pytest.mark.timeout(pick(180, 900))
async def test_disk_of_the_database_is_full(ground: Ground, diary: Diary, sheet: Sheet) -> None:
    async with small_volume(ground) as volume:
        async with open_house(ground, tablespace=volume.tablespace) as house:
            await house.open()
            async with Crowd(house, diary) as crowd:
                for _ in range(ROUNDS):
                    await asyncio.sleep(1)
                    volume.fill()
                    await await_refusal(house, diary)
                    await asyncio.sleep(1)
                    volume.free()
                    await time_recovery(house, diary, sheet)
                await crowd.stop()
                verdict = await judge(house, diary)
                for guest in crowd.who:
                    await check_view(house, guest)
                errors = [frame for guest in crowd.who for frame in guest.errors]
            assert house.is_alive()
        await ground.admin(f"DROP DATABASE {house.name} WITH (FORCE)")
    sheet.add(f"the database's disk full {ROUNDS} times", verdict)
    verdict.check(unknown=ROUNDS * 8)
    codes = {frame["code"] for frame in errors}
    assert "store_down" in codes
    assert codes <= {"store_down", "too_many"}, codes  # who tries again too soon is held back


async def await_refusal(house: House, diary: Diary) -> None:
    """Ask until WeChat's callback is answered with 503, and nothing else than 200 before."""
    async with asyncio.timeout(FULL_SECONDS):
        while True:
            said = await WechatPhone(house, diary, rounds=1).ask()
            statuses = {attempt["status"] for attempt in said["attempts"]}
            assert statuses <= {200, 503}, said
            if not said["ok"]:
                return


async def time_recovery(house: House, diary: Diary, sheet: Sheet) -> None:
    """Note how long it takes until a client is answered again."""
    began = time.monotonic()
    assert (await WechatPhone(house, diary).ask())["ok"]
    sheet.note(f"full disk: acknowledged again {time.monotonic() - began:.2f} s after room is back")
