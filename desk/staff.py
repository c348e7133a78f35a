"""The demo's people: made at first start, with the one generated demo password."""

from __future__ import annotations

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from store import staff
from store.engine import Database

DEMO_PEOPLE: Final = (
    ("agent", "小王", ("agent",)),
    ("agent2", "小李", ("agent",)),
    ("supervisor", "陈主管", ("agent", "supervisor")),
    ("admin", "管理员", ("admin",)),
)


async def record_demo_people(database: Database, password: str) -> tuple[str, ...]:
    """Make sure that the demo logins exist with this password; return their logins."""
    hasher = PasswordHasher()
    for login, name, roles in DEMO_PEOPLE:
        async with database.transaction() as connection:
            known = await staff.find_known(connection, login)
            if known and known.is_active and _fits(hasher, known.password_hash, password):
                continue
            await staff.record_person(
                connection,
                login=login,
                name=name,
                password_hash=hasher.hash(password),
                roles=roles,
            )
    return tuple(login for login, _, _ in DEMO_PEOPLE)


def _fits(hasher: PasswordHasher, hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
