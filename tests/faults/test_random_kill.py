"""Serving process and a separate worker are killed at random moments, under load."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import House, kept, open_house
from tests.faults.load import Crowd
from tests.faults.oracle import judge
from tests.faults.place import WECHAT, set_up
from tests.faults.sheet import Sheet
from tests.faults.size import IS_FULL, pick
from tests.faults.storm import CLIENTS as COMERS
from tests.faults.storm import check_reasons, storm
from tests.faults.view import check_view

KILLS = pick(15, 100)
CLIENTS = pick(4, 16)
MORTALS = ("serve", "worker") if IS_FULL else ("serve",)
"""What a dead worker held is waited for longer than the small size may last."""
PAUSES = (0.2, 1.2) if not IS_FULL else (0.5, 2.5)
"""Seconds between kills, at least."""
MESSAGES = pick(0, 100)
"""How many messages come for each kill, however slow the machine is."""


async def kill_at_random(house: House, diary: Diary, roles: tuple[str, ...]) -> None:
    """Kill one of the lives every now and then; `kept` begins it anew."""
    for number in range(KILLS):
        await asyncio.sleep(random.uniform(*PAUSES))
        await await_messages(diary, MESSAGES * number)
        await house.kill(random.choice(roles))


async def await_messages(diary: Diary, count: int) -> None:
    """Wait until so many messages were sent."""
    while len(diary.sent) < count:
        await asyncio.sleep(random.uniform(0.02, 0.2))


@pytest.mark.timeout(pick(240, 7200))
@pytest.mark.parametrize("way", ["passive", "api"])
async def test_killed_at_random_under_load(
    ground: Ground, diary: Diary, sheet: Sheet, way: str
) -> None:
    patience, thought = ("3.5", 0.0) if way == "passive" else ("0.05", 0.15)
    async with open_house(ground, passive_timeout=patience) as house:
        await ground.script("echo", thought)
        await house.open()
        await house.start("worker")
        async with kept(house), Crowd(house, diary, CLIENTS, CLIENTS) as crowd:
            await kill_at_random(house, diary, ("serve", "worker"))
            await await_messages(diary, MESSAGES * KILLS)
            await crowd.stop()
            verdict = await judge(house, diary)
            for guest in crowd.who:
                await check_view(house, guest)
    sheet.add(f"{KILLS} random kills, {way}", verdict, kills=house.deaths)
    assert house.deaths >= KILLS
    verdict.check(unknown=KILLS * CLIENTS)
    assert verdict.refused == 0


@pytest.mark.timeout(pick(300, 7200))
async def test_killed_at_random_on_every_channel_with_every_fault(
    ground: Ground, diary: Diary, sheet: Sheet
) -> None:
    others = [make for place, make in COMERS.items() if place is not WECHAT] * pick(1, 2)
    async with open_house(ground, passive_timeout="0.05") as house:
        await set_up(house)
        await ground.script("echo", 0.15)
        await house.open()
        await house.start("worker")
        crowd = Crowd(house, diary, CLIENTS, CLIENTS, others=others)
        async with kept(house), crowd:
            async with storm(ground) as counted:
                await kill_at_random(house, diary, MORTALS)
                await await_messages(diary, MESSAGES * KILLS)
                await crowd.stop()
            verdict = await judge(house, diary)
            for guest in crowd.who:
                await check_view(house, guest)
    sheet.add(f"{KILLS} random kills, every channel and fault", verdict, kills=house.deaths)
    sheet.note(f"random kills, every fault: {dict(verdict.channels)} acknowledged by channel")
    assert house.deaths >= KILLS
    check_reasons(verdict)
    verdict.check(unknown=counted["hits"] + KILLS * (CLIENTS + len(others)))
    assert verdict.channels.keys() == {"chat", *(place.channel for place in COMERS)}
