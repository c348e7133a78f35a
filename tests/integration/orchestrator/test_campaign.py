"""The life of a campaign on a real database, and everything that is refused on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from channels.contract import Channels
from channels.live import Hub
from kernel.clock import FakeClock
from kernel.errors import Conflict, InvalidInput, NotAllowed
from orchestrator.campaign import Campaigns
from orchestrator.pacing import Pacer
from orchestrator.plan import Planner
from orchestrator.shipped import ship_contents
from orchestrator.starter import Starter
from store import campaign, campaign_result, content, content_draft, staff
from store.audience_sql import compile_where
from store.campaign import CampaignRow
from store.engine import Connection, Database
from store.staff import Person
from store.tables.client import client

AUDIENCE = {"kind": "profile", "field": "risk_level", "is": "at_least", "value": "C4"}


@dataclass
class Stage:
    """A database with ten clients, the house's contents, and three people."""

    database: Database
    clock: FakeClock
    campaigns: Campaigns
    writer: Person
    approver: Person
    agent: Person
    content_id: UUID

    def body(self, **over: Any) -> dict[str, Any]:
        whole: dict[str, Any] = {
            "name": "周报推送",
            "content_id": str(self.content_id),
            "expression": AUDIENCE,
            "channels": ["email", "chat"],
        }
        return whole | over

    async def find(self, campaign_id: UUID) -> CampaignRow:
        async with self.database.transaction() as connection:
            return await campaign.find(connection, campaign_id)

    async def bring(self, until: str, **over: Any) -> UUID:
        """Return a campaign in one of the states up to `scheduled`."""
        made = await self.campaigns.create(self.writer, self.body(**over))
        if until != "draft":
            await self.campaigns.submit(self.writer, made)
        if until in {"approved", "scheduled"}:
            await self.campaigns.approve(self.approver, made)
        if until == "scheduled":
            await self.campaigns.launch(self.writer, made)
        return made


@pytest.fixture
async def stage(database: Database, clock: FakeClock) -> Stage:
    async with database.transaction() as connection:
        await ship_contents(connection)
        for number in range(10):
            row = {"id": UUID(int=number + 1), "client_no_hash": str(number).encode()}
            row |= {"client_no_enc": b"", "risk_level": f"C{number % 5 + 1}"}
            await connection.execute(client.insert(), row)
        writer = await _person(connection, "writer", ("marketing", "approver"))
        approver = await _person(connection, "approver", ("approver",))
        agent = await _person(connection, "agent", ("agent", "supervisor"))
        found = await content.find_approved(connection, ["research_weekly"])
    campaigns = Campaigns(database, clock, Hub())
    words = found["research_weekly"].id
    return Stage(database, clock, campaigns, writer, approver, agent, words)


async def _person(connection: Connection, login: str, roles: tuple[str, ...]) -> Person:
    made = await staff.record_person(
        connection, login=login, name=login, password_hash="", roles=roles
    )
    return Person(made, login, login, roles)


async def _states(database: Database, campaign_id: UUID) -> list[str]:
    async with database.transaction() as connection:
        rows = await connection.execute(
            text(
                "SELECT after->>'state' FROM event WHERE subject_id = :id "
                "AND verb = 'campaign_moved' ORDER BY id"
            ),
            {"id": str(campaign_id)},
        )
        return [row[0] for row in rows]


async def test_a_campaign_goes_its_way_and_each_step_is_told(stage: Stage) -> None:
    made = await stage.campaigns.create(stage.writer, stage.body())
    assert (await stage.find(made)).draft.category == "marketing"
    counted = await stage.campaigns.submit(stage.writer, made)
    assert (counted.count, counted.total) == (4, 10)
    await stage.campaigns.approve(stage.approver, made)
    await stage.campaigns.launch(stage.writer, made)
    assert await Starter(stage.campaigns).start_due() == 1
    assert await Starter(stage.campaigns).start_due() == 0
    await stage.campaigns.pause(stage.writer, made)
    with pytest.raises(Conflict):
        await stage.campaigns.pause(stage.writer, made)
    await stage.campaigns.resume(stage.writer, made)
    await stage.campaigns.cancel(stage.approver, made)
    row = await stage.find(made)
    assert (row.state, row.author, row.approver) == ("cancelled", "writer", "approver")
    assert row.started_at is not None
    assert row.ended_at is not None
    assert await _states(stage.database, made) == [
        *("review", "approved", "scheduled", "running", "paused", "running", "cancelled")
    ]
    with pytest.raises(InvalidInput):
        await stage.campaigns.resume(stage.writer, made)


async def test_nobody_approves_their_own_campaign_not_even_past_the_program(stage: Stage) -> None:
    made = await stage.bring("review")
    with pytest.raises(NotAllowed, match="somebody else"):
        await stage.campaigns.approve(stage.writer, made)
    for words in ("approver_id = author_id, state = 'approved'", "state = 'running'"):
        with pytest.raises(IntegrityError):
            async with stage.database.transaction() as connection:
                await connection.execute(text(f"UPDATE campaign SET {words}"))
    assert (await stage.find(made)).state == "review"


async def test_roles(stage: Stage) -> None:
    made = await stage.bring("review")
    for deed in (
        stage.campaigns.create(stage.agent, stage.body()),
        stage.campaigns.create(stage.approver, stage.body()),
        stage.campaigns.submit(stage.agent, made),
        stage.campaigns.approve(stage.agent, made),
        stage.campaigns.pause(stage.agent, made),
    ):
        with pytest.raises(NotAllowed):
            await deed


async def test_only_its_author_changes_a_draft_and_a_copy_is_a_new_one(stage: Stage) -> None:
    other = replace(stage.approver, roles=("marketing",))
    made = await stage.bring("draft")
    with pytest.raises(NotAllowed):
        await stage.campaigns.change(other, made, stage.body(name="x"))
    await stage.campaigns.change(stage.writer, made, stage.body(name="新名"))
    assert (await stage.find(made)).draft.name == "新名"
    await stage.campaigns.submit(stage.writer, made)
    with pytest.raises(Conflict):
        await stage.campaigns.change(stage.writer, made, stage.body())
    copy = await stage.find(await stage.campaigns.copy(other, made))
    assert (copy.state, copy.author_id, copy.draft.name) == ("draft", other.id, "新名（副本）")
    await stage.campaigns.send_back(stage.approver, made, "标题再改一下")
    row = await stage.find(made)
    assert (row.state, row.approver_id) == ("draft", None)


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"name": " "}, "name"),
        ({"channels": []}, "channels"),
        ({"channels": ["chat", "chat"]}, "once"),
        ({"arms": {}}, "arms"),
        ({"arms": {"a": 0}}, "arms"),
        ({"hold_out": 0.9}, "hold_out"),
        ({"goal": "sleep"}, "goal"),
        ({"per_second": 0}, "per_second"),
        ({"schedule": {"kind": "never"}}, "kind"),
        ({"expression": {"kind": "sql"}}, "kind"),
        ({"not_after": "2026-12-01T00:00:00"}, "timezone"),
        ({"extra": 1}, "extra"),
    ],
)
async def test_what_is_wrong_is_refused_when_it_is_saved(
    stage: Stage, over: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await stage.campaigns.create(stage.writer, stage.body(**over))
    assert said in caught.value.message
    async with stage.database.transaction() as connection:
        assert await campaign.find_page(connection) == []


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"expression": {"kind": "tag", "any": ["没有"]}}, "Nobody"),
        ({"expression": {"kind": "not", "of": {"kind": "tag", "any": ["无"]}}}, "All 10"),
        ({"schedule": {"kind": "once", "at": "2026-11-01T10:00:00+08:00"}}, "past"),
        ({"schedule": {"kind": "trading", "exchange": "NYSE"}}, "NYSE"),
        ({"channels": ["voice"]}, "no words for voice"),
        ({"arms": {"a": 1, "b": 1}}, "no variant b"),
        ({"not_after": "2026-11-01T10:00:00+08:00"}, "before it starts"),
        ({"per_second": 0.01, "not_after": "2026-11-23T10:01:00+08:00"}, "only 0 of 4"),
    ],
)
async def test_what_cannot_be_sent_is_refused_when_it_is_saved(
    stage: Stage, over: dict[str, Any], said: str
) -> None:
    kept = await stage.bring("draft")
    for deed in (
        stage.campaigns.create(stage.writer, stage.body(**over)),
        stage.campaigns.change(stage.writer, kept, stage.body(**over)),
    ):
        with pytest.raises(InvalidInput) as caught:
            await deed
        assert said in caught.value.message
        assert caught.value.zh
    async with stage.database.transaction() as connection:
        (row,) = await campaign.find_page(connection)
    assert row.draft.name == "周报推送"


async def test_what_has_gone_wrong_since_is_refused_when_it_is_handed_in(stage: Stage) -> None:
    once = {"kind": "once", "at": "2026-11-23T11:00:00+08:00"}
    made = await stage.bring("draft", schedule=once)
    stage.clock.advance(hours=2)
    with pytest.raises(InvalidInput, match="past"):
        await stage.campaigns.submit(stage.writer, made)
    assert (await stage.find(made)).state == "draft"


async def test_a_content_that_is_not_approved_any_more_stops_the_launch(stage: Stage) -> None:
    made = await stage.bring("approved")
    async with stage.database.transaction() as connection:
        await content_draft.move(
            connection, stage.content_id, "retired", person_id=stage.approver.id
        )
    with pytest.raises(InvalidInput, match="retired"):
        await stage.campaigns.launch(stage.writer, made)
    assert (await stage.find(made)).state == "approved"


async def test_a_recurring_campaign_starts_at_its_time_and_comes_again_once(stage: Stage) -> None:
    schedule = {"kind": "daily", "time": "10:30", "until": "2026-11-24"}
    made = await stage.bring("scheduled", schedule=schedule, not_after="2026-11-23T12:30:00+08:00")
    starter = Starter(stage.campaigns)
    assert await starter.start_due() == 0
    stage.clock.advance(minutes=31)
    assert await starter.start_due() == 1
    async with stage.database.transaction() as connection:
        pages = {row.state: row for row in await campaign.find_page(connection)}
    again = pages["scheduled"]
    assert pages["running"].id == made
    assert again.repeat_of == made
    for later, earlier in (
        (again.starts_at, pages["running"].starts_at),
        (again.draft.not_after, pages["running"].draft.not_after),
    ):
        assert later is not None
        assert earlier is not None
        assert later - earlier == timedelta(days=1)
    assert again.approver_id == stage.approver.id
    assert again.draft.expression == AUDIENCE
    stage.clock.advance(days=1)
    assert await starter.start_due() == 1
    async with stage.database.transaction() as connection:
        assert await campaign.find_page(connection, state="scheduled") == []


async def test_one_that_should_have_run_long_ago_is_not_started_late(stage: Stage) -> None:
    made = await stage.bring("scheduled", not_after="2026-11-23T10:30:00+08:00")
    stage.clock.advance(hours=1)
    assert await Starter(stage.campaigns).start_due() == 0
    assert (await stage.find(made)).state == "cancelled"


async def test_what_was_launched_is_planned_for_the_audience_that_was_reviewed(
    stage: Stage,
) -> None:
    made = await stage.bring("scheduled")
    assert await Starter(stage.campaigns).start_due() == 1
    hub, channels = stage.campaigns.hub, Channels()
    planner = Planner(stage.database, channels, hub, Pacer(stage.clock), compile_where)
    while await planner.plan_all():
        pass
    async with stage.database.transaction() as connection:
        planned, _ = await campaign_result.count(connection, made)
        page = await campaign_result.find_recipients(
            connection, made, state="suppressed", reason="no_address", after=None
        )
    assert [(one.state, one.reason, one.n) for one in planned] == [("suppressed", "no_address", 4)]
    assert [one.client_id.int for one in page] == [4, 5, 9, 10]
    assert (await stage.find(made)).planned_at is not None
