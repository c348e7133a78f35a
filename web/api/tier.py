"""The rules of tiers over HTTP: read, changed in versions, computed on demand."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass, field

from aiohttp import web

from clients.tier import RuleSet, Tiers, load_shipped, show_rules
from kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, ServiceError
from kernel.message import Json
from store import tier_run
from store.staff import Person
from store.tier_run import TierRun
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

log = logging.getLogger(__name__)
EDITORS = frozenset({"marketing", "supervisor", "admin"})


@dataclass(frozen=True, slots=True)
class TierDoor:
    """The routes under /v1/tiers; who does marketing or supervises may change the rules."""

    signs: SignIns
    tiers: Tiers
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/tiers/rules", self.rules),
            ("PUT", "/v1/tiers/rules", self.change),
            ("GET", "/v1/tiers/rules/{version}", self.version),
            ("GET", "/v1/tiers/runs", self.runs),
            ("POST", "/v1/tiers/runs", self.compute),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))
        app.on_cleanup.append(self._end)

    async def rules(self, _: web.Request, person: Person) -> web.Response:
        """Return the rules that hold, those that were shipped, and who changed them when."""
        _check_editor(person)
        found = _show_rules(await self.tiers.find_rules())
        history: list[Json] = [
            {"version": one.version, "author": one.author, "at": one.at.isoformat()}
            for one in await self.tiers.find_history()
        ]
        shipped = show_rules(load_shipped())
        return answer_json(found | {"shipped": shipped, "history": history})

    async def version(self, request: web.Request, person: Person) -> web.Response:
        """Return the rules as one version had them."""
        _check_editor(person)
        version = _read_version(request.match_info["version"])
        rules = await self.tiers.find_version(version)
        return answer_json({"version": version, "rules": rules})

    async def change(self, request: web.Request, person: Person) -> web.Response:
        """Keep a new version of the rules; the tiers follow at the next computation."""
        _check_editor(person)
        body = await read_json(request)
        after = body.get("version")
        if not isinstance(after, int) or isinstance(after, bool) or not 0 <= after < 2**31:
            raise InvalidInput(
                "version is the version that was read, a whole number.", zh="请提供所读取的版本号。"
            )
        found = await self.tiers.change(body.get("rules"), after=after, author_id=person.id)
        return answer_json(_show_rules(found))

    async def runs(self, _: web.Request, person: Person) -> web.Response:
        """Return the newest computations: how far they are, what came of them, where fifths lay."""
        _check_editor(person)
        async with self.tiers.database.transaction() as connection:
            found = await tier_run.find_newest(connection)
        return answer_json({"runs": [_show_run(one) for one in found]})

    async def compute(self, _: web.Request, person: Person) -> web.Response:
        """Begin a computation; GET tells how far it is."""
        _check_editor(person)
        if self._running:
            raise Conflict("Tiers are being computed right now.", zh="分层正在计算中。")
        task = asyncio.create_task(self._compute(f"person:{person.id}"), name="tiers")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return answer_json({"ok": True}, status=202)

    async def _compute(self, actor: str) -> None:
        try:
            await self.tiers.compute(actor=actor)
        except ServiceError as error:
            log.warning("The tiers were not computed: %s", error)

    async def _end(self, _: web.Application) -> None:
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


def _check_editor(person: Person) -> None:
    if not EDITORS & set(person.roles):
        raise NotAllowed


def _read_version(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 10 or int(text) >= 2**31:
        raise NotFound("There is no such version.", zh="没有这个版本。")
    return int(text)


def _show_rules(found: RuleSet) -> dict[str, Json]:
    return {"version": found.version, "rules": show_rules(found.rules)}


def _show_run(one: TierRun) -> Json:
    return asdict(one) | {
        "id": str(one.id),
        "at": one.at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }
