"""Every channel on the worst day: each fault that the lab knows, in calls and callbacks, at once.

No message may be lost or sent twice; at providers with a key or a look-up, none stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.faults.diary import Diary
from tests.faults.ground import Ground
from tests.faults.house import open_house
from tests.faults.load import talk_all
from tests.faults.oracle import judge
from tests.faults.place import PLACES, Place, set_up
from tests.faults.sheet import Sheet
from tests.faults.size import IS_FULL, pick
from tests.faults.storm import CLIENTS, break_all, check_reasons

TIMES, PHONES = pick(1, 4), pick(7, 28)
GROUPS: Sequence[Sequence[Place]] = [[one] for one in PLACES] if IS_FULL else [PLACES]


@pytest.mark.timeout(pick(180, 900))
@pytest.mark.parametrize("places", GROUPS, ids=lambda group: "+".join(map(str, group)))
async def test_all_faults_of_a_provider(
    ground: Ground, diary: Diary, sheet: Sheet, places: Sequence[Place]
) -> None:
    async with open_house(ground, passive_timeout="0.05") as house:
        await set_up(house, places)
        await ground.script("echo", 0.2)
        await house.open()
        hits = await break_all(ground, places, times=TIMES)
        clients = [CLIENTS[place](house, diary) for place in places for _ in range(PHONES)]
        await talk_all(clients, 3, 0.2)
        verdict = await judge(house, diary)
        left = await ground.read_faults()
    name = str(places[0]) if len(places) == 1 else f"{len(places)} channels"
    sheet.add(f"every fault at once, {name}", verdict)
    check_reasons(verdict)
    verdict.check(unknown=hits)
    sends = {place.send for place in places}
    assert not [one for one in left if one["target"] in sends], "There were too few sends."
