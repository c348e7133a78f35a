"""WeChat's API on a bad day: what is known to be sent is sent once, what is not is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import open_house
from tests.faults.load import WechatPhone, talk_all
from tests.faults.oracle import judge
from tests.faults.sheet import Sheet
from tests.faults.size import IS_FULL, pick

PHONES = pick(4, 40)
FAULTS = PHONES // 2


@dataclass(frozen=True)
class Case:
    """A fault of the lab, and what becomes of the messages that it strikes."""

    mode: str
    end: str
    more: dict[str, Any]

    def __str__(self) -> str:
        return "-".join([self.mode, *map(str, self.more.values())])


def case(mode: str, end: str, **more: Any) -> Case:
    return Case(mode, end, more)


TIMEOUTS = [
    case("timeout_before", "unknown", seconds=9),
    case("timeout_after", "unknown", seconds=9),
]
"""The small size has them with all the others, in test_channel.py."""
CASES = [
    *(TIMEOUTS if IS_FULL else ()),
    case("http_500", "unknown"),
    case("http_500_after", "unknown"),
    case("http_502", "unknown"),
    case("http_429", "answered"),
    case("reset_before", "unknown"),
    case("reset_after", "unknown"),
    case("half", "unknown"),
    case("html_200", "unknown"),
    case("slow", "answered", seconds=1),
    case("token_expired", "answered", times=1),
    case("window_used_up", "refused"),
    case("errcode", "answered", errcode=-1),
    case("errcode", "refused", errcode=45015),
]


@pytest.mark.timeout(pick(120, 600))
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_provider_fault(ground: Ground, diary: Diary, sheet: Sheet, case: Case) -> None:
    async with open_house(ground, passive_timeout="0.05") as house:
        await ground.script("echo", 0.2)
        await house.open()
        await talk_all([WechatPhone(house, diary)], 1)  # so that there is a token
        await ground.fault(case.mode, **{"target": "custom", "times": FAULTS} | case.more)
        await talk_all([WechatPhone(house, diary) for _ in range(PHONES)], 1)
        verdict = sheet.add(f"provider {case}", await judge(house, diary))
    verdict.check(unknown=FAULTS)
    assert verdict.acked == verdict.n == PHONES + 1
    ends = {"answered": verdict.answered, "unknown": verdict.unknown, "refused": verdict.refused}
    expected = {"answered": PHONES + 1, "unknown": 0, "refused": 0}
    if case.end != "answered":
        expected |= {"answered": PHONES + 1 - FAULTS, case.end: FAULTS}
    assert ends == expected


@pytest.mark.timeout(pick(120, 600))
async def test_provider_away_for_a_while(ground: Ground, diary: Diary, sheet: Sheet) -> None:
    """A lab that is not there is provably not reached: every reply waits and arrives once."""
    async with open_house(ground, passive_timeout="0.05") as house:
        await ground.script("echo", 0.6)
        await house.open()
        await ground.fault("http_429", target="token", times=4)
        await talk_all([WechatPhone(house, diary) for _ in range(PHONES)], 1)
        verdict = sheet.add("provider gives no token for a while", await judge(house, diary))
    verdict.check(unknown=0)
    assert verdict.answered == PHONES
