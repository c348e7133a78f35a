"""A worker dies while it moves clients along a journey: each step is done once, for everybody."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from kernel.crash import POINTS
from kernel.errors import ServiceError
from store import client, client_event, journey
from store.client_event import Report
from tests.faults.ground import Ground
from tests.faults.house import House, kept, open_house
from tests.faults.sheet import Sheet
from tests.faults.size import pick

CLIENTS = pick(1200, 20_000)
WELCOME = """
key: fault-welcome
title: 故障测试 · Fault test
trigger: {event: account_opened}
reentry: once
steps:
  - id: hello
    send: {content: welcome, category: service, urgency: low}
  - id: call
    open_task: {title: 请致电 · please call}
  - id: rest
    wait_for: {event: first_deposit, timeout: 30d}
  - id: over
    exit: over
"""
_COUNT = text("""
SELECT (SELECT count(*) FROM journey_run WHERE step = 'rest') AS rested,
  (SELECT count(*) FROM journey_step) AS steps,
  (SELECT count(*) FROM notice WHERE source = 'journey') AS notices,
  (SELECT count(*) FROM task WHERE source = 'journey') AS tasks
""")


async def open_accounts(house: House) -> None:
    """Let so many clients open an account, on one active journey."""
    async with house.database.transaction(within=120) as connection:
        row = await journey.record_draft(
            connection, key="fault-welcome", title="F", definition=WELCOME, author_id=None
        )
        await journey.record_moved(connection, row.id, "active", None)
        for number in range(CLIENTS):
            await client.record(connection, house.cipher, f"77{number:06}")
        now = datetime.now(UTC)
        reports = [
            Report(f"open:{number}", f"77{number:06}", "account_opened", now, {})
            for number in range(CLIENTS)
        ]
        await client_event.record_many(connection, house.cipher, "fault", reports)


async def await_rest(house: House) -> tuple[int, int, int, int]:
    """Return what was done once everybody rests, or after a while."""
    found = (0, 0, 0, 0)
    for _ in range(pick(900, 6000)):
        with suppress(ServiceError):
            async with house.database.transaction() as connection:
                row = (await connection.execute(_COUNT)).one()
                found = (row.rested, row.steps, row.notices, row.tasks)
        if found[0] == CLIENTS:
            break
        await asyncio.sleep(0.1)
    return found


@pytest.mark.timeout(pick(180, 900))
@pytest.mark.parametrize("point", [one for one in POINTS if one.startswith("journey.")])
async def test_killed_at(ground: Ground, sheet: Sheet, point: str) -> None:
    async with open_house(ground) as house:
        await open_accounts(house)
        await house.open(crash=f"{point}:2")
        async with kept(house):
            found = await await_rest(house)
        assert house.deaths == 1
    sheet.note(f"journey, kill at {point}: {CLIENTS} clients, done {found}")
    assert found == (CLIENTS, 2 * CLIENTS, CLIENTS, CLIENTS)
