"""Audiences: SQL and a plain evaluator in Python agree on random expressions and clients."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from store import audience
from store.audience import Counted, TooHeavy
from store.audience_sql import compile_where
from store.engine import Database
from tests.integration.store.people import (
    CAMPAIGN,
    CHANNELS,
    INSTRUMENTS,
    LAYERS,
    LEVELS,
    TAGS,
    TODAY,
    TYPES,
    N,
    holds,
    keep_people,
    make_people,
)


def _node(kind: str, **parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **parts})


def _profile(
    name: str, is_: list[str], value: st.SearchStrategy[Any], *, kind: str = "profile"
) -> Any:
    return _node(kind, field=st.just(name), value=value, **{"is": st.sampled_from(is_)})


def _some(words: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=3)


KEPT = ["risk_level", "manager", "instruments", "assets", "margin_usage", "drawdown", "opened_at"]
_FIGURE = ["at_least", "at_most", "above", "below"]
_KNOWN = st.sampled_from(["known", "unknown"])
LEAF = st.one_of(
    _profile("risk_level", ["in", "not_in"], _some(LEVELS)),
    _profile("risk_level", ["at_least", "at_most"], st.sampled_from(LEVELS)),
    _profile("instruments", ["has_any", "has_none"], _some(INSTRUMENTS)),
    _profile("manager", ["in", "not_in"], _some(["甲", "丙"])),
    _profile("assets", [*_FIGURE, "equals"], st.sampled_from([0, 999.5, 1000, 50000])),
    _profile("trades_90d", [*_FIGURE, "equals"], st.sampled_from([0, 1, 5])),
    _profile("margin_usage", _FIGURE, st.sampled_from([0.1, 0.8, 0.9])),
    _profile("drawdown", _FIGURE, st.sampled_from([0.2, 0.25])),
    _profile("suitability_valid_until", ["within_next"], st.integers(1, 60)),
    _profile(
        "suitability_valid_until",
        ["from", "until"],
        st.integers(-30, 30).map(lambda days: (TODAY + timedelta(days=days)).isoformat()),
    ),
    _profile("opened_at", ["within", "not_within"], st.sampled_from([3, 30, 365])),
    _profile("last_active_at", ["within", "not_within"], st.sampled_from([30, 60])),
    _profile("layer", ["in", "not_in"], _some(LAYERS), kind="tier"),
    _profile("recency", ["at_least", "below", "equals"], st.integers(1, 5), kind="tier"),
    _profile("churn_risk", _FIGURE, st.sampled_from([0.1, 0.5]), kind="tier"),
    _node("profile", field=st.sampled_from(KEPT), **{"is": _KNOWN}),
    _node("tier", field=st.sampled_from(["layer", "credit_risk"]), **{"is": _KNOWN}),
    _node("tag", any=_some([*TAGS, "过期"])),
    _node(
        "event",
        type=st.sampled_from(TYPES),
        days=st.sampled_from([1, 7, 30]),
        count=st.integers(1, 3),
        **{"is": st.sampled_from(["at_least", "at_most"])},
    ),
    _node(
        "event",
        type=st.just("login"),
        days=st.just(30),
        count=st.just(0),
        **{"is": st.just("at_most")},
    ),
    _node("channel", channel=st.sampled_from(CHANNELS)),
    _node(
        "consent",
        category=st.just("marketing"),
        channel=st.sampled_from([None, *CHANNELS]),
        **{"is": st.sampled_from(["yes", "no", "unsaid"])},
    ),
    _node(
        "campaign",
        campaign_id=st.just(str(CAMPAIGN)),
        **{"is": st.sampled_from(["planned", "reached", "clicked"])},
    ),
)
TREE = st.recursive(
    LEAF,
    lambda below: st.one_of(
        _node("all", of=st.lists(below, min_size=1, max_size=3)),
        _node("any", of=st.lists(below, min_size=1, max_size=3)),
        _node("not", of=below),
    ),
    max_leaves=8,
)


async def _open(postgres: str, name: str) -> Database:
    admin = Database(postgres.format("postgres"))
    async with admin.once() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_zhida"))
    await admin.close()
    return Database(postgres.format(name))


def test_sql_and_a_plain_evaluator_find_the_same_clients(postgres: str) -> None:
    people = make_people(7)
    with asyncio.Runner() as runner:
        database = runner.run(_open(postgres, "audience_property"))

        async def fill() -> None:
            async with database.transaction() as connection:
                await keep_people(connection, people)

        async def find(node: Mapping[str, Any], *, whole: bool) -> set[UUID]:
            where = compile_where(node, whole=whole)
            joins = " ".join(
                f"LEFT JOIN client_{one} {one} ON {one}.client_id = client.id"
                for one in ("figure", "tier")
            )
            async with database.transaction() as connection:
                rows = await connection.execute(
                    text(f"SELECT client.id FROM client {joins} WHERE {where.sql}"),
                    dict(where.parameters),
                )
                return {row[0] for row in rows}

        runner.run(fill())

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(TREE)
        def agree(node: Mapping[str, Any]) -> None:
            wanted = {one.id for one in people if holds(node, one)}
            assert runner.run(find(node, whole=True)) == wanted
            assert runner.run(find(node, whole=False)) == wanted

        try:
            agree()
        finally:
            runner.run(database.close())


async def test_counts_and_samples(database: Database) -> None:
    people = make_people(3)
    node = {"kind": "channel", "channel": "sms"}
    async with database.transaction() as connection:
        await keep_people(connection, people)
    wanted = {one.id for one in people if holds(node, one)}
    async with database.transaction() as connection:
        counted = await audience.count(connection, node)
        few = await audience.count(connection, node, sample=5)
        every = await audience.count(connection, node, sample=500)
    assert counted == Counted(len(wanted), N)
    assert len(few.sample) == 5
    assert set(few.sample) <= wanted
    assert set(every.sample) == wanted


async def test_who_was_merged_into_another_is_not_counted(database: Database) -> None:
    people = make_people(3)
    node = {"kind": "profile", "field": "timezone", "is": "known"}
    merged = {"kept": people[0].id, "gone": people[1].id}
    async with database.transaction() as connection:
        await keep_people(connection, people)
        await connection.execute(
            text("UPDATE client SET merged_into = :kept WHERE id = :gone"), merged
        )
        assert await audience.count(connection, node) == Counted(N - 1, N - 1)


async def test_a_large_audience_is_sampled_all_over(database: Database) -> None:
    node = {"kind": "profile", "field": "timezone", "is": "known"}
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO client (id, client_no_hash, client_no_enc) SELECT "
                "CAST(lpad(to_hex(n), 32, '0') AS uuid), CAST(n::text AS bytea), '' "
                "FROM generate_series(1, 4000) AS n"
            )
        )
        counted = await audience.count(connection, node, sample=20)
    places = sorted(one.int for one in counted.sample)
    assert (counted.count, len(places)) == (4000, 20)
    assert places[-1] - places[0] > 100


async def test_what_takes_too_long_is_said_so(database: Database) -> None:
    async with database.transaction() as connection:
        await keep_people(connection, make_people(3))
        await connection.execute(text("ALTER TABLE client RENAME TO client_kept"))
        await connection.execute(
            text("CREATE VIEW client AS SELECT c.* FROM client_kept c, pg_sleep(1)")
        )
    async with database.transaction() as connection:
        with pytest.raises(TooHeavy):
            await audience.count(connection, {"kind": "channel", "channel": "sms"}, seconds=0.2)
