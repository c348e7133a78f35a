"""The demo's people are there after every start, with the password of this start."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from argon2 import PasswordHasher
from sqlalchemy import text

from desk.staff import DEMO_PEOPLE, record_demo_people
from store import staff
from store.engine import Database


class LedgerHasher(PasswordHasher):
    """A quick hasher that counts its work."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.work: list[str] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.work.append("hash")
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.work.append("verify")
        return super().verify(hash, password)


async def test_a_password_is_hashed_once_and_looked_at_once_a_start(database: Database) -> None:
    hasher = LedgerHasher()
    await record_demo_people(database, "a password", hasher)
    assert hasher.work == ["hash"]
    first = await read_hashes(database)
    await record_demo_people(database, "a password", hasher)
    assert hasher.work == ["hash", "verify"]
    assert await read_hashes(database) == first


async def test_names_and_roles_are_those_of_this_release(database: Database) -> None:
    hasher = LedgerHasher()
    await record_demo_people(database, "a password", hasher)
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE person SET name = 'old', is_active = login <> 'admin'")
        )
    await record_demo_people(database, "a password", hasher)
    async with database.transaction() as connection:
        found = await staff.find_people(connection)
    assert {(one.login, one.name, one.roles) for one in found} == set(DEMO_PEOPLE)


async def read_hashes(database: Database) -> dict[str, str]:
    found = {}
    async with database.transaction() as connection:
        for login, _, _ in DEMO_PEOPLE:
            known = await staff.find_known(connection, login)
            assert known
            found[login] = known.password_hash
    return found


async def test_a_second_start_changes_nothing_and_a_new_password_all(database: Database) -> None:
    logins = await record_demo_people(database, "first password")
    first = await read_hashes(database)
    people = {"agent", "agent2", "supervisor", "admin", "marketing", "approver"}
    assert set(logins) == set(first) == people
    assert all(hashed.startswith("$argon2id$") for hashed in first.values())
    await record_demo_people(database, "first password")
    assert await read_hashes(database) == first
    await record_demo_people(database, "second password")
    second = await read_hashes(database)
    assert all(PasswordHasher().verify(hashed, "second password") for hashed in second.values())


async def test_what_is_long_over_is_swept_away(database: Database) -> None:
    await record_demo_people(database, "a password")
    async with database.transaction() as connection:
        known = await staff.find_known(connection, "agent")
        assert known
        await connection.execute(
            text("INSERT INTO sign_in (token_hash, person_id, csrf, expires_at) "
                 "VALUES ('old', :id, 'c', now() - interval '2 days')"),
            {"id": known.person.id},
        )  # fmt: skip
        await connection.execute(
            text("INSERT INTO sign_in_attempt (login, ip, is_good, at) "
                 "VALUES ('agent', 'x', false, now() - interval '31 days')")
        )  # fmt: skip
        await staff.record_sign_in(
            connection, known.person.id, token_hash=b"new", csrf="c", lasts=timedelta(hours=1)
        )
        kept = await connection.execute(text("SELECT token_hash FROM sign_in"))
        assert [row.token_hash for row in kept] == [b"new"]
        tries = await connection.execute(text("SELECT count(*) FROM sign_in_attempt"))
        assert tries.scalar_one() == 0
