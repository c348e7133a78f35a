"""A content that people take out of use: no campaign begins with it, and none goes on."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from kernel.errors import Conflict, InvalidInput
from orchestrator.content_book import ContentBook
from orchestrator.starter import Starter
from store import campaign
from store.engine import Database
from tests.campaign import Firm, fetch, provider, run_sql
from tests.integration.orchestrator.test_campaign import Stage, stage
from tests.mailing import make, sending

__all__ = ["stage"]
DAILY = {"kind": "daily", "time": "10:30"}


async def withdraw(stage: Stage) -> None:
    await ContentBook(stage.database).retire(stage.approver, stage.content_id)


async def read_notes(database: Database, campaign_id: UUID) -> list[tuple[str, str | None]]:
    rows = await fetch(
        database,
        "SELECT after->>'state' AS state, after->>'note' AS note FROM event "
        "WHERE subject_id = :id AND verb = 'campaign_moved' ORDER BY id DESC LIMIT 1",
        id=str(campaign_id),
    )
    return [(row.state, row.note) for row in rows]


async def test_what_is_scheduled_does_not_begin_and_people_see_why(stage: Stage) -> None:
    made = await stage.bring("scheduled", schedule=DAILY)
    await withdraw(stage)
    stage.clock.advance(minutes=31)
    assert await Starter(stage.campaigns).start_due() == 0
    row = await stage.find(made)
    assert (row.state, row.starts_at, row.is_withdrawn) == ("approved", None, True)
    assert await read_notes(stage.database, made) == [("approved", "withdrawn")]
    with pytest.raises(InvalidInput, match="retired"):
        await stage.campaigns.launch(stage.writer, made)
    await stage.campaigns.send_back(stage.writer, made, "换内容")
    assert (await stage.find(made)).state == "draft"


async def test_one_that_was_withdrawn_past_the_program_does_not_begin_either(stage: Stage) -> None:
    made = await stage.bring("scheduled", schedule=DAILY)
    await run_sql(stage.database, "UPDATE content SET state = 'retired'")
    stage.clock.advance(minutes=31)
    assert await Starter(stage.campaigns).start_due() == 0
    assert (await stage.find(made)).state == "approved"
    assert await read_notes(stage.database, made) == [("approved", "withdrawn")]


async def test_a_recurring_one_comes_no_more(stage: Stage) -> None:
    made = await stage.bring("scheduled", schedule=DAILY)
    stage.clock.advance(minutes=31)
    assert await Starter(stage.campaigns).start_due() == 1
    await withdraw(stage)
    stage.clock.advance(days=1)
    assert await Starter(stage.campaigns).start_due() == 0
    async with stage.database.transaction() as connection:
        states = {row.id: row.state for row in await campaign.find_page(connection)}
    assert states.pop(made) == "paused"
    assert list(states.values()) == ["approved"]


async def test_what_runs_is_paused_and_not_resumed(stage: Stage) -> None:
    made = await stage.bring("scheduled")
    await Starter(stage.campaigns).start_due()
    await withdraw(stage)
    assert (await stage.find(made)).state == "paused"
    with pytest.raises(InvalidInput, match="withdrawn"):
        await stage.campaigns.resume(stage.writer, made)
    await stage.campaigns.cancel(stage.writer, made)
    assert not (await stage.find(made)).is_withdrawn


async def test_what_went_back_to_approved_is_not_approved_without_a_review(stage: Stage) -> None:
    made = await stage.bring("scheduled", schedule=DAILY)
    with pytest.raises(Conflict):
        await stage.campaigns.approve(stage.approver, made)


async def test_words_that_newer_ones_replaced_are_withdrawn_too(stage: Stage) -> None:
    made = await stage.bring("scheduled", schedule=DAILY)
    await run_sql(stage.database, "UPDATE content SET state = 'superseded' WHERE id = :id",
                  id=stage.content_id)  # fmt: skip
    assert not (await stage.find(made)).is_withdrawn
    await withdraw(stage)
    assert (await stage.find(made)).state == "approved"


async def test_a_slice_of_withdrawn_words_is_refused_with_that_reason(database: Database) -> None:
    sms = provider()
    firm = Firm.open(database, sms)
    made, _ = await make(database, 3)
    await firm.plan()
    await run_sql(database, "UPDATE content SET state = 'retired'")
    async with sending(firm):
        async with asyncio.timeout(10):
            while {one for one, _ in (await firm.read_plan(made)).values()} != {"suppressed"}:
                await asyncio.sleep(0.05)
    assert sms.ledger == []
    assert {why for _, why in (await firm.read_plan(made)).values()} == {"withdrawn"}
