"""Workers that rest: woken when told, by themselves when nobody looks for them."""

from __future__ import annotations

import asyncio

import pytest

from channels.live import Hub
from kernel.errors import Transient

LONG, PATIENCE = 30.0, 5.0


async def test_who_is_not_watched_wakes_by_himself() -> None:
    async with asyncio.timeout(PATIENCE):
        await Hub().rest(asyncio.Event(), 0.01)


async def test_who_is_watched_sleeps_on() -> None:
    hub = Hub()
    hub.watch(LONG)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await hub.rest(asyncio.Event(), 0.01)


async def test_who_is_watched_wakes_at_the_latest_when_asked() -> None:
    hub = Hub()
    hub.watch(LONG)
    async with asyncio.timeout(PATIENCE):
        await hub.rest(asyncio.Event(), LONG, most=0.01)


async def test_trust_in_a_lookout_ends() -> None:
    hub = Hub()
    hub.watch(0.0)
    async with asyncio.timeout(PATIENCE):
        await hub.rest(asyncio.Event(), 0.01)


async def test_work_is_done_when_told_again_while_there_is_some_and_after_a_failure() -> None:
    hub, answers, idle = Hub(), [True, False, Transient(), False], asyncio.Event()
    hub.watch(LONG)

    async def work() -> object:
        answer = answers.pop(0)
        if answer is not True:
            idle.set()
        if isinstance(answer, Exception):
            raise answer
        return answer

    task = asyncio.create_task(hub.follow("topic", work, poll=LONG, what="Work waits"))
    async with asyncio.timeout(PATIENCE):
        for left in (2, 1, 0):
            await idle.wait()
            idle.clear()
            assert len(answers) == left
            await asyncio.sleep(0)
            hub.wake("topic")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not hub._listeners
