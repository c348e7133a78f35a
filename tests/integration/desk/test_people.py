"""Logins are kept by who may, and the command of the house makes the first one."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from desk.people import People
from kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from service.main import main
from store import staff, staff_book
from store.engine import Database

_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def people(database: Database) -> People:
    return People(database, _QUICK)


async def add(people: People, login: str, *roles: str) -> UUID:
    return await people.add(
        None, login=login, name=f"示例{login}", roles=roles, password="a long password"
    )


async def test_statements_ask_who_does_it(people: People, database: Database) -> None:
    admin, agent = await add(people, "admin", "admin"), await add(people, "wang", "agent")
    other = await add(people, "li", "agent")
    async with database.transaction() as connection:
        assert await staff_book.find_all(connection, agent) == []
        assert len(await staff_book.find_all(connection, admin)) == 3
        assert not await staff_book.change_roles(connection, agent, other, ["admin"])
        assert not await staff_book.change_password(connection, agent, other, "x")
        assert not await staff_book.switch(connection, agent, other, is_active=False)
        added = await staff_book.add(
            connection, agent, login="mine", name="x", password_hash="x", roles=["admin"]
        )
        assert added is None
    await people.switch(None, await add(people, "second", "admin"), is_active=True)
    await people.switch(None, admin, is_active=False)
    async with database.transaction() as connection:
        assert await staff_book.find_all(connection, admin) == []


async def test_one_admin_stays_even_when_two_switch_each_other_off(people: People) -> None:
    first, second = await add(people, "first", "admin"), await add(people, "second", "admin")
    outcomes = await asyncio.gather(
        people.switch(first, second, is_active=False),
        people.change_roles(second, first, ["agent"]),
        return_exceptions=True,
    )
    assert [type(one) for one in outcomes if one] in ([NotFound], [NotAllowed], [Conflict])
    left = [one for one in await people.find_all(None) if one.is_active]
    admins = [one.person.id for one in left if "admin" in one.person.roles]
    assert len(admins) == 1
    with pytest.raises(Conflict):
        await people.switch(None, admins[0], is_active=False)
    with pytest.raises(Conflict):
        await people.change_roles(None, admins[0], ["agent"])


async def test_nobody_raises_themselves(people: People) -> None:
    mine = await add(people, "first", "admin")
    await add(people, "second", "admin")
    with pytest.raises(NotAllowed):
        await people.change_roles(mine, mine, ["admin", "approver"])
    with pytest.raises(NotAllowed):
        await people.switch(mine, mine, is_active=False)
    with pytest.raises(InvalidInput):
        await people.change_password(mine, mine, "short")


async def test_the_command_makes_the_first_admin(
    database_url: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ZHIDA_DATABASE_URL", database_url.replace("+asyncpg", ""))

    async def say(*words: str) -> str:
        assert await asyncio.to_thread(main, ["staff", *words]) == 0
        return capsys.readouterr().out

    shown = await say("add", "Chen", "--name", "陈主管", "--role", "admin", "--role", "agent")
    password = shown.split(": ")[-1].strip()
    async with database.transaction() as connection:
        known = await staff.find_known(connection, "chen")
    assert known
    assert known.person.roles == ("agent", "admin")
    assert PasswordHasher().verify(known.password_hash, password)
    await say("add", "wang", "--name", "小王", "--role", "agent")
    await say("role", "wang", "supervisor")
    await say("disable", "wang")
    listed = await say("list")
    assert "supervisor" in listed
    assert "已停用" in listed
    assert password not in listed
    assert await asyncio.to_thread(main, ["staff", "disable", "nobody"]) == 1
    assert await asyncio.to_thread(main, ["staff", "disable", "chen"]) == 1
