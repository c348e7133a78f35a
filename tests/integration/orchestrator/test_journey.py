"""Clients enter journeys by events and audiences, take their steps, and leave by goals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from kernel.ids import new_id
from orchestrator.entry import Sweeps
from store import client_event
from store.cipher import Cipher
from store.client_event import ClientEvent, Report
from store.engine import Database
from tests.trail import MONDAY, WELCOME, Stage, open_stage


@pytest.fixture
async def stage(database: Database, cipher: Cipher) -> Stage:
    return await open_stage(database, cipher)


async def test_who_does_not_deposit_is_guided_and_leaves(stage: Stage) -> None:
    await stage.play(WELCOME)
    await stage.tell("account_opened")
    assert await stage.go() == 1
    assert await stage.results() == ["hello sent"]
    assert await stage.go(days=2, hours=23) == 0
    assert await stage.go(hours=1) == 1
    assert await stage.results() == [
        "hello sent",
        "hope timed_out",
        "guide sent",
        "mark tagged",
    ]
    assert await stage.go(days=2) == 1
    assert (await stage.results())[4:] == ["rest waited", "kind went:over", "over exit:done"]
    assert await stage.count("notice", "source = 'journey'") == 2
    assert await stage.count("client_tag", "tag = '慢热'") == 1
    assert await stage.count("journey_run", "state = 'ended' AND outcome = 'exit:done'") == 1
    assert await stage.count("task") == 0


async def test_the_awaited_event_brings_the_call_at_once(stage: Stage) -> None:
    await stage.play(WELCOME)
    await stage.tell("account_opened")
    await stage.go()
    stage.clock.advance(hours=5)
    await stage.tell("first_deposit", amount_fen=9)
    assert await stage.go() == 0
    await stage.tell("first_deposit", amount_fen=10)
    assert await stage.go() == 1
    assert await stage.results() == ["hello sent", "hope came", "call opened", "over exit:done"]
    async with stage.database.transaction() as connection:
        due = (await connection.execute(text("SELECT due_at FROM task"))).scalar_one()
    assert due == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


async def test_an_event_that_came_before_the_wait_was_written_is_not_lost(stage: Stage) -> None:
    await stage.play(WELCOME)
    async with stage.database.transaction() as connection:
        reports = [
            Report("a", "900", "account_opened", MONDAY, {}),
            Report("b", "900", "first_deposit", MONDAY + timedelta(seconds=1), {"amount_fen": 50}),
        ]
        await client_event.record_many(connection, stage.cipher, "core", reports)
        events = await client_event.claim(connection, 10)
        stage.clock.advance(seconds=2)
        await stage.entries.enter_for(connection, events)
    assert await stage.go() == 1
    assert await stage.results() == ["hello sent", "hope came", "call opened", "over exit:done"]


async def test_a_goal_and_an_exit_end_a_run_wherever_it_is(stage: Stage) -> None:
    await stage.play(WELCOME)
    for who in (0, 1, 2):
        await stage.tell("account_opened", who)
    await stage.go()
    await stage.tell("deposit_settled", 0, amount_fen=101)
    await stage.tell("deposit_settled", 1, amount_fen=100)
    await stage.tell("complaint", 2)
    assert await stage.count("journey_run", "outcome = 'goal:deposit_settled'") == 1
    assert await stage.count("journey_run", "outcome = 'exit:complaint'") == 1
    assert await stage.count("journey_run", "state = 'waiting'") == 1
    assert await stage.go(days=4) == 1


async def test_the_same_event_twice_changes_nothing(stage: Stage) -> None:
    await stage.play(WELCOME)
    event = await stage.tell("account_opened")
    async with stage.database.transaction() as connection:
        await stage.entries.enter_for(connection, [event, event])
    await stage.go()
    async with stage.database.transaction() as connection:
        await stage.entries.enter_for(connection, [event])
    assert await stage.go() == 0
    assert await stage.count("journey_run") == 1
    assert await stage.count("notice") == 1


async def test_an_old_event_lets_nobody_in(stage: Stage) -> None:
    await stage.play(WELCOME)
    event = ClientEvent(
        new_id(), stage.ids[0], "account_opened", {}, MONDAY - timedelta(days=2), "test", "1"
    )
    async with stage.database.transaction() as connection:
        await stage.entries.enter_for(connection, [event])
    assert await stage.count("journey_run") == 0


@pytest.mark.parametrize(
    ("rule", "entered"),
    [("once", 1), ("not_running", 2), ("after 3d", 2), ("after 30d", 1), ("always", 3)],
)
async def test_who_may_enter_again(stage: Stage, rule: str, entered: int) -> None:
    await stage.play(
        f"""
key: again
title: A
trigger: {{event: login}}
reentry: {rule}
steps:
  - id: rest
    wait: 1d
  - id: over
    exit: over
"""
    )
    await stage.tell("login")
    await stage.go(hours=1)
    await stage.tell("login")
    await stage.go(days=4)
    await stage.tell("login")
    assert await stage.count("journey_run") == entered


async def test_a_new_version_takes_new_clients_and_leaves_the_old_ones_alone(
    stage: Stage,
) -> None:
    await stage.play(WELCOME)
    await stage.tell("account_opened", 0)
    await stage.go()
    second = await stage.play(WELCOME.replace("timeout: 3d", "timeout: 5d"))
    await stage.tell("account_opened", 0)
    await stage.tell("account_opened", 1)
    await stage.go()
    assert await stage.count("journey_run", f"journey_id = '{second}'") == 1
    await stage.go(days=3)
    assert await stage.count("journey_step", "step = 'guide'") == 1
    await stage.go(days=2)
    assert await stage.count("journey_step", "step = 'guide'") == 2


async def test_who_comes_by_late_counts_from_now(stage: Stage) -> None:
    await stage.play(WELCOME)
    await stage.tell("account_opened")
    await stage.go()
    await stage.go(days=30)
    assert await stage.go(days=1, hours=23) == 0
    assert await stage.go(hours=1) == 1


async def test_an_audience_is_looked_for_once_a_day(stage: Stage) -> None:
    audience = "{kind: profile, field: last_active_at, is: not_within, value: 30}"
    await stage.play(
        f"""
key: silent
title: S
trigger: {{audience: {audience}, daily_at: "09:30"}}
reentry: not_running
steps:
  - id: rest
    wait: 1d
  - id: over
    exit: over
"""
    )
    async with stage.database.transaction() as connection:
        for who, days in ((0, 31), (1, 10), (2, 31)):
            await connection.execute(
                text("INSERT INTO client_figure (client_id, last_active_at) VALUES (:id, :at)"),
                {"id": stage.ids[who], "at": MONDAY - timedelta(days=days)},
            )
        merged = text("UPDATE client SET merged_into = :one WHERE id = :two")
        await connection.execute(merged, {"one": stage.ids[1], "two": stage.ids[2]})
    sweeps = Sweeps(stage.database, clock=stage.clock)
    assert await sweeps.sweep_due() == 1
    assert await sweeps.sweep_due() == 0
    assert await stage.go() == 1
    assert await stage.go(days=2) == 1
    assert await sweeps.sweep_due() == 1
    await stage.go()
    await stage.go(hours=23)
    assert await sweeps.sweep_due() == 0
    await stage.go(hours=1)
    assert await sweeps.sweep_due() == 1
    assert await stage.count("journey_run") == 3
