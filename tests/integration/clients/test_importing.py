"""A file of clients is tried out without a trace, then written as a whole, or not at all."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from clients.entry import check_mapping
from clients.importing import Done, Imports
from clients.tier import Tiers
from kernel.clock import SystemClock
from kernel.errors import Conflict, InvalidInput, NotFound
from orchestrator.night import Night
from store import account, client, client_entry, client_event, client_figure, staff
from store.cipher import Cipher
from store.client import Facts
from store.client_event import Report
from store.engine import Database

FILE = """客户号,姓名,手机,风险等级,品种,标签,总资产（万元）,近90天交易次数,开户日期,备注
86000001,张三,13800138000,C4,螺纹钢、IF,高潜,12.5,40,2020-01-02,x
86000002,李四,13900139000,激进型,,,,,,
86000003,王五,138,C9,,,,,,=cmd()
,赵六,,,,,,,,
86000001,张三丰,,,,,,,,
86000009,孙七,,,,,,,,
"""


@pytest.fixture
async def person(database: Database) -> UUID:
    async with database.transaction() as connection:
        return await staff.record_person(
            connection, login="boss", name="主管", password_hash="", roles=["supervisor"]
        )


@pytest.fixture
def imports(database: Database, cipher: Cipher) -> Imports:
    return Imports(database, cipher)


async def rows_of(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.transaction() as connection:
        return [dict(row) for row in (await connection.execute(text(query))).mappings()]


async def open_file(
    imports: Imports, person: UUID, file: str = FILE
) -> tuple[UUID, dict[str, str]]:
    look = await imports.open(file.encode(), file_name="客户.csv", person_id=person)
    return look.id, dict(look.mapping)


async def test_a_file_is_looked_at_and_nothing_is_written(
    database: Database, imports: Imports, person: UUID
) -> None:
    look = await imports.open(FILE.encode(), file_name="客户.csv", person_id=person)
    assert look.mapping == {
        "客户号": "client_no", "姓名": "name", "手机": "phone", "风险等级": "risk_level",
        "品种": "instruments", "标签": "tags", "总资产（万元）": "assets",
        "近90天交易次数": "trades_90d", "开户日期": "opened_at",
    }  # fmt: skip
    assert look.rows == 6
    assert look.sample[0][:3] == ("****0001", "张*", "138****8000")
    assert look.sample[0][-1] == "*"
    found = await imports.check(look.id, look.mapping, actor="person:x")
    assert (found.rows, found.good, found.new, found.known, found.bad) == (6, 3, 3, 0, 3)
    assert {(one.row, one.column) for one in found.flaws} == {
        (4, "手机"), (4, "风险等级"), (5, "客户号"), (6, "客户号"),
    }  # fmt: skip
    assert "第2行" in next(one.zh for one in found.flaws if one.row == 6)
    assert await rows_of(database, "SELECT * FROM client") == []


async def test_the_list_of_errors_can_be_mended_and_holds_no_formula(
    imports: Imports, person: UUID
) -> None:
    import_id, mapping = await open_file(imports, person)
    await imports.check(import_id, mapping, actor="person:x")
    errors = (await imports.find_errors(import_id)).decode("utf-8-sig")
    head, *lines = list(csv.reader(io.StringIO(errors)))
    assert head[3:5] == ["客户号", "姓名"]
    assert [line[0] for line in lines] == ["4", "5", "6"]
    assert "C1到C5" in lines[0][1]
    assert "C1 to C5" in lines[0][2]
    assert lines[0][-1] == "'=cmd()"


async def test_the_good_rows_are_written_sealed_and_what_is_blank_stays(
    database: Database, cipher: Cipher, imports: Imports, person: UUID
) -> None:
    async with database.transaction() as connection:
        known = await client.record(connection, cipher, "86000002")
        facts = Facts("李某", "13700137000", "C2", "ordinary", "active", "经理甲")
        await client.record_facts(connection, cipher, known, facts=facts)
        told = [
            Report("k1", "86000001", "order_filled", datetime.now(UTC), {"amount_fen": 100}),
            Report("k2", "86000009", "login", datetime.now(UTC), {}),
        ]
        states = await client_event.record_many(connection, cipher, "oms", told)
        assert set(states.values()) == {"unknown_client"}
    import_id, mapping = await open_file(imports, person)
    found = await imports.check(import_id, mapping, actor="person:x")
    assert (found.new, found.known) == (2, 1)
    assert await imports.run(import_id, actor="person:x") == Done(3, 2, 0)
    async with database.transaction() as connection:
        one = await client.record(connection, cipher, "86000001")
        first = await client.find(connection, cipher, one)
        second = await client.find(connection, cipher, known)
        figures = await client_figure.find(connection, one)
        assert len(await client_event.claim(connection, 9)) == 2
    assert first is not None
    assert second is not None
    assert (first.name, first.phone, first.risk_level) == ("张三", "13800138000", "C4")
    assert (second.name, second.risk_level, second.manager) == ("李四", "C5", "经理甲")
    assert (figures["assets"], figures["trades_90d"]) == (Decimal("125000.00"), 40)
    assert figures["opened_at"] == datetime(2020, 1, 1, 16, tzinfo=UTC)
    (row,) = await rows_of(
        database, "SELECT tag, instruments FROM client_tag JOIN client ON client.id = client_id"
    )
    assert row == {"tag": "高潜", "instruments": ["螺纹钢", "IF"]}
    (kept,) = await rows_of(database, "SELECT state, file_enc FROM client_import")
    assert kept == {"state": "imported", "file_enc": b""}
    verbs = await rows_of(database, "SELECT verb FROM event WHERE subject_kind = 'client_import'")
    assert {one["verb"] for one in verbs} == {"import_checked", "clients_imported"}


async def test_what_fails_midway_leaves_nothing(
    database: Database, cipher: Cipher, imports: Imports, person: UUID
) -> None:
    many = "客户号\n" + "\n".join(f"{number:08d}" for number in range(3000))
    import_id, mapping = await open_file(imports, person, many)
    await imports.check(import_id, mapping, actor="person:x")
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF (SELECT count(*) FROM client) > 2500 THEN RAISE EXCEPTION 'full'; END IF; "
                "RETURN NULL; END $$"
            )
        )
        await connection.execute(
            text("CREATE TRIGGER refuse AFTER INSERT ON client EXECUTE FUNCTION refuse()")
        )
    with pytest.raises(Exception, match="full"):
        await imports.run(import_id, actor="person:x")
    assert await rows_of(database, "SELECT 1 FROM client") == []
    async with database.transaction() as connection:
        await connection.execute(text("DROP TRIGGER refuse ON client"))
    assert await imports.run(import_id, actor="person:x") == Done(3000, 3000, 0)


async def test_a_file_can_be_gone_on_with_until_it_has_ended(
    imports: Imports, person: UUID
) -> None:
    import_id, mapping = await open_file(imports, person)
    found, look = await imports.find(import_id)
    assert look is not None
    assert (found.person, look.mapping) == ("主管", mapping)
    only = {"客户号": "client_no", "备注": "name"}
    await imports.check(import_id, only, actor="person:x")
    _, look = await imports.find(import_id)
    assert look is not None
    assert look.mapping == only
    assert look.sample[0][-1] == "x*"
    assert look.sample[0][2] == "********"
    await imports.cancel(import_id, actor="person:x")
    found, look = await imports.find(import_id)
    assert (found.state, look) == ("cancelled", None)
    with pytest.raises(NotFound):
        await imports.find(uuid4())


async def test_an_import_ends_once(imports: Imports, person: UUID) -> None:
    import_id, mapping = await open_file(imports, person)
    with pytest.raises(InvalidInput, match="Check the file first"):
        await imports.run(import_id, actor="person:x")
    await imports.cancel(import_id, actor="person:x")
    for again in (
        imports.cancel(import_id, actor="person:x"),
        imports.check(import_id, mapping, actor="person:x"),
        imports.run(import_id, actor="person:x"),
    ):
        with pytest.raises(Conflict):
            await again
    with pytest.raises(NotFound):
        await imports.find_errors(uuid4())
    (one,) = await imports.find_newest()
    assert (one.state, one.file_name) == ("cancelled", "客户.csv")


async def test_an_imported_counter_does_not_count_what_events_told(
    database: Database, cipher: Cipher, imports: Imports, person: UUID
) -> None:
    async with database.transaction() as connection:
        one = await client.record(connection, cipher, "86000001")
        told = Report("k1", "86000001", "order_filled", datetime.now(UTC), {"amount_fen": 100})
        await client_event.record_many(connection, cipher, "oms", [told])
        (claimed,) = await client_event.claim(connection, 9)
        await client_figure.fold(connection, [claimed.id])
    import_id, mapping = await open_file(imports, person)
    await imports.check(import_id, mapping, actor="person:x")
    await imports.run(import_id, actor="person:x")
    async with database.transaction() as connection:
        await client_figure.recount(connection)
        assert (await client_figure.find(connection, one))["trades_90d"] == 40


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ({"a": "client_no", "x": "name"}, "no column"),
        ({"a": "client_no", "b": "shoe"}, "none of"),
        ({"a": "client_no", "b": "client_no"}, "Two columns"),
        ({"a": "name"}, "Say which"),
    ],
)
def test_a_mapping_that_cannot_be_followed_is_refused(mapping: dict[str, str], word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        check_mapping(mapping, ["a", "b"])


async def test_two_numbers_of_a_merged_client_are_one_row(
    database: Database, cipher: Cipher
) -> None:
    async with database.transaction() as connection:
        one = await client.record(connection, cipher, "1")
        two = await client.record(connection, cipher, "2")
        merged = text("UPDATE client SET merged_into = :one WHERE id = :two")
        await connection.execute(merged, {"one": one, "two": two})
        entries = [client_entry.Entry("1", name="甲"), client_entry.Entry("2", name="乙")]
        assert (await client_entry.write(connection, cipher, entries, source="test")).made == 0
        found = await client.find(connection, cipher, one)
    assert found is not None
    assert found.name == "乙"


async def test_who_is_in_the_file_can_be_reached_and_agrees_where_it_says_so(
    database: Database, cipher: Cipher, imports: Imports, person: UUID
) -> None:
    async with database.transaction() as connection:
        for channel, name in (("sms", "main"), ("email", "mail")):
            setup = account.Setup(channel, "lab", name, {}, {})
            await account.add(connection, cipher, setup, actor="test")
    file = (
        "客户号,手机,邮箱,营销授权,时区\n"
        "1,13800138000,Li@Example.com,是,香港\n"
        "2,13900139000,,不同意,\n"
        "3,13800138000,,同意,纽约时间\n"
    )
    import_id, mapping = await open_file(imports, person, file)
    assert set(mapping.values()) == {"client_no", "phone", "email", "marketing", "timezone"}
    await imports.check(import_id, mapping, actor="person:x")
    assert await imports.run(import_id, actor="person:x") == Done(3, 3, 1)
    found = await rows_of(
        database,
        "SELECT channel, address, consents->>'marketing' AS said, timezone FROM identity "
        "JOIN client ON client.id = client_id ORDER BY address",
    )
    assert [tuple(row.values()) for row in found] == [
        ("sms", "+8613800138000", "yes", "Asia/Hong_Kong"),
        ("sms", "+8613900139000", "no", "Asia/Shanghai"),
        ("email", "li@example.com", "yes", "Asia/Hong_Kong"),
    ]
    (zone,) = await rows_of(database, "SELECT timezone FROM client WHERE timezone LIKE 'America%'")
    assert zone["timezone"] == "America/New_York"


async def test_what_was_sent_to_us_before_there_was_an_account_is_made_up_by_night(
    database: Database, cipher: Cipher, imports: Imports, person: UUID
) -> None:
    import_id, mapping = await open_file(imports, person, "客户号,手机\n1,13800138000\n")
    await imports.check(import_id, mapping, actor="person:x")
    await imports.run(import_id, actor="person:x")
    assert await rows_of(database, "SELECT 1 FROM identity") == []
    async with database.transaction() as connection:
        setup = account.Setup("sms", "lab", "main", {}, {})
        await account.add(connection, cipher, setup, actor="test")
    night = Night(database, cipher, Tiers(database, SystemClock()), SystemClock())
    assert await night.reach_by_book() == 1
    assert await night.reach_by_book() == 0
    (row,) = await rows_of(database, "SELECT address, from_book FROM identity")
    assert row == {"address": "+8613800138000", "from_book": True}
