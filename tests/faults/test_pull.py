"""微信客服 with the process killed while it pulls and while it sends: once in, once out.

The provider knows our key here, so nothing may be sent twice and nothing may stay unknown.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from kernel.crash import POINTS
from tests.faults.ground import Ground
from tests.faults.house import House, kept, open_house
from tests.faults.place import KF, set_up
from tests.faults.size import pick

USERS, ROUNDS = 3, pick(2, 4)
"""What is asked while the process is dead is answered at once, within a window's four."""
WAIT_SECONDS = 60.0
KILLED = [one for one in POINTS if one.startswith(("pull.", "deliver."))]


async def say(house: House, user: str, words: str) -> None:
    """Let a client write; the callback may find nobody, the message is kept for the pull."""
    url = f"{house.ground.settings.lab_url}/lab/kf/demo/say"
    async with house.ground.session.post(url, json={"user": user, "text": words}) as answer:
        assert answer.status == 200


def read_sent(house: House, users: Sequence[str]) -> list[dict[str, Any]]:
    lines = house.ground.ledger.read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    return [one for one in entries if one["channel"] == "kf" and one["address"] in users]


async def count(house: House, statement: str) -> int:
    async with house.database.transaction() as connection:
        return int((await connection.execute(text(statement))).scalar_one())


async def await_quiet(house: House, users: Sequence[str], expected: int) -> None:
    """Wait until every message has its answer and every answer its outcome."""
    unsettled = "SELECT count(*) FROM outbox WHERE state <> 'accepted'"
    async with asyncio.timeout(WAIT_SECONDS):
        while len(read_sent(house, users)) < expected or await count(house, unsettled):
            await asyncio.sleep(0.2)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("point", KILLED)
async def test_kf_killed_at(ground: Ground, point: str) -> None:
    users = [f"wm_{uuid4().hex[:16]}" for _ in range(USERS)]
    expected = USERS * ROUNDS + 1
    async with open_house(ground) as house:
        await set_up(house, [KF])
        await house.open(crash=f"{point}:2")
        async with kept(house):
            await say(house, users[0], "在吗")  # the account is known and pulled by now
            await await_quiet(house, users, 1)
            for n in range(ROUNDS):
                await asyncio.gather(*(say(house, one, f"第{n}问 {one}") for one in users))
                await asyncio.sleep(0.5)
            await await_quiet(house, users, expected)
        assert house.deaths == 1
        assert await count(house, "SELECT count(*) FROM inbox") == expected
        sent = read_sent(house, users)
        assert len({one["msgid"] for one in sent}) == len(sent) == expected
