"""The serving process is killed at every named point of its work, on both channels."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from kernel.crash import POINTS
from service.sealer import PAUSE_SECONDS
from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import kept, open_house
from tests.faults.load import ChatGuest, WechatPhone, talk_all
from tests.faults.oracle import judge
from tests.faults.sheet import Sheet
from tests.faults.size import pick
from tests.faults.view import read_said

ROOT = Path(__file__).parents[2]
TIMES = pick(1, 4)
HITS = tuple(range(1, TIMES + 1))


def on(prefix: str) -> list[str]:
    return [point for point in POINTS if point.startswith(prefix)]


def test_every_named_point_is_in_the_product() -> None:
    reached = set()
    for room in ("channels", "conversations", "desk", "orchestrator", "web", "store", "service"):
        for source in (ROOT / room).rglob("*.py"):
            reached |= set(re.findall(r'reach\("([\w.]+)"\)', source.read_text()))
    assert reached == set(POINTS)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("hit", [2 + hit for hit in HITS])
@pytest.mark.parametrize("point", [*on("receive."), *on("turn.")])
async def test_chat_killed_at(
    ground: Ground, diary: Diary, sheet: Sheet, point: str, hit: int
) -> None:
    async with open_house(ground) as house:
        await house.open(crash=f"{point}:{hit}")
        async with kept(house), ChatGuest(house, diary) as one, ChatGuest(house, diary) as two:
            await talk_all([one, two], hit)
            verdict = sheet.add(f"kill at {point}:{hit}, chat", await judge(house, diary), kills=1)
            assert house.deaths == 1
            await one.until(2 * hit)
            await two.until(2 * hit)
    verdict.check(unknown=0)
    assert verdict.answered == verdict.acked == verdict.n
    assert [seq for seq, _ in one.seen] == list(range(1, 2 * hit + 1))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("hit", [2 + hit for hit in HITS])
@pytest.mark.parametrize("point", [*on("receive."), *on("turn."), *on("passive.")])
async def test_wechat_killed_at(
    ground: Ground, diary: Diary, sheet: Sheet, point: str, hit: int
) -> None:
    async with open_house(ground) as house:
        await house.open(crash=f"{point}:{hit}")
        async with kept(house):
            await talk_all([WechatPhone(house, diary) for _ in range(2)], hit)
            verdict = await judge(house, diary)
    sheet.add(f"kill at {point}:{hit}, wechat", verdict, kills=house.deaths)
    assert house.deaths == 1
    # Of each phone: the reply under way, and one that was written and not recorded yet.
    verdict.check(unknown=4)
    assert verdict.acked == verdict.n


@pytest.mark.timeout(120)
@pytest.mark.parametrize("hit", HITS)
@pytest.mark.parametrize("point", on("deliver."))
async def test_delivery_killed_at(
    ground: Ground, diary: Diary, sheet: Sheet, point: str, hit: int
) -> None:
    async with open_house(ground, passive_timeout="0.05") as house:
        await ground.script("echo", 0.2)
        await house.open(crash=f"{point}:{hit}")
        async with kept(house):
            await talk_all([WechatPhone(house, diary) for _ in range(hit + 1)], 4, 0.3)
            verdict = await judge(house, diary)
    sheet.add(f"kill at {point}:{hit}, wechat", verdict, kills=house.deaths)
    assert house.deaths == 1
    verdict.check(unknown=hit + 1)
    assert verdict.acked == verdict.n


@pytest.mark.timeout(120)
@pytest.mark.parametrize("hit", HITS)
@pytest.mark.parametrize("point", on("ticket."))
async def test_hand_over_killed_at(
    ground: Ground, diary: Diary, sheet: Sheet, point: str, hit: int
) -> None:
    guests = hit + 2
    async with open_house(ground) as house:
        await house.open(crash=f"{point}:{hit}")
        await ground.script("person")
        async with kept(house):
            for _ in range(guests):
                async with ChatGuest(house, diary) as guest:
                    await guest.ask()
                    await guest.until(2)
                await asyncio.sleep(2 * PAUSE_SECONDS)  # hand-overs of one breath open together
            verdict = await judge(house, diary)
        told = await read_said(house)
    sheet.add(f"kill at {point}:{hit}, hand-over", verdict, kills=house.deaths)
    assert house.deaths == 1
    verdict.check(unknown=0)
    assert verdict.answered == verdict.acked == guests
    assert len({one.number for one in told}) == len(told) == guests
    assert all(one.number in one.text for one in told)
