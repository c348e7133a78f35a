"""The desk's tickets over HTTP: lists, one ticket, and what a person does with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from aiohttp import web

from desk.queue import Queue, show_detail, show_row
from desk.ticket import Moved, Tickets
from kernel.errors import InvalidInput, NotAllowed
from store import staff
from store.engine import Database
from store.staff import Person
from web.access import Access, parse_id
from web.api.session import show_person
from web.errors import Handler, answer_json, read_json
from web.sign_in import SignIns

PersonHandler: TypeAlias = Callable[[web.Request, Person], Awaitable[web.StreamResponse]]
PAGE = 50


def signed_in(signs: SignIns, handler: PersonHandler) -> Handler:
    """Return a handler that only staff reach; it is told who they are."""

    async def run(request: web.Request) -> web.StreamResponse:
        return await handler(request, await signs.access_person(request))

    return run


@dataclass(frozen=True, slots=True)
class DeskDoor:
    """The routes under /v1/desk/tickets and /v1/desk/people."""

    signs: SignIns
    access: Access
    queue: Queue
    tickets: Tickets
    database: Database

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        ticket = "/v1/desk/tickets/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/desk/tickets", self.list),
            ("GET", ticket, self.get),
            ("POST", ticket + "/take", self.take),
            ("POST", ticket + "/hand-back", self.hand_back),
            ("POST", ticket + "/resolve", self.resolve),
            ("POST", ticket + "/assign", self.assign),
            ("GET", "/v1/desk/people", self.people),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of tickets."""
        view = request.query.get("view", "queue")
        before = read_before(request)
        limit = read_number(request, "limit", PAGE)
        page = await self.queue.find_page(person, view, limit=limit, before=before)
        return answer_json(
            {
                "tickets": [show_row(row) for row in page.rows],
                "counts": {"queue": page.queue, "mine": page.mine},
            }
        )

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return one ticket and why it came to people."""
        detail = await self.access.access_ticket_for(person, _id(request))
        return answer_json(show_detail(detail))

    async def take(self, request: web.Request, person: Person) -> web.Response:
        """Take a ticket and its conversation."""
        return _answer(await self.tickets.take(person, _id(request)))

    async def hand_back(self, request: web.Request, person: Person) -> web.Response:
        """Give the conversation back to the assistant."""
        return _answer(await self.tickets.hand_back(person, _id(request)))

    async def resolve(self, request: web.Request, person: Person) -> web.Response:
        """End a ticket with a note."""
        body = await read_json(request)
        note, hand_back = body.get("note", ""), body.get("hand_back", True)
        if not isinstance(note, str) or not isinstance(hand_back, bool):
            raise InvalidInput("note is a text, hand_back true or false.", zh="处理说明应为文字。")
        moved = await self.tickets.resolve(person, _id(request), note, hand_back=hand_back)
        return _answer(moved)

    async def assign(self, request: web.Request, person: Person) -> web.Response:
        """Give a ticket to a colleague."""
        body = await read_json(request)
        try:
            target = UUID(str(body.get("person_id")))
        except ValueError as error:
            raise InvalidInput("person_id is the id of a colleague.", zh="请选择同事。") from error
        return _answer(await self.tickets.assign(person, _id(request), target))

    async def people(self, _: web.Request, person: Person) -> web.Response:
        """Return everybody who can be given a ticket, to supervisors and admins."""
        if not person.sees_all:
            raise NotAllowed
        async with self.database.transaction() as connection:
            found = await staff.find_people(connection)
        return answer_json({"people": [show_person(one) for one in found if one.sees_queue]})


def read_number(request: web.Request, name: str, otherwise: int) -> int:
    """Read a whole number out of the query.

    Raises:
        InvalidInput: it is none.
    """
    text = request.query.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidInput(f"{name} is a whole number.", zh=f"{name} 应为整数。")
    return int(text)


def read_before(request: web.Request) -> UUID | None:
    """Read the ticket after which a page begins.

    Raises:
        InvalidInput: it is no id.
    """
    text = request.query.get("before", "")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise InvalidInput("before is the id of a ticket.", zh="before 应为工单 id。") from error


def _id(request: web.Request) -> UUID:
    return parse_id(request.match_info["id"])


def _answer(moved: Moved) -> web.Response:
    return answer_json({"ticket": show_row(moved.row), "floor_epoch": moved.floor_epoch})
