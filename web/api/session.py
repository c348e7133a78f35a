"""POST, GET and DELETE /v1/session: in, who am I, out."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from kernel.message import Json
from store.staff import Person, SignedIn
from web.errors import answer_json, read_json
from web.sign_in import COOKIE, SignIns, check_origin


@dataclass(frozen=True, slots=True)
class SessionDoor:
    """The routes of /v1/session."""

    signs: SignIns

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_post("/v1/session", self.open)
        app.router.add_get("/v1/session", self.get)
        app.router.add_delete("/v1/session", self.close)
        app.router.add_post("/v1/session/password", self.change_password)

    async def open(self, request: web.Request) -> web.Response:
        """Sign in."""
        check_origin(request)
        body = await read_json(request)
        opened = await self.signs.open(
            body.get("login"),
            body.get("password"),
            ip=request.remote or "",
            old=request.cookies.get(COOKIE, ""),
        )
        response = answer_json(show_session(opened.signed))
        self.signs.set_cookie(response, opened.token)
        return response

    async def get(self, request: web.Request) -> web.Response:
        """Tell who is signed in."""
        return answer_json(show_session(await self.signs.find(request)))

    async def close(self, request: web.Request) -> web.Response:
        """Sign out."""
        await self.signs.access_person(request)
        await self.signs.close(request)
        response = answer_json({})
        response.del_cookie(COOKIE, path="/")
        return response

    async def change_password(self, request: web.Request) -> web.Response:
        """Change one's own password, by the old one."""
        body = await read_json(request)
        await self.signs.change_password(request, body.get("old"), body.get("new"))
        return answer_json({})


def show_session(signed: SignedIn) -> dict[str, Json]:
    """Return a sign-in as the console reads it."""
    return {
        "person": show_person(signed.person),
        "csrf": signed.csrf,
        "expires_at": signed.expires_at.isoformat(),
    }


def show_person(person: Person) -> dict[str, Json]:
    """Return a person as the console reads them."""
    return {
        "id": str(person.id),
        "login": person.login,
        "name": person.name,
        "roles": list(person.roles),
    }
