"""Client events make notices and cure them, in the events' own transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.live import NOTICE
from kernel.message import Json
from orchestrator.event import EventWorker, fold_figures
from orchestrator.occasion import Occasions
from store import client_event
from store.cipher import Cipher
from store.client_event import Report
from store.engine import Database
from tests.book import add_client
from tests.tower import Tower, make_tower

AT = datetime.now(UTC) - timedelta(hours=1)


class Desk:
    """A broker's system that reports, and the worker that acts on it."""

    def __init__(self, tower: Tower) -> None:
        self.tower, self.number, self.heard = tower, 0, 0
        handlers = (fold_figures, Occasions(tower.cipher).raise_for)
        self.worker = EventWorker(tower.database, tower.hub, handlers)
        tower.hub.listen(NOTICE, self._hear)

    def _hear(self, *_: object) -> None:
        self.heard += 1

    async def report(self, *events: tuple[str, str, dict[str, Json]]) -> None:
        """Report events of clients, a second after the other, and handle them."""
        reports = []
        for who, type_, figures in events:
            self.number += 1
            at = AT + timedelta(seconds=self.number)
            reports.append(Report(str(self.number), who, type_, at, figures))
        async with self.tower.database.transaction() as connection:
            await client_event.record_many(connection, self.tower.cipher, "risk", reports)
        while await self.worker.handle_next():
            pass

    async def notices(self) -> list[tuple[Any, ...]]:
        rows = await self.tower.rows(
            "SELECT content_key, urgency, state, reason FROM notice ORDER BY id"
        )
        return [tuple(row.values()) for row in rows]


@pytest.fixture
async def desk(database: Database, cipher: Cipher) -> Desk:
    tower = await make_tower(database, cipher)
    async with database.transaction() as connection:
        for number in ("7001", "7002"):
            places = {"sms": f"sms-{number}", "push": f"push-{number}"}
            await add_client(connection, cipher, number, places=places)
    return Desk(tower)


async def test_a_ratio_above_the_line_is_a_margin_call_and_back_is_its_cure(desk: Desk) -> None:
    breach: dict[str, Json] = {"ratio": 1.08, "shortfall_fen": 12_000_000, "minutes_left": 30}
    await desk.report(("7001", "risk_ratio", breach))
    assert await desk.notices() == [("margin_call", "critical", "open", None)]
    assert desk.heard == 1
    row = await desk.tower.one("SELECT exposure, reach_by, source, topic FROM notice")
    assert (row["exposure"], row["topic"]) == (120_000.0, "margin:")
    assert row["reach_by"] == AT + timedelta(seconds=1, minutes=30)
    await desk.report(("7001", "risk_ratio", {"ratio": 0.93}))
    assert await desk.notices() == [("margin_call", "critical", "cancelled", "ratio_restored")]


async def test_of_a_batch_the_latest_word_on_an_account_holds(desk: Desk) -> None:
    await desk.report(
        ("7001", "risk_ratio", {"ratio": 1.08}),
        ("7002", "risk_ratio", {"ratio": 0.9}),
        ("7001", "risk_ratio", {"ratio": 0.95}),
        ("7002", "risk_ratio", {"ratio": 1.2}),
        ("7001", "risk_ratio", {"ratio": 1.3, "account": "credit"}),
    )
    rows = await desk.tower.rows("SELECT topic FROM notice WHERE state = 'open' ORDER BY topic")
    assert [row["topic"] for row in rows] == ["margin:", "margin:credit"]


async def test_many_breaches_of_one_account_are_one_notice_with_the_newest_figures(
    desk: Desk,
) -> None:
    for ratio in (1.05, 1.1, 1.2):
        await desk.report(("7001", "risk_ratio", {"ratio": ratio}))
    row = await desk.tower.one("SELECT * FROM notice")
    said = desk.tower.cipher.open_json(
        row["vars_enc"], table="notice", column="vars_enc", row=row["id"]
    )
    assert isinstance(said, dict)
    assert (said["risk_ratio"], row["revision"]) == (1.2, 2)


async def test_a_deposit_that_covers_the_shortfall_cures_and_a_small_one_does_not(
    desk: Desk,
) -> None:
    breach: dict[str, Json] = {"ratio": 1.08, "shortfall_fen": 10_000_00}
    await desk.report(("7001", "risk_ratio", breach), ("7002", "risk_ratio", breach))
    await desk.tower.climb("critical")
    await desk.report(
        ("7001", "deposit_settled", {"amount_fen": 10_000_00}),
        ("7002", "deposit_settled", {"amount_fen": 9_999_99}),
    )
    rows = await desk.tower.rows(
        "SELECT state, reason FROM notice WHERE content_key = 'margin_call' ORDER BY state"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("cancelled", "topped_up"),
        ("in_progress", None),
    ]
    left = await desk.tower.rows(
        "SELECT notice.state FROM queue JOIN outbox ON outbox.id = outbox_id "
        "JOIN notice ON notice.id = notice_id"
    )
    assert {row["state"] for row in left} == {"in_progress"}


async def test_what_each_event_asks_for(desk: Desk) -> None:
    await desk.report(
        ("7001", "drawdown", {"ratio": 0.23}),
        ("7001", "drawdown", {"ratio": 0.19}),
        ("7001", "permission_expiring", {"product": "option", "days_left": 12}),
        ("7001", "permission_expiring", {"product": "stock", "days_left": 90}),
        ("7001", "suitability_expiring", {"days_left": 3}),
        ("7001", "withdrawal_settled", {"amount_fen": 100}),
        ("7001", "forced_liquidation", {"amount_fen": 100}),
        ("7001", "login", {"device": "app"}),
        ("7001", "complaint", {}),
    )
    found = {(key, urgency) for key, urgency, *_ in await desk.notices()}
    assert found == {
        ("drawdown_alert", "high"),
        ("permission_expiring", "high"),
        ("suitability_expiring", "high"),
        ("withdrawal_settled", "normal"),
        ("forced_liquidation", "critical"),
    }
    await desk.report(("7001", "permission_granted", {"product": "option"}))
    rows = await desk.tower.rows(
        "SELECT state FROM notice WHERE content_key = 'permission_expiring'"
    )
    assert [row["state"] for row in rows] == ["cancelled"]
    # Every one of them has words that are approved and can be rendered.
    await desk.tower.climb()
    lost = await desk.tower.rows("SELECT content_key, reason FROM notice WHERE state = 'unreached'")
    assert lost == []
