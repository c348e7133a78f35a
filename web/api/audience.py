"""Audiences over HTTP: the language, a live count with a sentence and a sample, named ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from clients.tier import find_rules
from kernel.errors import InvalidInput
from kernel.masking import show_name, show_number
from kernel.message import Json
from orchestrator.approval import APPROVERS, WRITERS, check_role
from orchestrator.audience import check_size, describe_language, explain
from orchestrator.audience_word import name_words
from store import audience, audience_book
from store.audience_book import AudienceRow
from store.audience_member import find_members
from store.cipher import Cipher
from store.engine import Database
from store.staff import Person
from web.access import parse_id
from web.api.content import read_text
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

READERS = WRITERS | APPROVERS
SAMPLE = 20


@dataclass(frozen=True, slots=True)
class AudienceDoor:
    """The routes under /v1/audiences."""

    signs: SignIns
    database: Database
    cipher: Cipher

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/audiences/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/audiences", self.list),
            ("POST", "/v1/audiences", self.create),
            ("GET", "/v1/audiences/language", self.language),
            ("POST", "/v1/audiences/count", self.count),
            ("GET", one, self.get),
            ("PUT", one, self.change),
            ("DELETE", one, self.forget),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, _: web.Request, person: Person) -> web.Response:
        """Return every named audience, with what it says in both languages."""
        check_role(person, READERS)
        async with self.database.transaction() as connection:
            found = await audience_book.find_all(connection)
        return answer_json({"audiences": [_show(one) for one in found]})

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return one named audience with what it said before, and who wrote that."""
        check_role(person, READERS)
        audience_id = parse_id(request.match_info["id"])
        async with self.database.transaction() as connection:
            found = await audience_book.find(connection, audience_id)
            versions = await audience_book.find_versions(connection, audience_id)
        shown: list[Json] = [
            {
                "at": one.at.isoformat(),
                "author": one.author,
                "name": one.name,
                "expression": one.expression,
                "sentence": _say(one.expression),
            }
            for one in versions
        ]
        return answer_json({"audience": _show(found), "versions": shown})

    async def language(self, _: web.Request, person: Person) -> web.Response:
        """Return every field, its words, comparisons and events that a builder may offer."""
        check_role(person, READERS)
        async with self.database.transaction() as connection:
            rules = (await find_rules(connection)).rules
        return answer_json(describe_language(name_words(rules)))

    async def count(self, request: web.Request, person: Person) -> web.Response:
        """Count an expression, say it in a sentence and show a few of its clients, masked."""
        check_role(person, READERS)
        body = await read_json(request)
        expression = _read_expression(body)
        sentence = _say(expression)
        async with self.database.transaction() as connection:
            few = 0 if body.get("sample") is False else SAMPLE
            counted = await audience.count(connection, expression, sample=few)
            members = await find_members(connection, self.cipher, counted.sample)
        sample: list[Json] = [
            {
                "client_no": show_number(one.client_no), "name": show_name(one.name),
                "risk_level": one.risk_level, "manager": one.manager,
            }
            for one in members
        ]  # fmt: skip
        return answer_json(
            {
                "count": counted.count,
                "total": counted.total,
                "sentence": sentence,
                "sample": sample,
            }
        )

    async def create(self, request: web.Request, person: Person) -> web.Response:
        """Keep an audience under a name."""
        check_role(person, WRITERS)
        name, expression = await _read_named(request)
        async with self.database.transaction() as connection:
            check_size(await audience.count(connection, expression))
            made = await audience_book.record(connection, name, expression, author_id=person.id)
        return answer_json({"id": str(made)}, status=201)

    async def change(self, request: web.Request, person: Person) -> web.Response:
        """Replace an audience; campaigns keep what they were reviewed with.

        One that fits nobody by now may still get another name.
        """
        check_role(person, WRITERS)
        audience_id = parse_id(request.match_info["id"])
        name, expression = await _read_named(request)
        async with self.database.transaction() as connection:
            before = await audience_book.find(connection, audience_id)
            if before.expression != expression:
                check_size(await audience.count(connection, expression))
            await audience_book.change(
                connection, audience_id, name, expression, author_id=person.id
            )
        return answer_json({"ok": True})

    async def forget(self, request: web.Request, person: Person) -> web.Response:
        """Take an audience out of the list."""
        check_role(person, WRITERS)
        audience_id = parse_id(request.match_info["id"])
        async with self.database.transaction() as connection:
            await audience_book.forget(connection, audience_id, author_id=person.id)
        return answer_json({"ok": True})


async def _read_named(request: web.Request) -> tuple[str, Mapping[str, Json]]:
    body = await read_json(request)
    name, expression = read_text(body, "name", ""), _read_expression(body)
    if not name:
        raise InvalidInput("name is a text of 1 to 80 characters.", zh="请填写人群名称。")
    return name, expression


def _read_expression(body: Mapping[str, object]) -> Mapping[str, Json]:
    expression = body.get("expression")
    if not isinstance(expression, dict):
        raise InvalidInput(
            "expression is an object with a kind, as GET /v1/audiences/language describes.",
            zh="请设置人群条件。",
        )
    explain(expression)
    return expression


def _show(one: AudienceRow) -> dict[str, Json]:
    return {
        "id": str(one.id),
        "name": one.name,
        "expression": one.expression,
        "sentence": _say(one.expression),
        "author": one.author,
        "changed_at": one.changed_at.isoformat(),
    }


def _say(expression: Mapping[str, Json]) -> dict[str, Json]:
    said = explain(expression)
    return {"zh": said.zh, "en": said.en}
