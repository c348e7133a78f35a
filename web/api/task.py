"""Tasks over HTTP: what is to be done for whom, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from desk.task import Tasks, show_task
from kernel.errors import InvalidInput
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, read_number, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

PAGE = 50


@dataclass(frozen=True, slots=True)
class TaskDoor:
    """The routes under /v1/tasks."""

    signs: SignIns
    tasks: Tasks

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/tasks/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/tasks", self.list),
            ("GET", one, self.get),
            ("POST", one + "/take", self.take),
            ("POST", one + "/done", self.end),
            ("POST", one + "/cancel", self.cancel),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of tasks: `view` is open, late or ended; `after` the last one seen."""
        page = await self.tasks.find_page(
            person,
            request.query.get("view", "open"),
            after=read_after(request),
            limit=read_number(request, "limit", PAGE),
        )
        counts = {"open": page.open, "late": page.late}
        return answer_json({"tasks": [show_task(row) for row in page.rows], "counts": counts})

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return one task."""
        return answer_json(show_task(await self.tasks.access_task_for(person, _id(request))))

    async def take(self, request: web.Request, person: Person) -> web.Response:
        """Give the task to whoever asks."""
        return answer_json(show_task(await self.tasks.take(person, _id(request))))

    async def end(self, request: web.Request, person: Person) -> web.Response:
        """End the task with an outcome."""
        outcome = (await read_json(request)).get("outcome")
        return answer_json(show_task(await self.tasks.end(person, _id(request), str(outcome))))

    async def cancel(self, request: web.Request, person: Person) -> web.Response:
        """Cancel the task for a reason."""
        why = read_why(await read_json(request))
        return answer_json(show_task(await self.tasks.cancel(person, _id(request), why)))


def read_after(request: web.Request) -> UUID | None:
    """Read after which item a page begins.

    Raises:
        InvalidInput: it is no id.
    """
    text = request.query.get("after", "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise InvalidInput(
            "after is the id of the last item seen.", zh="after 应为 id。"
        ) from error


def read_why(body: dict[str, object]) -> str:
    """Read a reason in a person's own words.

    Raises:
        InvalidInput: it is no text.
    """
    why = body.get("why")
    if not isinstance(why, str) or "\0" in why:
        raise InvalidInput("why is a reason in words.", zh="请填写原因。")
    return why


def _id(request: web.Request) -> UUID:
    return parse_id(request.match_info["id"])
