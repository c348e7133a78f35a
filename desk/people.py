"""Who may sign in: added, given roles and passwords, and switched off, each on the record."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from argon2 import PasswordHasher

from kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kernel.happening import PERSON_ADDED, PERSON_CHANGED, Happening
from kernel.message import Json
from store import audit, staff, staff_book
from store.engine import Connection, Database
from store.staff_book import Member

ROLES: Final[Mapping[str, str]] = {
    "agent": "坐席",
    "supervisor": "主管",
    "marketing": "营销",
    "approver": "审批",
    "admin": "管理员",
}
LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
NAME_LENGTH: Final = 64
PASSWORD_LENGTHS: Final = (12, 256)
_PASSWORD_BYTES = 15


@dataclass(frozen=True, slots=True)
class People:
    """What an admin, or the command of the house (`actor_id` None), does with logins.

    Every change but a switch back on ends the sign-ins of who is changed.
    """

    database: Database
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    async def find_all(self, actor_id: UUID | None) -> list[Member]:
        """Return everybody, those who are switched off last."""
        async with self.database.transaction() as connection:
            return await staff_book.find_all(connection, actor_id)

    async def find_id(self, login: str) -> UUID:
        """Return whose login this is.

        Raises:
            NotFound: nobody's.
        """
        async with self.database.transaction() as connection:
            known = await staff.find_known(connection, login.strip().lower())
        if known is None:
            raise NotFound(f"There is no login {login}.", zh=f"没有用户名 {login}。")
        return known.person.id

    async def add(
        self, actor_id: UUID | None, *, login: str, name: str, roles: Sequence[str], password: str
    ) -> UUID:
        """Add a person who may sign in from now on.

        Raises:
            InvalidInput, Conflict: the login is somebody's already.
        """
        chosen = check_roles(roles)
        check_login(login)
        check_name(name)
        hashed = await self._hash(password)
        async with self.database.transaction() as connection:
            added = await staff_book.add(
                connection, actor_id, login=login, name=name, password_hash=hashed, roles=chosen
            )
            if added is None:
                raise Conflict(f"The login {login} is taken.", zh=f"用户名 {login} 已被使用。")
            told = _tell(actor_id, PERSON_ADDED, added, {"login": login, "roles": [*chosen]})
            await audit.record(connection, [told])
        return added

    async def change_roles(
        self, actor_id: UUID | None, person_id: UUID, roles: Sequence[str]
    ) -> None:
        """Give a person these roles instead of the ones they have.

        Raises:
            InvalidInput, NotFound, NotAllowed: one's own roles. Conflict: no admin would be left.
        """
        chosen = check_roles(roles)
        async with self.database.transaction() as connection:
            before = await _open(connection, actor_id, person_id)
            if not await staff_book.change_roles(connection, actor_id, person_id, chosen):
                raise _refuse(actor_id, person_id)
            await self._end(connection, actor_id, before, {"roles": [*chosen]})

    async def switch(self, actor_id: UUID | None, person_id: UUID, *, is_active: bool) -> None:
        """Switch a login off, which ends its sign-ins at once, or on again.

        Raises:
            NotFound, NotAllowed: one's own login. Conflict: no admin would be left.
        """
        async with self.database.transaction() as connection:
            before = await _open(connection, actor_id, person_id)
            if not await staff_book.switch(connection, actor_id, person_id, is_active=is_active):
                raise _refuse(actor_id, person_id)
            await self._end(connection, actor_id, before, {"is_active": is_active})

    async def change_password(self, actor_id: UUID | None, person_id: UUID, password: str) -> None:
        """Give a person another password; whoever is signed in with the old one is out.

        Raises:
            InvalidInput, NotFound.
        """
        hashed = await self._hash(password)
        async with self.database.transaction() as connection:
            before = await _open(connection, actor_id, person_id)
            if not await staff_book.change_password(connection, actor_id, person_id, hashed):
                raise NotAllowed
            await self._end(connection, actor_id, before, {"password": "changed"})

    async def _hash(self, password: str) -> str:
        check_password(password)
        return await asyncio.to_thread(self.hasher.hash, password)

    async def _end(
        self,
        connection: Connection,
        actor_id: UUID | None,
        before: Member,
        after: Mapping[str, Json],
    ) -> None:
        ended = await staff_book.end_sign_ins(connection, before.person.id)
        was: dict[str, Json] = {"roles": [*before.person.roles], "is_active": before.is_active}
        earlier = {name: was[name] for name in after if name in was}
        now: dict[str, Json] = {**after, "sign_ins_ended": ended}
        told = _tell(actor_id, PERSON_CHANGED, before.person.id, now, earlier)
        await audit.record(connection, [told])


def make_password() -> str:
    """Return a password that nobody has had, of 20 characters."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def check_roles(roles: Sequence[str]) -> tuple[str, ...]:
    """Return the roles once each, in the order of `ROLES`.

    Raises:
        InvalidInput: there is none, or one that nobody can have.
    """
    if not roles or set(roles) - ROLES.keys():
        raise InvalidInput(
            f"roles are one or more of {', '.join(ROLES)}.",
            zh="角色应为以下一个或多个：" + "、".join(f"{zh} {key}" for key, zh in ROLES.items()),
        )
    return tuple(one for one in ROLES if one in roles)


def check_login(login: str) -> None:
    """Refuse what nobody could sign in with."""
    if not LOGIN.fullmatch(login):
        raise InvalidInput(
            "login has 1 to 64 small letters, digits and . _ @ -, and begins with none of these.",
            zh="用户名为 1 至 64 个小写字母、数字或 . _ @ -，以字母或数字开头。",
        )


def check_name(name: str) -> None:
    """Refuse a name that shows nothing."""
    if not 0 < len(name.strip()) <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise InvalidInput(
            f"name is a text of 1 to {NAME_LENGTH} characters.", zh="请填写姓名，至多 64 个字。"
        )


def check_password(password: str) -> None:
    """Refuse a password that is too short to be safe, or too long to be hashed in time."""
    least, most = PASSWORD_LENGTHS
    if not least <= len(password) <= most:
        raise InvalidInput(
            f"A password has {least} to {most} characters.", zh=f"口令为 {least} 至 {most} 个字符。"
        )


async def _open(connection: Connection, actor_id: UUID | None, person_id: UUID) -> Member:
    """Return the person as they are, with all other changes of staff kept waiting."""
    await staff_book.lock(connection)
    found = await staff_book.find_all(connection, actor_id)
    member = next((one for one in found if one.person.id == person_id), None)
    if member is None:
        raise NotFound("There is no such person.", zh="没有这位员工。")
    return member


def _refuse(actor_id: UUID | None, person_id: UUID) -> NotAllowed | Conflict:
    if actor_id == person_id:
        return NotAllowed(
            "Nobody changes their own roles or login; ask another admin.",
            zh="不能更改自己的角色或停用自己，请由另一位管理员操作。",
        )
    return Conflict("One admin must stay.", zh="至少要保留一位管理员。")


def _tell(
    actor_id: UUID | None,
    verb: str,
    person_id: UUID,
    after: Mapping[str, Json],
    before: Mapping[str, Json] | None = None,
) -> Happening:
    actor = f"person:{actor_id}" if actor_id else "command"
    return Happening(actor, verb, "person", person_id, before or {}, after)
