from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from channels.wechat.token import Token, TokenKeeper
from kernel.clock import FakeClock
from kernel.errors import Transient


@dataclass
class Platform:
    """Hands out tokens the way stable_token does, and counts."""

    clock: FakeClock
    fetches: list[bool] = field(default_factory=list)
    current: str = "t1"
    is_down: bool = False

    async def fetch(self, force: bool) -> Token:
        self.fetches.append(force)
        await asyncio.sleep(0)
        if self.is_down:
            raise Transient
        if force:
            self.current = f"t{len(self.fetches)}"
        return Token(self.current, self.clock.now() + timedelta(seconds=7200))


@pytest.fixture
def platform(clock: FakeClock) -> Platform:
    return Platform(clock)


@pytest.fixture
def keeper(platform: Platform, clock: FakeClock) -> TokenKeeper:
    return TokenKeeper(platform.fetch, clock)


async def test_hundred_callers_cost_one_fetch(keeper: TokenKeeper, platform: Platform) -> None:
    assert set(await asyncio.gather(*(keeper.get() for _ in range(100)))) == {"t1"}
    assert platform.fetches == [False]


async def test_token_near_its_end_is_renewed(
    keeper: TokenKeeper, platform: Platform, clock: FakeClock
) -> None:
    await keeper.get()
    clock.advance(seconds=6899)
    await keeper.get()
    assert len(platform.fetches) == 1
    clock.advance(seconds=2)
    await keeper.get()
    assert len(platform.fetches) == 2


async def test_failing_token_is_refreshed_once_for_all(
    keeper: TokenKeeper, platform: Platform
) -> None:
    failing = await keeper.get()
    platform.current = "t-new"
    found = await asyncio.gather(*(keeper.refresh(failing) for _ in range(50)))
    assert set(found) == {"t-new"}
    assert platform.fetches == [False, False]


async def test_platform_that_repeats_the_failing_token_is_forced_once(
    keeper: TokenKeeper, platform: Platform
) -> None:
    failing = await keeper.get()
    fresh = await keeper.refresh(failing)
    assert fresh != failing
    assert platform.fetches == [False, False, True]
    platform.current = fresh
    await keeper.refresh(fresh)
    assert platform.fetches.count(True) == 1


async def test_failed_fetch_leaves_nothing_behind(keeper: TokenKeeper, platform: Platform) -> None:
    platform.is_down = True
    with pytest.raises(Transient):
        await keeper.get()
    platform.is_down = False
    assert await keeper.get() == "t1"
