"""The urgency table over HTTP: everybody at the desk reads it, supervisors and admins change it."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from kernel.errors import InvalidInput, NotAllowed, NotFound
from orchestrator.urgency import find_policies, parse_policy, record_policy, show_policy
from store import urgency as store
from store.engine import Database
from store.notice_draft import URGENCIES
from store.staff import Person
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class UrgencyDoor:
    """The routes under /v1/urgency."""

    signs: SignIns
    database: Database

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/urgency", self.list),
            ("GET", "/v1/urgency/{urgency}", self.get),
            ("PUT", "/v1/urgency/{urgency}", self.put),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, _: web.Request, person: Person) -> web.Response:
        """Return the policy of each urgency, the most urgent first."""
        del person
        async with self.database.transaction() as connection:
            found = await find_policies(connection)
        return answer_json({"urgencies": [show_policy(one) for one in found.values()]})

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return one policy with its history."""
        del person
        urgency = _urgency(request)
        async with self.database.transaction() as connection:
            found = await find_policies(connection)
            history = await store.find_history(connection, urgency)
        return answer_json(show_policy(found[urgency], history))

    async def put(self, request: web.Request, person: Person) -> web.Response:
        """Keep a new version: `{"version": the one that was seen, "policy": {…}}`."""
        if not person.sees_all:
            raise NotAllowed(
                "Only supervisors and admins change the urgency table.",
                zh="只有主管和管理员可以修改紧急程度策略。",
            )
        urgency = _urgency(request)
        body = await read_json(request)
        seen = body.get("version")
        if isinstance(seen, bool) or not isinstance(seen, int) or not 0 <= seen < 2**31 - 1:
            raise InvalidInput(
                "version is the number of the version that you saw.",
                zh="请带上您看到的版本号 version。",
            )
        policy = parse_policy(body.get("policy"))
        async with self.database.transaction() as connection:
            made = await record_policy(connection, person, urgency, policy, seen=seen)
        return answer_json(show_policy(made))


def _urgency(request: web.Request) -> str:
    urgency = request.match_info["urgency"]
    if urgency not in URGENCIES:
        raise NotFound("There is no such urgency.", zh="没有这个紧急程度。")
    return urgency
