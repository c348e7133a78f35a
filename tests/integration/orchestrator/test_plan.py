"""Plans against clients of whom each has one peculiarity, and the same plan again and again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.happening import CAMPAIGN_PLANNED
from orchestrator.quiet import QuietHours
from store import plan, trading_day
from store.audience_sql import Where
from store.engine import Connection, Database
from store.trading_day import TradingDay
from tests.campaign import Firm, add_campaign, add_client, fetch, provider, run_sql, yesterday
from tests.ledger import LedgerChannel

SMS, MAIL = ("sms", "main"), ("email", "main")


async def test_everyone_has_a_way_or_a_reason(database: Database) -> None:
    firm = Firm.open(database, provider("sms"), provider("email"), provider("push"))
    async with database.transaction() as connection:
        expected: dict[UUID, tuple[str, str | None]] = {
            await add_client(connection): ("planned", None),
            await add_client(connection, risk="C1"): ("suppressed", "not_suitable"),
            await add_client(connection, risk=None): ("suppressed", "not_suitable"),
            await add_client(connection, valid=yesterday()): ("suppressed", "suitability_expired"),
            await add_client(connection, ways={}): ("suppressed", "no_address"),
            await add_client(connection, ways={("sms", "other"): "yes"}): (
                "suppressed",
                "no_address",
            ),
            await add_client(connection, ways={SMS: None}): ("suppressed", "no_consent"),
            await add_client(connection, ways={SMS: "no"}): ("suppressed", "refused"),
            await add_client(connection, ways={SMS: "no", MAIL: "yes"}): ("planned", None),
            await add_client(connection, ways={("push", "main"): "yes"}): (
                "suppressed",
                "no_variant",
            ),
        }
        for column, reason in (("is_blocked = true", "blocked"), ("is_subscribed = false",
                                                                  "unsubscribed")):  # fmt: skip
            client = await add_client(connection)
            expected[client] = ("suppressed", reason)
            await _change(connection, client, column)
        expected[tired := await add_client(connection)] = ("suppressed", "over_cap")
        expected[stopped := await add_client(connection)] = ("suppressed", "refused")
        campaign = await add_campaign(
            connection, channels=("sms", "email", "push"), words=("sms", "email"), min_risk="C2"
        )
    await run_sql(
        database,
        "INSERT INTO contact_count VALUES (:c, 'marketing', CAST(now() AS date), 3)",
        c=tired,
    )
    await run_sql(
        database,
        "INSERT INTO consent (id, identity_id, category, state, source) "
        "SELECT row_id(), id, 'all', 'no', 'test' FROM identity WHERE client_id = :c",
        c=stopped,
    )
    await firm.plan()
    assert await firm.read_plan(campaign) == expected


async def test_the_preferred_channel_comes_first_then_the_campaigns_order(
    database: Database,
) -> None:
    firm = Firm.open(database, provider("sms"), provider("email"))
    async with database.transaction() as connection:
        plain = await add_client(connection, ways={MAIL: "yes", SMS: "yes"})
        fond = await add_client(connection, ways={MAIL: "yes", SMS: "yes"})
        campaign = await add_campaign(connection, channels=("sms", "email"))
    await run_sql(
        database, "INSERT INTO preference VALUES (:c, 'marketing', 'email', 10, 'stated')", c=fond
    )
    await firm.plan()
    chosen = await fetch(
        database,
        "SELECT client_id, channel FROM campaign_recipient JOIN campaign_place "
        "USING (campaign_id, place) WHERE campaign_id = :c",
        c=campaign,
    )
    assert {row.client_id: row.channel for row in chosen} == {plain: "sms", fond: "email"}


async def test_free_text_leaves_reply_windows_to_conversations(database: Database) -> None:
    firm = Firm.open(database, LedgerChannel(account="main"))
    async with database.transaction() as connection:
        client = await add_client(connection, ways={("wechat", "main"): "yes"})
        free = await add_campaign(connection, channels=("wechat",))
        approved = await add_campaign(connection, channels=("wechat",), template="T1")
    await firm.plan()
    assert await firm.read_plan(free) == {client: ("suppressed", "window")}
    assert await firm.read_plan(approved) == {client: ("planned", None)}


async def test_quiet_hours_are_those_of_the_clients_own_wall(database: Database) -> None:
    quiet = QuietHours(time(22), time(8))
    firm = Firm.open(database, provider(), quiet=quiet)
    firm.clock.at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai, 15:00 in London
    async with database.transaction() as connection:
        here = await add_client(connection)
        there = await add_client(connection, zone="Europe/London")
        lost = await add_client(connection, zone="Mars/Olympus")
        campaign = await add_campaign(connection)
    await firm.plan()
    found = await firm.read_plan(campaign)
    assert found[here] == found[lost] == ("held", "quiet_hours")
    assert found[there] == ("planned", None)
    rows = await fetch(database, "SELECT DISTINCT due_at FROM campaign_recipient "
                                 "WHERE state = 'held'")  # fmt: skip
    assert [row.due_at for row in rows] == [datetime(2026, 11, 24, 0, 0, tzinfo=UTC)]


async def test_days_without_trading_are_quieter(database: Database) -> None:
    firm = Firm.open(database, provider(), quiet=None)  # those of the urgency table
    firm.clock.at = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)  # a Saturday, 09:30 in Shanghai
    async with database.transaction() as connection:
        client = await add_client(connection)
        campaign = await add_campaign(connection)
        worked = TradingDay("SSE", date(2026, 11, 28), ("09:30-11:30",), "a test")
        await trading_day.record_many(connection, [worked])
    await firm.plan()
    assert await firm.read_plan(campaign) == {client: ("held", "quiet_hours")}
    firm.clock.at = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)  # one on which there is trading
    async with database.transaction() as connection:
        campaign = await add_campaign(connection)
    await firm.plan()
    assert await firm.read_plan(campaign) == {client: ("planned", None)}


async def test_who_would_be_sent_to_after_the_end_is_not_held(database: Database) -> None:
    firm = Firm.open(database, provider(), quiet=QuietHours(time(22), time(8)))
    firm.clock.at = at = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    async with database.transaction() as connection:
        client = await add_client(connection)
        campaign = await add_campaign(connection, not_after=at + timedelta(hours=2))
    await firm.plan()
    assert await firm.read_plan(campaign) == {client: ("suppressed", "too_late")}


async def test_hold_out_and_arms_fall_by_their_weights_and_never_change(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "CHUNK", 50)
    monkeypatch.setattr(plan, "SMALL_CHUNK", 20)
    firm = Firm.open(database, provider())
    async with database.transaction() as connection:
        for _ in range(400):
            await add_client(connection)
        weights = json.dumps({"a": 3, "b": 1})
        campaign = await add_campaign(connection, hold_out=0.25, arms=weights)
    await firm.plan()
    counted = await fetch(
        database, "SELECT state, arm, count(*) AS n FROM campaign_recipient GROUP BY 1, 2"
    )
    n = {(row.state, row.arm): row.n for row in counted}
    withheld = n["withheld", "a"] + n["withheld", "b"]
    assert 60 < withheld < 145  # 100 expected, 5 standard deviations to either side
    assert sum(n.values()) == 400
    assert 180 < n["planned", "a"] < 270
    shares = await fetch(database, "SELECT sum(planned) AS n FROM campaign_share")
    assert shares[0].n == 400 - withheld
    before = await firm.read_plan(campaign)
    await run_sql(database, "UPDATE campaign SET plan_cursor = NULL, planned_at = NULL")
    await firm.plan()
    assert await firm.read_plan(campaign) == before
    again = await fetch(database, "SELECT sum(planned) AS n FROM campaign_share")
    assert again[0].n == shares[0].n


async def test_a_chunk_is_whole_or_not_there(database: Database) -> None:
    firm = Firm.open(database, provider())
    async with database.transaction() as connection:
        client = await add_client(connection)
        campaign = await add_campaign(connection)
    with pytest.raises(ZeroDivisionError):
        await _plan_and_fail(firm, campaign)
    assert await firm.read_plan(campaign) == {}
    async with database.transaction() as held:
        assert await plan.claim(held, campaign) is not None
        assert await firm.planner.plan_all() == 0  # another holds it
    await firm.plan()
    assert await firm.read_plan(campaign) == {client: ("planned", None)}
    events = await fetch(database, "SELECT after FROM event WHERE verb = :v", v=CAMPAIGN_PLANNED)
    assert [row.after for row in events] == [{"planned": 1}]


async def test_only_the_audience_is_planned_and_service_needs_no_consent(
    database: Database,
) -> None:
    firm = Firm.open(database, provider())
    async with database.transaction() as connection:
        wanted = await add_client(connection, risk="C3", ways={SMS: None})
        await add_client(connection, risk="C4", ways={SMS: None})
        refused = await add_client(connection, risk="C3", ways={SMS: "no"}, category="service")
        campaign = await add_campaign(
            connection, category="service", expression=json.dumps({"risk_level": "C3"})
        )
    await firm.plan()
    assert await firm.read_plan(campaign) == {
        wanted: ("planned", None),
        refused: ("suppressed", "refused"),
    }


async def test_a_content_that_is_not_what_was_approved_stops_the_campaign(
    database: Database,
) -> None:
    firm = Firm.open(database, provider())
    async with database.transaction() as connection:
        await add_client(connection)
        campaign = await add_campaign(connection)
    await run_sql(database, "UPDATE content_variant SET body = '别的内容'")
    await firm.plan()
    assert await firm.read_plan(campaign) == {}
    rows = await fetch(database, "SELECT state FROM campaign WHERE id = :c", c=campaign)
    assert rows[0].state == "paused"


async def _plan_and_fail(firm: Firm, campaign: UUID) -> None:
    async with firm.database.transaction() as connection:
        brief = await plan.claim(connection, campaign)
        assert brief is not None
        chunk = await plan.plan_next(
            connection,
            brief,
            Where("true", {}),
            places=[plan.Place("sms", "main", 0)],
            pace=await firm.pacer.find(connection, "marketing"),
        )
        raise ZeroDivisionError(chunk)


async def _change(connection: Connection, client: UUID, what: str) -> None:
    statement = f"UPDATE identity SET {what} WHERE client_id = :c"
    await connection.execute(text(statement), {"c": client})
