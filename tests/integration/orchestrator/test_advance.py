"""Those who move clients along: many at once, each run once, and nothing half done."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import DBAPIError

from channels.live import Hub
from orchestrator.advance import Advance, JourneyWorker
from orchestrator.entry import Sweeps
from orchestrator.journey_book import Book
from store.cipher import Cipher
from store.engine import Database
from tests.trail import WELCOME, Stage, open_stage


@pytest.fixture
async def stage(database: Database, cipher: Cipher) -> Stage:
    return await open_stage(database, cipher)


async def test_two_workers_share_the_runs_and_do_each_once(stage: Stage) -> None:
    await stage.play(WELCOME)
    for who in range(4):
        await stage.tell("account_opened", who)
    other = Advance(stage.database, stage.cipher, Book(), clock=stage.clock)
    moved = await asyncio.gather(
        *(one.advance_next(2) for one in (stage.advance, other, stage.advance, other))
    )
    assert sum(moved) == 4
    assert await stage.count("notice") == 4


async def test_a_batch_that_fails_leaves_nothing_half_done(stage: Stage) -> None:
    await stage.play(WELCOME)
    await stage.tell("account_opened")
    await stage.order("ALTER TABLE journey_step RENAME TO away")
    with pytest.raises(DBAPIError):
        await stage.advance.advance_next()
    assert await stage.count("notice") == 0
    await stage.order("ALTER TABLE away RENAME TO journey_step")
    assert await stage.go() == 1
    assert await stage.count("notice") == 1


async def test_one_run_that_cannot_be_moved_does_not_hold_up_the_others(stage: Stage) -> None:
    await stage.play(WELCOME)
    for who in range(3):
        await stage.tell("account_opened", who)
    await stage.order(
        "ALTER TABLE journey_step ADD CONSTRAINT bad CHECK (client_id <> "
        f"'{stage.ids[1]}') NOT VALID"
    )
    with pytest.raises(DBAPIError):
        await stage.advance.advance_next()
    assert await stage.advance.advance_singly(10) == 2
    assert await stage.count("notice") == 2
    await stage.order("ALTER TABLE journey_step DROP CONSTRAINT bad")
    assert await stage.go(minutes=59) == 0
    assert await stage.go(minutes=1) == 1
    assert await stage.count("notice") == 3


async def test_why_a_run_stands_is_kept_until_it_is_walked(stage: Stage) -> None:
    journey = await stage.play(WELCOME)
    await stage.tell("account_opened")
    await stage.order("UPDATE journey SET state = 'draft', definition = 'key: none'")
    broken = Advance(stage.database, stage.cipher, Book(), clock=stage.clock)
    assert await broken.advance_next() == 1
    assert await stage.count("journey_run", "trouble LIKE '%·%' AND step = 'start'") == 1
    assert await stage.count("notice") == 0
    await stage.order(f"DELETE FROM journey WHERE id = '{journey}'")
    stage.clock.advance(hours=1)
    gone = Advance(stage.database, stage.cipher, Book(), clock=stage.clock)
    assert await gone.advance_next() == 1
    assert await stage.count("journey_run", "trouble LIKE '这一版流程%'") == 1


async def test_the_worker_sweeps_and_fires_timers_by_itself(stage: Stage) -> None:
    """With the real clock: an audience that holds for everybody, and a rest of a second."""
    await stage.play(
        """
key: everybody
title: E
trigger: {audience: {kind: profile, field: risk_level, is: known}, daily_at: "00:00"}
reentry: once
steps:
  - id: rest
    wait: 1s
  - id: mark
    tag: {add: [seen]}
  - id: over
    exit: over
"""
    )
    book = Book()
    worker = JourneyWorker(
        Advance(stage.database, stage.cipher, book), Sweeps(stage.database, book), Hub()
    )
    working = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(60):
            while await stage.count("client_tag", "tag = 'seen'") < len(stage.ids):
                await asyncio.sleep(0.05)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert await stage.count("journey_run", "state = 'ended'") == len(stage.ids)
    assert await stage.count("event", "verb = 'journey_swept'") == 1
