"""Logins over HTTP: admins add people, give them roles and passwords, and switch them off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from channels.live import DESK, SIGNED_OUT, Hub
from desk.people import ROLES, People, make_password
from kernel.errors import InvalidInput, NotAllowed
from kernel.message import Json
from store.staff import Person
from store.staff_book import Member
from web.access import parse_id
from web.api.desk import PersonHandler, signed_in
from web.api.session import show_person
from web.errors import answer_json, read_json
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class StaffDoor:
    """The routes under /v1/staff, for admins. A new password is in the answer, and nowhere else."""

    signs: SignIns
    people: People
    hub: Hub

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/staff/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/staff", self.list),
            ("POST", "/v1/staff", self.add),
            ("POST", one + "/roles", self.change_roles),
            ("POST", one + "/password", self.change_password),
            ("POST", one + "/disable", self.disable),
            ("POST", one + "/enable", self.enable),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, _: web.Request, person: Person) -> web.Response:
        """Return everybody, and the roles that there are."""
        _check_admin(person)
        found = await self.people.find_all(person.id)
        return answer_json({"staff": [_show(one) for one in found], "roles": list(ROLES)})

    async def add(self, request: web.Request, person: Person) -> web.Response:
        """Add a person, whose password is told in the answer."""
        _check_admin(person)
        body, password = await read_json(request), make_password()
        added = await self.people.add(
            person.id,
            login=_read_text(body, "login", "请填写用户名。"),
            name=_read_text(body, "name", "请填写姓名。"),
            roles=_read_roles(body),
            password=password,
        )
        return answer_json({"id": str(added), "password": password}, status=201)

    async def change_roles(self, request: web.Request, person: Person) -> web.Response:
        """Give a person other roles; they sign in again."""
        _check_admin(person)
        person_id, roles = _id(request), _read_roles(await read_json(request))
        await self.people.change_roles(person.id, person_id, roles)
        return self._answer(person_id)

    async def change_password(self, request: web.Request, person: Person) -> web.Response:
        """Give a person a new password, which is told in the answer."""
        _check_admin(person)
        person_id, password = _id(request), make_password()
        await self.people.change_password(person.id, person_id, password)
        return self._answer(person_id, password=password)

    async def disable(self, request: web.Request, person: Person) -> web.Response:
        """Switch a login off; what is open of it ends now."""
        _check_admin(person)
        person_id = _id(request)
        await self.people.switch(person.id, person_id, is_active=False)
        return self._answer(person_id)

    async def enable(self, request: web.Request, person: Person) -> web.Response:
        """Switch a login on again."""
        _check_admin(person)
        person_id = _id(request)
        await self.people.switch(person.id, person_id, is_active=True)
        return self._answer(person_id)

    def _answer(self, person_id: UUID, **more: str) -> web.Response:
        self.hub.publish(DESK, {"type": SIGNED_OUT, "person_id": str(person_id)})
        return answer_json({"id": str(person_id), **more})


def _check_admin(person: Person) -> None:
    if "admin" not in person.roles:
        raise NotAllowed


def _id(request: web.Request) -> UUID:
    return parse_id(request.match_info["id"])


def _read_text(body: Mapping[str, object], name: str, zh: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is a text.", zh=zh)
    return value


def _read_roles(body: Mapping[str, object]) -> list[str]:
    roles = body.get("roles")
    if not isinstance(roles, list) or not all(isinstance(one, str) for one in roles):
        raise InvalidInput("roles is a list of texts.", zh="请选择角色。")
    return roles


def _show(one: Member) -> dict[str, Json]:
    return {
        **show_person(one.person),
        "is_active": one.is_active,
        "created_at": one.created_at.isoformat(),
        "seen_at": one.seen_at.isoformat() if one.seen_at else None,
    }
