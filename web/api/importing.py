"""Files of clients over HTTP: handed in, mapped, tried out, imported or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from aiohttp import web

from channels.door import read_body
from channels.live import CLIENT_EVENT, Hub
from clients.column import COLUMNS
from clients.importing import Imports, Look
from clients.sheet import FILE_BYTES
from kernel.errors import InvalidInput, Malformed, NotAllowed, TooLarge
from kernel.message import Json
from store.client_import import Import
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

BODY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ImportDoor:
    """The routes under /v1/clients/imports; supervisors and admins bring clients in."""

    signs: SignIns
    imports: Imports
    hub: Hub

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/clients/imports/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/clients/imports", self.list),
            ("POST", "/v1/clients/imports", self.open),
            ("GET", one, self.get),
            ("POST", one + "/check", self.check),
            ("POST", one + "/run", self.run),
            ("POST", one + "/cancel", self.cancel),
            ("GET", one + "/errors", self.errors),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def list(self, _: web.Request, person: Person) -> web.Response:
        """Return the newest imports, and the columns that an import knows."""
        _check_supervisor(person)
        columns: list[Json] = [
            {"name": one.name, "zh": one.zh, "en": one.en, "needed": one.is_needed}
            for one in COLUMNS
        ]
        shown = [_show(one) for one in await self.imports.find_newest()]
        return answer_json({"imports": shown, "columns": columns})

    async def open(self, request: web.Request, person: Person) -> web.Response:
        """Take a file as it is, .xlsx or CSV, and say what is in it."""
        _check_supervisor(person)
        try:
            body = await read_body(request, limit=FILE_BYTES, seconds=BODY_SECONDS)
        except Malformed as error:
            raise TooLarge("A file has at most 20 MB.", zh="文件不能超过20MB。") from error
        name = request.query.get("file_name", "")
        look = await self.imports.open(body, file_name=name, person_id=person.id)
        return answer_json(_show_look(look), status=201)

    async def get(self, request: web.Request, person: Person) -> web.Response:
        """Return one import, and what is in its file as long as it has not ended."""
        _check_supervisor(person)
        found, look = await self.imports.find(parse_id(request.match_info["id"]))
        shown = _show_look(look) if look else None
        return answer_json({"import": _show(found), "look": shown})

    async def check(self, request: web.Request, person: Person) -> web.Response:
        """Try a mapping out; nothing is written into the clients' book."""
        _check_supervisor(person)
        import_id = parse_id(request.match_info["id"])
        mapping = _read_mapping(await read_json(request))
        found = await self.imports.check(import_id, mapping, actor=f"person:{person.id}")
        return answer_json(asdict(found))

    async def run(self, request: web.Request, person: Person) -> web.Response:
        """Write what the last check found good."""
        _check_supervisor(person)
        import_id = parse_id(request.match_info["id"])
        done = await self.imports.run(import_id, actor=f"person:{person.id}")
        self.hub.publish(CLIENT_EVENT, once=True)
        return answer_json(asdict(done))

    async def cancel(self, request: web.Request, person: Person) -> web.Response:
        """Throw a file away."""
        _check_supervisor(person)
        import_id = parse_id(request.match_info["id"])
        await self.imports.cancel(import_id, actor=f"person:{person.id}")
        return answer_json({"ok": True})

    async def errors(self, request: web.Request, person: Person) -> web.Response:
        """Return the rows that cannot be taken and why, as CSV."""
        _check_supervisor(person)
        body = await self.imports.find_errors(parse_id(request.match_info["id"]))
        headers = {
            "Content-Disposition": 'attachment; filename="import-errors.csv"',
            "Cache-Control": "no-store",
        }
        return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


def _check_supervisor(person: Person) -> None:
    if not person.sees_all:
        raise NotAllowed


def _read_mapping(body: Mapping[str, object]) -> dict[str, str]:
    mapping = body.get("mapping")
    if not isinstance(mapping, dict) or not all(isinstance(one, str) for one in mapping.values()):
        raise InvalidInput(
            "mapping says which header is which column.", zh="mapping 应说明每个表头对应的字段。"
        )
    return {str(one): name for one, name in mapping.items()}


def _show_look(look: Look) -> Json:
    return asdict(look) | {"id": str(look.id)}


def _show(one: Import) -> Json:
    return {
        "id": str(one.id),
        "file_name": one.file_name,
        "state": one.state,
        "rows": one.rows,
        "good": one.good,
        "person_id": str(one.person_id),
        "person": one.person,
        "at": one.at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }
