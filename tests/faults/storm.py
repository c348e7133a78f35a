"""Every fault that the lab knows at once, and the clients of every channel who go through it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.handset import AliyunPhone, KfGuest, Mailbox, TwilioPhone
from tests.faults.house import House
from tests.faults.load import Comer, WechatPhone
from tests.faults.notice import Called, Pushed
from tests.faults.oracle import GIVEN_UP, REFUSED_AGAIN, SETTLED, Verdict
from tests.faults.place import (
    ALIYUN,
    ASIDE,
    EMAIL,
    HARMLESS,
    KF,
    PLACES,
    PUSH,
    TWILIO,
    VOICE,
    WECHAT,
    Place,
)
from tests.faults.size import IS_FULL

CLIENTS: Mapping[Place, Callable[[House, Diary], Comer]] = {
    WECHAT: WechatPhone,
    TWILIO: TwilioPhone,
    ALIYUN: AliyunPhone,
    KF: KfGuest,
    EMAIL: Mailbox,
    VOICE: Called,
    PUSH: Pushed,
}
LEFT_OUT = frozenset() if IS_FULL else frozenset({("http_429", EMAIL.send)})
"""A mail server that is too busy is left alone for a minute (RFC 5321 §4.5.4.1 asks for more)."""
LONG, SHORT = 9.0, 1.0
"""Seconds: longer than any of our calls waits, and what a late or slow provider takes."""
EVERY_SECONDS = 10.0


async def break_all(ground: Ground, places: Sequence[Place], *, times: int = 1) -> int:
    """Switch every fault on at every part of these providers; return how many hit a send."""
    faults = list({fault for place in places for fault in place.list_faults()} - LEFT_OUT)
    sends = {place.send for place in places}
    random.shuffle(faults)
    for mode, target in faults:
        seconds = LONG if mode.startswith("timeout") else SHORT
        count = 1 if mode in ASIDE and target not in sends else times
        await ground.fault(mode, target=target, times=count, seconds=seconds)
    return times * sum(target in sends and mode not in HARMLESS for mode, target in faults)


@asynccontextmanager
async def storm(ground: Ground) -> AsyncIterator[Counter[str]]:
    """Break everything every ten seconds, and calm down; `hits` counts the sends that suffer."""
    counted: Counter[str] = Counter()

    async def blow() -> None:
        while True:
            counted["hits"] += await break_all(ground, PLACES)
            await asyncio.sleep(EVERY_SECONDS)

    blowing = asyncio.create_task(blow())
    try:
        yield counted
    finally:
        blowing.cancel()
        ended = await asyncio.gather(blowing, return_exceptions=True)
        await ground.fault("none")
    assert isinstance(ended[0], asyncio.CancelledError), ended


def check_reasons(verdict: Verdict) -> None:
    """See that only a used-up window was refused, and only what nobody can ask for is unknown.

    In a long storm all the calls that a message may have can fail, and a call again can be refused
    that says nothing of the one before it; those are told apart.
    """
    assert all(" window" in reason for reason in verdict.refusals), verdict.refusals
    settled = [one for one in verdict.reasons if one.startswith(tuple(SETTLED))]
    told = [one.endswith(GIVEN_UP) or REFUSED_AGAIN in one for one in settled]
    assert all(told), verdict.reasons
