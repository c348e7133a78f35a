"""The demo's people: made at first start, with the one generated demo password."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from store import staff
from store.engine import Database
from store.staff import Known

DEMO_PEOPLE: Final = (
    ("agent", "小王", ("agent",)),
    ("agent2", "小李", ("agent",)),
    ("supervisor", "陈主管", ("agent", "supervisor")),
    ("admin", "管理员", ("admin",)),
    ("marketing", "赵市场", ("marketing",)),
    ("approver", "孙审批", ("approver",)),
)


async def record_demo_people(
    database: Database, password: str, hasher: PasswordHasher | None = None
) -> tuple[str, ...]:
    """Make sure that the demo logins exist with this password; return their logins.

    They share one hash, as they share the password: a start costs one look at it, not one each.
    """
    hasher = hasher or PasswordHasher()
    logins = tuple(login for login, _, _ in DEMO_PEOPLE)
    async with database.transaction() as connection:
        found = {login: await staff.find_known(connection, login) for login in logins}
        hashes = {known.password_hash for known in found.values() if known}
        fitting = (one for one in sorted(hashes) if _fits(hasher, one, password))
        hashed = next(fitting, None) or hasher.hash(password)
        for login, name, roles in DEMO_PEOPLE:
            if not _is_as_said(found[login], name, roles, hashed):
                await staff.record_person(
                    connection, login=login, name=name, password_hash=hashed, roles=roles
                )
    return logins


def _is_as_said(known: Known | None, name: str, roles: Sequence[str], hashed: str) -> bool:
    if known is None or not known.is_active:
        return False
    person = known.person
    return (person.name, person.roles, known.password_hash) == (name, tuple(roles), hashed)


def _fits(hasher: PasswordHasher, hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
