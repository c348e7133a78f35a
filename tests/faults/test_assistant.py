"""The assistant dies, is slow or talks nonsense: the client hears the truth and gets a ticket."""

from __future__ import annotations

import time

import pytest

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import House, open_house
from tests.faults.load import ChatGuest, WechatPhone
from tests.faults.oracle import Verdict, judge
from tests.faults.sheet import Sheet
from tests.faults.view import read_said

HONEST = ("工单", "人工")


async def ask_both(house: House, diary: Diary) -> tuple[Verdict, float]:
    """Ask in both channels; return the verdict and how long the slower reply took."""
    phone = WechatPhone(house, diary)
    async with ChatGuest(house, diary) as guest:
        await guest.until(0)
        began = time.monotonic()
        await guest.ask()
        await guest.until(2)
        chat = time.monotonic() - began
        began = time.monotonic()
        assert (await phone.ask())["ok"]
        verdict = await judge(house, diary)
        return verdict, max(chat, time.monotonic() - began)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("mode", ["error", "html", "list", "silent", "half", "slow", "killed"])
async def test_client_hears_the_truth(
    ground: Ground, diary: Diary, sheet: Sheet, mode: str
) -> None:
    async with open_house(ground) as house:
        await house.open()
        if mode == "killed":
            await ground.kill("assistant")
        else:
            await ground.script("echo" if mode == "slow" else mode, 30.0 if mode == "slow" else 0)
        try:
            verdict, seconds = await ask_both(house, diary)
        finally:
            if mode == "killed":
                await ground.start("assistant")
        told = await read_said(house)
    sheet.add(f"assistant {mode}", verdict)
    sheet.note(f"assistant {mode}: the slower channel was answered and quiet after {seconds:.2f} s")
    verdict.check(unknown=0)
    assert verdict.answered == verdict.acked == 2
    assert len(told) == 2
    for one in told:
        assert one.number in one.text
        assert all(word in one.text for word in HONEST), one.text
    assert len({one.number for one in told}) == 2


@pytest.mark.timeout(60)
async def test_what_is_said_while_people_are_asked_belongs_to_the_same_ticket(
    ground: Ground, diary: Diary, sheet: Sheet
) -> None:
    async with open_house(ground) as house:
        await house.open()
        await ground.script("error")
        async with ChatGuest(house, diary) as guest:
            await guest.ask()
            await guest.until(2)
            await ground.script()
            await guest.ask()
            await guest.ask()
            verdict = sheet.add("messages while waiting for people", await judge(house, diary))
    verdict.check(unknown=0)
    assert (verdict.answered, verdict.ticketed) == (1, 2)
