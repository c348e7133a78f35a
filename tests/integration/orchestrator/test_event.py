"""Events on a real database: kept once, handled once, in order, and folded into figures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from channels.live import CLIENT_EVENT, Hub
from kernel.message import Json
from orchestrator.event import EventWorker, fold_figures
from store import client, client_event, client_figure, kept_event, staff
from store.cipher import Cipher
from store.client_event import ClientEvent, Report
from store.engine import Connection, Database

NOW = datetime.now(UTC).replace(microsecond=0)


def report(key: str, no: str, type_: str, *, ago: float = 0, **figures: Json) -> Report:
    return Report(key, no, type_, NOW - timedelta(minutes=ago), figures)


class Ledger:
    """A handler that writes down what it was given, and refuses what it is told to."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.seen: list[ClientEvent] = []
        self.calls = 0

    async def handle(self, connection: Connection, events: Sequence[ClientEvent]) -> None:
        self.calls += 1
        if any(one.source_key in self.refused for one in events):
            raise ValueError(self.refused)
        self.seen += events

    @property
    def keys(self) -> list[str]:
        return [one.source_key for one in self.seen]


@pytest.fixture
async def clients(database: Database, cipher: Cipher) -> dict[str, UUID]:
    async with database.transaction() as connection:
        return {no: await client.record(connection, cipher, no) for no in ("1", "2", "3")}


async def add_boss(connection: Connection) -> UUID:
    return await staff.record_person(
        connection, login="boss", name="示例主管", password_hash="", roles=["supervisor"]
    )


async def record(database: Database, cipher: Cipher, *reports: Report) -> dict[str, str]:
    async with database.transaction() as connection:
        return await client_event.record_many(connection, cipher, "oms", reports)


async def figures(database: Database, client_id: UUID) -> dict[str, object]:
    async with database.transaction() as connection:
        row = await connection.execute(
            text("SELECT * FROM client_figure WHERE client_id = :id"), {"id": client_id}
        )
        return dict(row.mappings().one())


async def states(database: Database) -> dict[str, str]:
    async with database.transaction() as connection:
        rows = await connection.execute(text("SELECT source_key, state FROM client_event"))
        return {row.source_key: row.state for row in rows}


async def test_an_event_is_kept_once_whoever_is_unknown_is_kept_too(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    told = [
        report("a", "1", "login"),
        report("b", "9", "login"),
        Report("c", "1", "dividend", NOW, {}, is_known=False),
    ]
    fates = await record(database, cipher, *told, report("a", "1", "complaint"))
    assert fates == {"a": "new", "b": "unknown_client", "c": "unknown_type"}
    assert await record(database, cipher, *told) == {}
    async with database.transaction() as connection:
        boss = await add_boss(connection)
        kept = await kept_event.find(connection, cipher, boss, limit=10)
        assert sorted(one.source_key for one in kept) == ["b", "c"]
        assert await kept_event.count(connection, boss) == {
            "unknown_client": 1,
            "unknown_type": 1,
            "new": 1,
        }


async def test_a_client_who_becomes_known_has_the_kept_events_handled(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    ledger = Ledger()
    worker = EventWorker(database, Hub(), (ledger.handle,))
    await record(database, cipher, report("b", "9", "login"), report("d", "8", "login"))
    assert await worker.readmit() == 0
    async with database.transaction() as connection:
        nine = await client.record(connection, cipher, "9")
    assert await worker.readmit() == 1
    assert await worker.handle_next() == 1
    assert [(one.client_id, one.source_key) for one in ledger.seen] == [(nine, "b")]
    assert await states(database) == {"b": "handled", "d": "unknown_client"}


async def test_urgent_ones_come_first_and_each_clients_in_order_of_time(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    ledger = Ledger()
    worker = EventWorker(database, Hub(), (ledger.handle,))
    await record(database, cipher, report("late", "1", "login", ago=1))
    await record(database, cipher, report("early", "1", "login", ago=5))
    await record(database, cipher, report("risk", "2", "risk_ratio", ratio=1.2))
    assert await worker.handle_next() == 1
    assert await worker.handle_next() == 2
    assert await worker.handle_next() == 0
    assert ledger.keys == ["risk", "early", "late"]
    assert ledger.seen[0].figures == {"ratio": 1.2}


async def test_two_workers_never_have_one_clients_events_at_once(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    await record(database, cipher, report("a", "1", "login", ago=2))
    async with database.transaction() as first:
        assert len(await client_event.claim(first, 9)) == 1
        await record(database, cipher, report("b", "2", "login"))
        await record(database, cipher, report("c", "1", "login", ago=1))
        async with database.transaction() as second:
            assert [one.source_key for one in await client_event.claim(second, 9)] == ["b"]
    async with database.transaction() as third:
        assert [one.source_key for one in await client_event.claim(third, 9)] == ["c"]


async def test_a_bad_event_is_set_aside_alone_and_may_be_replayed(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    ledger = Ledger("b")
    worker = EventWorker(database, Hub(), (fold_figures, ledger.handle))
    for key in "abc":
        await record(database, cipher, report(key, "1", "order_filled", amount_fen=100))
    with pytest.raises(ValueError, match="b"):
        await worker.handle_next()
    assert set((await states(database)).values()) == {"new"}
    assert await worker.handle_singly() == 3
    assert await states(database) == {"a": "handled", "b": "failed", "c": "handled"}
    assert ledger.keys == ["a", "c"]
    assert (await figures(database, clients["1"]))["trades_90d"] == 2
    ledger.refused = ()
    async with database.transaction() as connection:
        boss = await add_boss(connection)
        (kept,) = await kept_event.find(connection, cipher, boss, limit=10)
        assert (kept.state, kept.reason) == ("failed", "ValueError")
        assert await kept_event.replay(connection, boss, [kept.id]) == 1
    assert await worker.handle_next() == 1
    assert (await figures(database, clients["1"]))["trades_90d"] == 3


async def test_a_worker_wakes_when_it_is_told(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    hub, ledger = Hub(), Ledger("poison")
    task = asyncio.create_task(EventWorker(database, hub, (ledger.handle,)).run())
    for key in ("a", "poison", "b"):
        await record(database, cipher, report(key, "1", "login"))
        hub.publish(CLIENT_EVENT, once=True)
    async with asyncio.timeout(20):
        while len(ledger.seen) < 2:
            hub.publish(CLIENT_EVENT)
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await states(database))["poison"] == "failed"


async def test_figures_are_those_that_were_true_last_in_whatever_order_they_come(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    worker = EventWorker(database, Hub(), (fold_figures,))
    one, two = clients["1"], clients["2"]
    await record(
        database,
        cipher,
        report("a", "1", "risk_ratio", ago=5, ratio=0.9),
        report("b", "1", "risk_ratio", ago=3, ratio=1.1),
        report("c", "1", "account_opened", ago=100),
        report("d", "2", "margin_usage", ago=4, ratio=0.5, financing_ratio=0.4),
    )
    await worker.handle_next()
    await worker.handle_next()
    await record(
        database,
        cipher,
        report("e", "1", "risk_ratio", ago=4, ratio=2.0),
        report("f", "1", "deposit_settled", ago=50, amount_fen=100, assets_fen=1_000_050),
        report("g", "1", "drawdown", ago=60, ratio=0.25, assets_fen=900_000),
        report("h", "1", "order_filled", ago=2, amount_fen=12_345),
        report("i", "1", "order_filled", ago=60 * 24 * 91, amount_fen=1),
        report("j", "2", "complaint", ago=1),
    )
    await worker.handle_next()
    await worker.handle_next()
    found = await figures(database, one)
    assert found["risk_ratio"] == pytest.approx(1.1)
    assert found["assets"] == Decimal("10000.50")
    assert (found["trades_90d"], found["turnover_90d"]) == (1, Decimal("123.45"))
    assert (found["deposits"], found["complaints_90d"]) == (1, 0)
    assert found["opened_at"] == NOW - timedelta(minutes=100)
    assert found["first_deposit_at"] == NOW - timedelta(minutes=50)
    assert found["last_trade_at"] == found["last_active_at"] == NOW - timedelta(minutes=2)
    found = await figures(database, two)
    assert (found["margin_usage"], found["complaints_90d"]) == (0.5, 1)
    assert found["financing_ratio"] == pytest.approx(0.4)
    assert found["assets"] is None


async def test_the_nightly_count_forgets_what_is_older_than_ninety_days(
    database: Database, cipher: Cipher, clients: dict[str, UUID]
) -> None:
    worker = EventWorker(database, Hub(), (fold_figures,))
    for key, ago in (("a", 1.0), ("b", 60 * 24 * 89)):
        told = report(key, "1", "order_filled", ago=ago, amount_fen=100, holding_days=ago)
        await record(database, cipher, told)
    await worker.handle_next()
    imported = "INSERT INTO client_figure (client_id, trades_90d, base_trades, base_at) VALUES "
    async with database.transaction() as connection:
        assert await client_figure.recount(connection) == 1
        assert await client_figure.recount(connection) == 0
        await connection.execute(
            text("UPDATE client_event SET at = at - interval '5 days' WHERE source_key = 'b'")
        )
        await connection.execute(
            text(imported + "(:id, 60, 60, now() - interval '45 days')"), {"id": clients["2"]}
        )
        assert await client_figure.recount(connection) == 2
    found = await figures(database, clients["1"])
    assert (found["trades_90d"], found["turnover_90d"]) == (1, Decimal(1))
    assert found["holding_days"] == 1
    assert (await figures(database, clients["2"]))["trades_90d"] == 30
