"""Tiers of a few thousand generated clients, against rules worked out one client at a time."""

from __future__ import annotations

import math
import struct
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from clients.tier import STEPS, Tiers, load_shipped, show_rules
from kernel.clock import FakeClock
from kernel.errors import Conflict
from service.bench.crowd import make_crowd
from store import tier, tier_run
from store.engine import Database
from store.tier_rule import Band, Rules
from store.tier_sql import COLUMNS

N = 3000
PLAIN = [one for one in COLUMNS if one != "churn_reasons"]


def small(value: float) -> float:
    """Return a figure as four bytes keep it."""
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


def band(value: float, bands: tuple[Band, ...], *, is_small: bool = False) -> str:
    for one in bands[:-1]:
        if value >= (small(one.at_least) if is_small else one.at_least):
            return one.name
    return bands[-1].name


class Oracle:
    """The rules in plain words, for one client after the other."""

    def __init__(self, rules: Rules, rows: list[dict[str, Any]], now: datetime) -> None:
        self.rules, self.now = rules, now
        self.fifths: dict[str, list[float]] = {
            name: self._fifths([self.value(row, name) for row in rows])
            for name in (rules.scores.recency, rules.scores.frequency, rules.scores.monetary)
        }

    @staticmethod
    def _fifths(values: list[float]) -> list[float]:
        ordered = sorted(values)
        return [ordered[math.ceil(len(ordered) * part / 5) - 1] for part in (1, 2, 3, 4)]

    @staticmethod
    def value(row: dict[str, Any], name: str) -> float:
        value = row[name]
        if isinstance(value, datetime):
            return value.timestamp()
        return float(value or 0)

    def days(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self.now - moment).total_seconds() / 86400

    def score(self, row: dict[str, Any], name: str) -> int:
        return 1 + sum(self.value(row, name) > line for line in self.fifths[name])

    def judge(self, row: dict[str, Any]) -> dict[str, Any]:
        rules, scores = self.rules, self.rules.scores
        seen = [row[one] for one in ("last_active_at", "last_trade_at") if row[one]]
        silent = self.days(max(seen) if seen else row["opened_at"])
        assets, trades = float(row["assets"] or 0), row["trades_90d"] or 0
        is_funded = bool(row["first_deposit_at"] or row["deposits"])
        reasons, points = self.reasons(row, silent, is_funded=is_funded)
        rfm = tuple(
            self.score(row, one) for one in (scores.recency, scores.frequency, scores.monetary)
        )
        return {
            "recency": rfm[0],
            "frequency": rfm[1],
            "monetary": rfm[2],
            "layer": self.layer(rfm, points),
            "asset_band": band(assets, rules.assets),
            "frequency_band": band(trades, rules.frequency),
            "risk_band": band(self.daring(row), rules.risk.bands),
            "loyalty_band": band(self.loyalty(row, silent), rules.loyalty.bands),
            **self.credit(row, assets, trades),
            "stage": self.stage(row, silent, is_funded=is_funded),
            "churn_risk": small(min(points, 100) / 100),
            "churn_reasons": reasons,
        }

    def layer(self, rfm: tuple[int, ...], points: int) -> str:
        for one in self.rules.layers:
            spans = (one.recency, one.frequency, one.monetary)
            fits = all(low <= got <= high for got, (low, high) in zip(rfm, spans, strict=True))
            if fits and points >= round(100 * one.churn_from):
                return one.name
        raise AssertionError

    def reasons(
        self, row: dict[str, Any], silent: float | None, *, is_funded: bool
    ) -> tuple[list[str], int]:
        figures = {
            "silent_days": silent,
            "drawdown": row["drawdown"],
            "complaints_90d": row["complaints_90d"] or 0,
            "margin_usage": row["margin_usage"],
            "unfunded_days": None if is_funded else self.days(row["opened_at"]),
        }
        held = []
        for one in self.rules.churn:
            value = figures[one.figure]
            is_small = one.figure in {"drawdown", "margin_usage"}
            line = small(one.at_least) if is_small else one.at_least
            if value is not None and value >= line:
                held.append(one)
        return [one.name for one in held], sum(round(100 * one.weight) for one in held)

    def daring(self, row: dict[str, Any]) -> float:
        risk = self.rules.risk
        points = risk.levels.get(row["risk_level"], 0)
        if (row["margin_usage"] or 0) >= small(risk.margin_usage_from):
            points += risk.margin_usage_points
        if (row["drawdown"] or 0) >= small(risk.drawdown_from):
            points += risk.drawdown_points
        return points

    def loyalty(self, row: dict[str, Any], silent: float | None) -> float:
        rule = self.rules.loyalty
        years = math.floor((self.days(row["opened_at"]) or 0) / 365.25)
        points = min(years, rule.year_cap) * rule.year_points
        if silent is not None and silent <= rule.active_days:
            points += rule.active_points
        return points - (row["complaints_90d"] or 0) * rule.complaint_points

    def credit(self, row: dict[str, Any], assets: float, trades: int) -> dict[str, str | None]:
        rule, ratio, held = self.rules.credit, row["financing_ratio"], row["holding_days"]
        if ratio is None:
            return dict.fromkeys(("credit_risk", "credit_term", "credit_size", "credit_style"))
        term = None if held is None else "short" if held < small(rule.short_below_days) else "long"
        return {
            "credit_risk": band(ratio, rule.risk, is_small=True),
            "credit_term": term,
            "credit_size": band(assets, rule.size),
            "credit_style": "active" if trades >= rule.active_from else "passive",
        }

    def stage(self, row: dict[str, Any], silent: float | None, *, is_funded: bool) -> str:
        rule = self.rules.stage
        if not is_funded and row["last_trade_at"] is None:
            return "opened" if row["opened_at"] else "prospect"
        if silent is not None and silent >= rule.lost_days:
            return "lost"
        if silent is not None and silent >= rule.silent_days:
            return "silent"
        age = self.days(row["first_deposit_at"] or row["opened_at"] or row["last_trade_at"])
        if age is not None and age < rule.new_days:
            return "new"
        return "growing" if age is not None and age < rule.mature_days else "mature"


async def rows_of(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(text(query))).mappings()]


async def known(database: Database) -> list[dict[str, Any]]:
    return await rows_of(
        database,
        "SELECT client.id, client.risk_level, client_figure.* FROM client "
        "LEFT JOIN client_figure ON client_id = client.id WHERE merged_into IS NULL",
    )


async def tiers_of(database: Database) -> dict[UUID, dict[str, Any]]:
    return {row["client_id"]: row for row in await rows_of(database, "SELECT * FROM client_tier")}


async def spoil(database: Database) -> None:
    """Put the odd cases in: round figures on the very lines, and clients without any figure."""
    async with database.transaction() as connection:
        for statement in (
            "UPDATE client_figure SET margin_usage = 0.8, drawdown = 0.2, financing_ratio = 0.7, "
            "assets = 1000000, holding_days = 30 WHERE mod(hashint8(trades_90d), 7) = 0",
            "UPDATE client_figure SET opened_at = NULL, first_deposit_at = NULL, deposits = 0 "
            "WHERE complaints_90d > 0",
            "UPDATE client SET risk_level = NULL WHERE investor_class = 'professional'",
            "DELETE FROM client_figure WHERE client_id IN (SELECT id FROM client LIMIT 40)",
        ):
            await connection.execute(text(statement))


@pytest.fixture
async def crowd(database: Database) -> Database:
    await make_crowd(database, N, has_tiers=False)
    await spoil(database)
    return database


def compare(oracle: Oracle, rows: list[dict[str, Any]], found: dict[UUID, dict[str, Any]]) -> None:
    assert len(found) == len(rows)
    for row in rows:
        wanted, got = oracle.judge(row), found[row["id"]]
        assert {one: got[one] for one in PLAIN} == {one: wanted[one] for one in PLAIN}, row
        assert got["churn_reasons"] == wanted["churn_reasons"]


async def test_every_client_is_where_the_rules_put_them(crowd: Database) -> None:
    clock = FakeClock(datetime.now(UTC))
    told: list[str] = []
    outcome = await Tiers(crowd, clock).compute(actor="test", tell=told.append)
    rows, found = await known(crowd), await tiers_of(crowd)
    compare(Oracle(load_shipped(), rows, clock.now()), rows, found)
    assert told == list(STEPS)
    assert outcome.clients == outcome.changed == N
    assert outcome.layers == Counter(row["layer"] for row in found.values())
    assert set(outcome.layers) == {one.name for one in load_shipped().layers}
    assert {row["stage"] for row in found.values()} == {
        "prospect", "opened", "new", "growing", "mature", "silent", "lost",
    }  # fmt: skip


async def test_other_rules_and_another_day_write_only_what_changes(crowd: Database) -> None:
    clock = FakeClock(datetime.now(UTC))
    tiers = Tiers(crowd, clock)
    await tiers.compute(actor="test")
    assert (await tiers.compute(actor="test")).changed == 0
    before = await tiers_of(crowd)
    clock.advance(days=40)
    shipped = load_shipped()
    scores = replace(shipped.scores, recency="last_active_at", monetary="turnover_90d")
    rules = replace(shipped, scores=scores, stage=replace(shipped.stage, silent_days=45))
    author = uuid4()
    assert (await tiers.change(show_rules(rules), after=0, author_id=author)).version == 1
    with pytest.raises(Conflict):
        await tiers.change(show_rules(rules), after=0, author_id=author)
    outcome = await tiers.compute(actor="test")
    rows, found = await known(crowd), await tiers_of(crowd)
    compare(Oracle(rules, rows, clock.now()), rows, found)
    moved = {one for one, row in found.items() if before[one]["layer"] != row["layer"]}
    changes = await rows_of(crowd, "SELECT client_id, before, after FROM tier_change")
    assert {row["client_id"] for row in changes} == moved
    assert all(row["after"] == found[row["client_id"]]["layer"] for row in changes)
    counted = Counter((row["before"], row["after"]) for row in changes)
    assert counted
    assert {(one.before, one.after): one.clients for one in outcome.moves} == counted
    async with crowd.transaction() as connection:
        kept = (await tier_run.find_newest(connection))[0].moves
    assert [one["clients"] for one in kept] == sorted(counted.values(), reverse=True)
    same = [one for one, row in found.items() if row["computed_at"] == before[one]["computed_at"]]
    assert len(same) == N - outcome.changed


async def test_runs_are_on_record_and_only_one_is_at_work(crowd: Database) -> None:
    tiers = Tiers(crowd, FakeClock(datetime.now(UTC)))
    async with crowd.transaction() as connection:
        assert await tier.claim(connection)
        with pytest.raises(Conflict):
            await tiers.compute(actor="test")
    await tiers.compute(actor="person:x")
    async with crowd.transaction() as connection:
        done, failed = await tier_run.find_newest(connection)
        assert (done.state, done.step, done.clients) == ("done", "done", N)
        assert [len(line) for line in done.lines.values()] == [4, 4, 4]  # type: ignore[arg-type]
        assert sum(done.layers.values()) == N
        assert failed.state == "failed"
        await connection.execute(
            text("UPDATE tier_run SET state = 'running', at = at - interval '2 hours'")
        )
    await tiers.compute(actor="person:x")
    async with crowd.transaction() as connection:
        states = [one.state for one in await tier_run.find_newest(connection)]
        assert states == ["done", "failed", "failed"], "who never ended has failed"
        (one,) = (await connection.execute(text("SELECT client_id FROM client_tier LIMIT 1"))).one()
        row = await tier.find(connection, one)
        assert row is not None
        assert row.layer in done.layers
        assert await tier.find(connection, uuid4()) is None
