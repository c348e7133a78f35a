"""Every channel on the worst day: each fault that the lab knows, in calls and callbacks, at once.

No message may be lost or sent twice; at providers with a key or a look-up, none stays unknown.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.handset import AliyunPhone, Handset, KfGuest, Mailbox, TwilioPhone
from tests.faults.house import House, open_house
from tests.faults.load import WechatPhone, talk_all
from tests.faults.notice import Called, Notified, Pushed
from tests.faults.oracle import Verdict, judge
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
    set_up,
)
from tests.faults.sheet import Sheet
from tests.faults.size import IS_FULL, pick

Client = Handset | Notified | WechatPhone
CLIENTS: dict[Place, Callable[[House, Diary], Client]] = {
    WECHAT: WechatPhone,
    TWILIO: TwilioPhone,
    ALIYUN: AliyunPhone,
    KF: KfGuest,
    EMAIL: Mailbox,
    VOICE: Called,
    PUSH: Pushed,
}
TIMES, PHONES = pick(1, 4), pick(7, 28)
LEFT_OUT = frozenset() if IS_FULL else frozenset({("http_429", "mail.smtp")})
"""A mail server that is too busy is left alone for a minute (RFC 5321 §4.5.4.1 asks for more)."""
LONG, SHORT = 9.0, 1.0
"""Seconds: longer than any of our calls waits, and what a late or slow provider takes."""
GROUPS: Sequence[Sequence[Place]] = [[one] for one in PLACES] if IS_FULL else [PLACES]


async def break_all(ground: Ground, places: Sequence[Place]) -> int:
    """Switch on every fault at every part of these providers; return how many hit a send."""
    faults = list({fault for place in places for fault in place.list_faults()} - LEFT_OUT)
    sends = {place.send for place in places}
    random.shuffle(faults)
    for mode, target in faults:
        seconds = LONG if mode.startswith("timeout") else SHORT
        times = 1 if mode in ASIDE and target not in sends else TIMES
        await ground.fault(mode, target=target, times=times, seconds=seconds)
    return TIMES * sum(target in sends and mode not in HARMLESS for mode, target in faults)


@pytest.mark.timeout(pick(180, 900))
@pytest.mark.parametrize("places", GROUPS, ids=lambda group: "+".join(map(str, group)))
async def test_all_faults_of_a_provider(
    ground: Ground, diary: Diary, sheet: Sheet, places: Sequence[Place]
) -> None:
    async with open_house(ground, passive_timeout="0.05") as house:
        await set_up(house, places)
        await ground.script("echo", 0.2)
        await house.open()
        hits = await break_all(ground, places)
        clients = [CLIENTS[place](house, diary) for place in places for _ in range(PHONES)]
        await talk_all(clients, 3, 0.2)
        verdict = await judge(house, diary)
        left = await ground.read_faults()
    sheet.add(f"all faults, {', '.join(map(str, places))}"[:42], verdict)
    check_reasons(verdict)
    verdict.check(unknown=hits)
    sends = {place.send for place in places}
    assert not [one for one in left if one["target"] in sends], "There were too few sends."


def check_reasons(verdict: Verdict) -> None:
    """See that only a used-up window was refused, and only those cannot be asked are unknown."""
    wrong = [reason for reason in verdict.refusals if " window" not in reason]
    assert not wrong, verdict.refusals
    settled = [reason for reason in verdict.reasons if not reason.startswith(UNSETTLED)]
    assert not settled, verdict.reasons


UNSETTLED = ("wechat", "email", "voice")
