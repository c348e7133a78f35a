"""Say who may sign in at the desk; every change is on the record.

zhida staff list                                   列出员工账号 · list the logins
zhida staff add LOGIN --name 姓名 --role agent      新增；口令生成后只显示一次 · add one
zhida staff role LOGIN agent supervisor            改为这些角色 · give these roles instead
zhida staff password LOGIN                         换口令 · give another password
zhida staff disable LOGIN                          停用，立即退出登录 · switch off, out at once
zhida staff enable LOGIN                           重新启用 · switch on again

角色 · roles: agent 坐席, supervisor 主管, marketing 营销, approver 审批, admin 管理员。
With --ask, `add` and `password` ask for the password instead of making one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from getpass import getpass
from typing import TYPE_CHECKING, Final

from kernel.errors import InvalidInput
from service.parser import make_parser
from service.source import load_settings

if TYPE_CHECKING:
    from desk.people import People


def run(words: Sequence[str]) -> int:
    """Do what the first word says."""
    parser = make_parser("staff", __doc__)
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="|".join(_DEEDS))
    deeds.add_parser("list", help="list the logins")
    adding = _add_deed(deeds, "add", "add a person")
    adding.add_argument("--name", required=True, help="the name that colleagues see")
    adding.add_argument("--role", action="append", required=True, dest="roles", help="repeatable")
    changing = _add_deed(deeds, "role", "give these roles instead")
    changing.add_argument("roles", nargs="+")
    for one in (adding, _add_deed(deeds, "password", "give another password")):
        one.add_argument("--ask", action="store_true", help="ask for the password")
    _add_deed(deeds, "disable", "switch a login off")
    _add_deed(deeds, "enable", "switch a login on again")
    chosen = parser.parse_args(words)
    asyncio.run(_with_people(chosen, _DEEDS[chosen.deed]))
    return 0


def _add_deed(
    deeds: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    parser = deeds.add_parser(name, help=about)
    parser.add_argument("login", type=str.lower)
    return parser


async def _list(people: People, _: argparse.Namespace) -> None:
    from desk.people import ROLES

    for one in await people.find_all(None):
        roles = "、".join(f"{ROLES.get(role, '')} {role}" for role in one.person.roles)
        state = "" if one.is_active else "  已停用 · off"
        _say(f"{one.person.login:<20} {one.person.name}  {roles}{state}")


async def _add(people: People, chosen: argparse.Namespace) -> None:
    password = _find_password(chosen)
    await people.add(
        None, login=chosen.login, name=chosen.name, roles=chosen.roles, password=password
    )
    _say(f"已新增 {chosen.login} · added")
    _tell_password(chosen, password)


async def _change_roles(people: People, chosen: argparse.Namespace) -> None:
    await people.change_roles(None, await people.find_id(chosen.login), chosen.roles)
    _say(f"{chosen.login} 的角色已更改，须重新登录 · roles changed, signed out")


async def _change_password(people: People, chosen: argparse.Namespace) -> None:
    person_id, password = await people.find_id(chosen.login), _find_password(chosen)
    await people.change_password(None, person_id, password)
    _say(f"{chosen.login} 的口令已更换，须重新登录 · password changed, signed out")
    _tell_password(chosen, password)


async def _disable(people: People, chosen: argparse.Namespace) -> None:
    await people.switch(None, await people.find_id(chosen.login), is_active=False)
    _say(f"{chosen.login} 已停用并退出登录 · switched off, signed out")


async def _enable(people: People, chosen: argparse.Namespace) -> None:
    await people.switch(None, await people.find_id(chosen.login), is_active=True)
    _say(f"{chosen.login} 已启用 · switched on")


def _find_password(chosen: argparse.Namespace) -> str:
    """Ask twice for a password, or make one."""
    from desk.people import make_password

    if not chosen.ask:
        return make_password()
    password = getpass("口令 · password: ")
    if getpass("再输一次 · once more: ") != password:
        raise InvalidInput("The two passwords differ.", zh="两次输入的口令不一致。")
    return password


def _tell_password(chosen: argparse.Namespace, password: str) -> None:
    if not chosen.ask:
        _say(f"口令（只显示这一次）· password, shown this once: {password}")


async def _with_people(
    chosen: argparse.Namespace, deed: Callable[[People, argparse.Namespace], Awaitable[None]]
) -> None:
    from desk.people import People
    from service.loan import borrow
    from store.engine import Database

    async with borrow(load_settings(make_secrets=False), database=True) as lent:
        database = Database(lent.store_url)
        try:
            await deed(People(database), chosen)
        finally:
            await database.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


_DEEDS: Final[dict[str, Callable[[People, argparse.Namespace], Awaitable[None]]]] = {
    "list": _list,
    "add": _add,
    "role": _change_roles,
    "password": _change_password,
    "disable": _disable,
    "enable": _enable,
}
