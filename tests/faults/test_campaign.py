"""A campaign while its workers are killed, the database goes away and the providers misbehave.

Each recipient has exactly one accepted message in the lab's ledger, or one recorded reason.
"""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import pytest

from kernel.crash import POINTS
from tests.faults.ground import Ground
from tests.faults.house import House, kept, open_house
from tests.faults.mailing import (
    PLACES,
    await_end,
    begin_campaign,
    count_senders,
    count_sent,
    tally,
)
from tests.faults.place import set_up
from tests.faults.sheet import Sheet
from tests.faults.size import IS_FULL, pick
from tests.faults.storm import break_all

RECIPIENTS = pick(450, 100_000)
KILLS = pick(4, 20)
RESTARTS = pick(1, 3)
ONE, TWO = "worker --roles plan,bulk,deliver", "worker --roles bulk,deliver,plan"
MORTALS = ("serve", ONE, TWO) if IS_FULL else ("serve",)
"""What a dead worker held is waited for longer than the small size may last."""
POINTS_OF_CAMPAIGNS = [one for one in POINTS if one.startswith(("plan.", "bulk."))]


async def kill_at_random(house: House, kills: int) -> None:
    """Kill one of the lives every now and then, while messages still leave; `kept` begins anew."""
    for number in range(kills):
        goal = RECIPIENTS * (number + 1) // (kills + 2)
        for _ in range(600):
            if await count_sent(house) >= goal:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(random.uniform(0.0, 0.3))
        await house.kill(random.choice(MORTALS))


async def restart_database(ground: Ground, times: int) -> None:
    """Kill PostgreSQL with all its processes, and start it again."""
    for _ in range(times):
        await asyncio.sleep(random.uniform(*pick_pause()))
        await ground.kill("postgres")
        await asyncio.sleep(0.3)
        await ground.start("postgres")


def pick_pause() -> tuple[float, float]:
    """Return how long the database is left alone between two deaths."""
    return (20.0, 40.0) if IS_FULL else (2.0, 4.0)


@pytest.mark.timeout(pick(240, 5400))
async def test_killed_at_random_with_every_fault(ground: Ground, sheet: Sheet) -> None:
    async with open_house(ground) as house:
        await set_up(house, PLACES)
        await house.open()
        if IS_FULL:
            await house.start(ONE)
            await house.start(TWO)
        async with kept(house):
            hits = await break_all(ground, PLACES, times=pick(1, 20))
            campaign = await begin_campaign(house, RECIPIENTS)
            await asyncio.gather(kill_at_random(house, KILLS), restart_database(ground, RESTARTS))
            await await_end(house, campaign)
        counted = await tally(house, campaign)
    sheet.note(f"campaign, {house.deaths} kills, {RESTARTS} restarts, {hits} faults: "
               f"{counted.format()}")  # fmt: skip
    assert house.deaths >= KILLS
    counted.check()
    assert counted.arrived > RECIPIENTS // 2
    assert counted.reasoned > 0


@pytest.mark.timeout(pick(180, 1800))
@pytest.mark.parametrize("number", [signal.SIGTERM, *([signal.SIGKILL] if IS_FULL else [])])
async def test_two_machines_share_a_campaign(
    ground: Ground, sheet: Sheet, tmp_path: Path, number: signal.Signals
) -> None:
    recipients = pick(300, 10_000)
    async with open_house(ground) as house:
        await set_up(house, PLACES)
        campaign = await begin_campaign(house, recipients, per_second=recipients / 15)
        await house.start(ONE, data=str(tmp_path / "one"))
        await house.start(TWO, data=str(tmp_path / "two"))
        async with asyncio.timeout(60):
            while await count_senders(house) < 2:
                await asyncio.sleep(0.1)
        await house.kill(TWO, number)
        await await_end(house, campaign)
        counted = await tally(house, campaign)
    sheet.note(f"campaign, two machines, {number.name} for one: {counted.format()}")
    counted.check()
    if number is signal.SIGTERM:
        assert counted.doubtful == 0, "Who is told to stop records its calls first."


@pytest.mark.timeout(180)
@pytest.mark.parametrize("point", POINTS_OF_CAMPAIGNS)
async def test_killed_at(ground: Ground, sheet: Sheet, point: str) -> None:
    async with open_house(ground) as house:
        await set_up(house, PLACES)
        await house.open(crash=point)
        async with kept(house):
            campaign = await begin_campaign(house, 90)
            await await_end(house, campaign)
        counted = await tally(house, campaign)
    sheet.note(f"campaign, kill at {point}: {counted.format()}")
    assert house.deaths == 1
    counted.check()
