"""Journeys over HTTP: write, check, draw, try, approve, start and end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from aiohttp import web

from channels.live import JOURNEY, Hub
from kernel.clock import CHINA, Clock
from kernel.errors import InvalidInput, NotAllowed
from kernel.message import Json
from orchestrator.journey_desk import JourneyDesk, Where
from orchestrator.journey_graph import draw
from orchestrator.journey_lint import Checked
from orchestrator.journey_text import LIMIT
from store.engine import Database
from store.journey import JourneyRow
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

WRITERS: Final = frozenset(("marketing", "supervisor", "admin"))
APPROVERS: Final = frozenset(("approver", "supervisor", "admin"))
_SINCE_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class JourneyDoor:
    """The routes under /v1/journeys."""

    signs: SignIns
    database: Database
    hub: Hub
    clock: Clock

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/journeys/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/journeys", self.list),
            ("POST", "/v1/journeys", self.draft),
            ("POST", "/v1/journeys/lint", self.lint),
            ("POST", "/v1/journeys/rehearsal", self.rehearse),
            ("GET", one, self.get),
            ("GET", one + "/where", self.where),
            ("POST", one + "/submit", self.submit),
            ("POST", one + "/return", self.give_back),
            ("POST", one + "/approve", self.approve),
            ("POST", one + "/activate", self.activate),
            ("POST", one + "/retire", self.retire),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    @property
    def desk(self) -> JourneyDesk:
        """Journeys as people handle them."""
        return JourneyDesk(self.database, self.clock)

    async def list(self, _: web.Request, person: Person) -> web.Response:
        """Return every version that is not retired."""
        _check(person, WRITERS | APPROVERS)
        rows = await self.desk.find_all()
        return answer_json({"journeys": [show_row(one) for one in rows]})

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return a version with its words, its drawing and what is wrong with it now."""
        _check(person, WRITERS | APPROVERS)
        row, checked = await self.desk.find(_id(request))
        return answer_json(
            {"journey": show_row(row), "definition": row.definition, **show_checked(checked)}
        )

    async def where(self, request: web.Request, person: Person) -> web.Response:
        """Return who is where on a version."""
        _check(person, WRITERS | APPROVERS)
        return answer_json(show_where(await self.desk.find_where(_id(request))))

    async def lint(self, request: web.Request, person: Person) -> web.Response:
        """Check a journey that is being written; what is wrong is no error here."""
        _check(person, WRITERS | APPROVERS)
        checked = await self.desk.check(_definition(await read_json(request)))
        return answer_json(show_checked(checked))

    async def rehearse(self, request: web.Request, person: Person) -> web.Response:
        """Try a journey on what happened since a day."""
        _check(person, WRITERS | APPROVERS)
        body = await read_json(request)
        since = self._read_since(body.get("since"))
        tried = await self.desk.rehearse(_definition(body), since)
        return answer_json({"since": since.isoformat(), **tried.to_json()})

    async def draft(self, request: web.Request, person: Person) -> web.Response:
        """Write a new version as a draft."""
        _check(person, WRITERS)
        row = await self.desk.draft(_definition(await read_json(request)), person.id)
        return answer_json({"journey": show_row(row)}, status=201)

    async def submit(self, request: web.Request, person: Person) -> web.Response:
        """Hand a draft in for approval."""
        _check(person, WRITERS)
        return _answer(await self.desk.move(_id(request), "review", person.id))

    async def give_back(self, request: web.Request, person: Person) -> web.Response:
        """Give a version in review back to its author."""
        _check(person, APPROVERS)
        return _answer(await self.desk.move(_id(request), "draft", person.id))

    async def approve(self, request: web.Request, person: Person) -> web.Response:
        """Approve a version that somebody else wrote."""
        _check(person, APPROVERS)
        return _answer(await self.desk.approve(_id(request), person.id))

    async def activate(self, request: web.Request, person: Person) -> web.Response:
        """Start an approved version; the one before it lets nobody in any more."""
        _check(person, WRITERS)
        row = await self.desk.move(_id(request), "active", person.id)
        self.hub.publish(JOURNEY)
        return _answer(row)

    async def retire(self, request: web.Request, person: Person) -> web.Response:
        """Let nobody in any more, and end those under way if so asked."""
        _check(person, WRITERS)
        end_runs = (await read_json(request)).get("end_runs", False)
        if not isinstance(end_runs, bool):
            raise InvalidInput("end_runs is true or false.", zh="end_runs 应为 true 或 false。")
        return _answer(await self.desk.retire(_id(request), person.id, end_runs=end_runs))

    def _read_since(self, value: object) -> datetime:
        if value is None:
            return self.clock.now() - timedelta(days=_SINCE_DAYS)
        try:
            return datetime.combine(date.fromisoformat(str(value)), time(), CHINA)
        except ValueError as error:
            raise InvalidInput(
                "since is a day such as 2026-11-01.", zh="since 应为日期，如 2026-11-01。"
            ) from error


def show_row(row: JourneyRow) -> dict[str, Json]:
    """Return a version as JSON, without its words."""
    return {
        "id": str(row.id),
        "key": row.key,
        "version": row.version,
        "title": row.title,
        "state": row.state,
        "author_id": str(row.author_id) if row.author_id else None,
        "approver_id": str(row.approver_id) if row.approver_id else None,
        "created_at": row.created_at.isoformat(),
        "activated_at": row.activated_at.isoformat() if row.activated_at else None,
    }


def show_checked(checked: Checked) -> dict[str, Json]:
    """Return what a check found, and the drawing of what can run."""
    graph = draw(checked.journey) if checked.journey else None
    return {
        "ok": checked.journey is not None,
        "problems": [
            {
                "line": one.line,
                "where": one.where,
                "zh": one.zh,
                "en": one.en,
                "is_warning": one.is_warning,
            }
            for one in checked.problems
        ],
        "graph": graph.to_json() if graph else None,
        "mermaid": graph.to_mermaid() if graph else None,
    }


def show_where(where: Where) -> dict[str, Json]:
    """Return who waits at which step, how others ended, and what was done."""
    return {
        "waiting": [
            {"step": one.step, "n": one.n} for one in where.counts if one.state == "waiting"
        ],
        "ended": _sum((one.outcome or "", one.n) for one in where.counts if one.state == "ended"),
        "done": [{"step": one.step, "result": one.result, "n": one.n} for one in where.done],
    }


def _sum(counts: Iterable[tuple[str, int]]) -> list[Json]:
    total: dict[str, int] = {}
    for outcome, n in counts:
        total[outcome] = total.get(outcome, 0) + n
    return [{"outcome": outcome, "n": n} for outcome, n in sorted(total.items())]


def _check(person: Person, roles: frozenset[str]) -> None:
    if not roles & set(person.roles):
        raise NotAllowed


def _definition(body: dict[str, object]) -> str:
    text = body.get("definition")
    if not isinstance(text, str) or not 0 < len(text) <= LIMIT:
        raise InvalidInput(
            f"definition is YAML of 1 to {LIMIT} characters.", zh="definition 应为流程的 YAML。"
        )
    return text


def _id(request: web.Request) -> UUID:
    return parse_id(request.match_info["id"])


def _answer(row: JourneyRow) -> web.Response:
    return answer_json({"journey": show_row(row)})
