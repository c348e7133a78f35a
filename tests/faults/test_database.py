"""PostgreSQL is killed with all its processes, frozen, and loses its sessions, under load."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.handset import TwilioPhone
from tests.faults.house import open_house
from tests.faults.load import Crowd, WechatPhone, talk_all
from tests.faults.notice import Called, Pushed
from tests.faults.oracle import judge
from tests.faults.place import PLACES, set_up
from tests.faults.sheet import Sheet
from tests.faults.size import pick
from tests.faults.storm import check_reasons
from tests.faults.view import check_view

RESTARTS = pick(2, 20)
FROZEN_SECONDS = pick(6, 20)


@pytest.mark.timeout(pick(240, 3600))
async def test_database_killed_and_restarted(ground: Ground, diary: Diary, sheet: Sheet) -> None:
    async with open_house(ground) as house:
        await house.open()
        async with Crowd(house, diary) as crowd:
            for _ in range(RESTARTS):
                await asyncio.sleep(1.5)
                await ground.kill("postgres")
                await asyncio.sleep(0.5)
                await ground.start("postgres")
            await asyncio.sleep(1.5)
            await crowd.stop()
            verdict = await judge(house, diary)
            for guest in crowd.who:
                await check_view(house, guest)
        assert house.is_alive()
        sheet.add(f"PostgreSQL killed {RESTARTS} times", verdict, kills=RESTARTS)
        verdict.check(unknown=RESTARTS * 8)


@pytest.mark.timeout(pick(240, 3600))
async def test_sessions_cut_by_the_database(ground: Ground, diary: Diary, sheet: Sheet) -> None:
    rounds = pick(10, 200)
    async with open_house(ground) as house:
        await house.open()
        async with Crowd(house, diary) as crowd:
            for _ in range(rounds):
                await asyncio.sleep(0.2)
                await ground.admin(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    f"WHERE datname = '{house.name}' AND application_name = 'zhida'"
                )
            await crowd.stop()
            verdict = await judge(house, diary)
        assert house.is_alive()
    sheet.add(f"all sessions cut {rounds} times", verdict)
    verdict.check(unknown=rounds * 4)


@pytest.mark.timeout(pick(240, 600))
async def test_frozen_database_is_never_acknowledged(
    ground: Ground, diary: Diary, sheet: Sheet
) -> None:
    async with open_house(ground) as house:
        await house.open()
        assert (await WechatPhone(house, diary).ask())["ok"]
        phones = [WechatPhone(house, diary, rounds=1) for _ in range(20)]
        ground.freeze("postgres")
        try:
            asking = [asyncio.create_task(phone.ask()) for phone in phones]
            await asyncio.sleep(FROZEN_SECONDS)
            assert not [task for task in asking if task.done() and task.result()["ok"]]
        finally:
            ground.thaw("postgres")
        late = await asyncio.gather(*asking)
        first = [said["attempts"][0] for said in late]
        statuses = [one["status"] for one in first]
        assert set(statuses) <= {503, 0}, first[:3]  # 0: a slow machine let WeChat's time pass
        assert statuses.count(503) > len(statuses) / 2, first[:3]
        sheet.note(f"frozen database: 503 after {max(one['ms'] for one in first):.0f} ms at most")
        began = time.monotonic()
        assert (await WechatPhone(house, diary).ask())["ok"]
        sheet.note(f"first answer {time.monotonic() - began:.2f} s after the thaw")
        verdict = await judge(house, diary)
    sheet.add(f"PostgreSQL frozen {FROZEN_SECONDS} s", verdict)
    verdict.check(unknown=0)


@pytest.mark.timeout(pick(120, 300))
async def test_house_that_starts_without_its_database(
    ground: Ground, diary: Diary, sheet: Sheet
) -> None:
    """Nothing is refused for an account that the new process has not been able to read yet."""
    async with open_house(ground) as house:
        await set_up(house, PLACES)
        waiting = [make(house, diary) for make in (Called, Pushed) for _ in range(5)]
        await talk_all(waiting, 1)
        await ground.kill("postgres")
        try:
            await house.open()
            phones = [TwilioPhone(house, diary) for _ in range(3)]
            asking = [asyncio.create_task(phone.ask()) for phone in phones]
            await asyncio.sleep(3)
            assert not any(task.done() for task in asking)
        finally:
            await ground.start("postgres")
        assert all(await asyncio.gather(*asking))
        statuses = await read_callback_statuses(ground)
        verdict = sheet.add("started without a database", await judge(house, diary))
    assert 503 in statuses
    assert set(statuses) <= {503, 200, 204}, statuses
    check_reasons(verdict)
    verdict.check(unknown=0)
    assert verdict.answered == verdict.acked == verdict.n


async def read_callback_statuses(ground: Ground) -> list[int]:
    """Return what the doors answered to the lab's callbacks."""
    url = f"{ground.settings.lab_url}/lab/trace"
    async with ground.session.get(url) as answer:
        entries = (await answer.json())["entries"]
    return [one["status"] for one in entries if one["kind"] == "callback"]
