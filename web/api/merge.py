"""Records that are one person, over HTTP: found, merged and split by supervisors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from aiohttp import web

from clients.merge import Joining, Merges
from clients.record import Records
from kernel.errors import InvalidInput, NotAllowed
from kernel.message import Json
from store.client_record import ClientRecord
from store.merge import Merge
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns


@dataclass(frozen=True, slots=True)
class MergeDoor:
    """The routes of merging; whoever sees all clients may merge them."""

    signs: SignIns
    merges: Merges
    records: Records

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        one = "/v1/desk/clients/{id}"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/clients/doubles", self.doubles),
            ("POST", "/v1/clients/lookup", self.look_up),
            ("GET", "/v1/clients/merges", self.list_all),
            ("GET", one + "/merges", self.list),
            ("POST", one + "/merges", self.merge),
            ("GET", one + "/merges/{other}", self.compare),
            ("POST", "/v1/clients/merges/{id}/undo", self.undo),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def doubles(self, _: web.Request, person: Person) -> web.Response:
        """Return groups of clients who share a phone, and who they are."""
        _check_supervisor(person)
        found = await self.merges.find_doubles()
        known = await self.records.find(one for group in found for one in group)
        groups = [[str(one) for one in group] for group in found]
        clients = [show_record(one) for one in known.values()]
        return answer_json({"groups": groups, "clients": clients})

    async def look_up(self, request: web.Request, person: Person) -> web.Response:
        """Return the clients of a number or a phone; it comes in a body, so that no log has it."""
        _check_supervisor(person)
        number = (await read_json(request)).get("number")
        if not isinstance(number, str):
            raise InvalidInput("number is a text.", zh="请填写客户号或手机号。")
        found = await self.records.look_up(number, actor=f"person:{person.id}")
        return answer_json({"clients": [show_record(one) for one in found]})

    async def list_all(self, _: web.Request, person: Person) -> web.Response:
        """Return the newest merges of all clients, and who they are."""
        _check_supervisor(person)
        rows, known = await self.records.find_merges()
        merges = [
            _show(one.merge) | {"person": one.person, "moved": dict(one.moved)} for one in rows
        ]
        clients = [show_record(one) for one in known.values()]
        return answer_json({"merges": merges, "clients": clients})

    async def compare(self, request: web.Request, person: Person) -> web.Response:
        """Return two records side by side, and what a merge of them would do."""
        _check_supervisor(person)
        kept, other = (parse_id(request.match_info[one]) for one in ("id", "other"))
        found = await self.records.compare(kept, other, actor=f"person:{person.id}")
        refusal = found.refusal and {"zh": found.refusal.zh, "en": found.refusal.message}
        return answer_json(
            {
                "kept": show_record(found.kept),
                "gone": show_record(found.gone),
                "moves": dict(found.moves),
                "is_alike": found.is_alike,
                "refusal": refusal,
            }
        )

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return the merges that a client took part in."""
        _check_supervisor(person)
        found = await self.merges.find_of_client(parse_id(request.match_info["id"]))
        return answer_json({"merges": [_show(one) for one in found]})

    async def merge(self, request: web.Request, person: Person) -> web.Response:
        """Merge another record into this one."""
        _check_supervisor(person)
        body = await read_json(request)
        reason, is_sure = body.get("reason"), body.get("is_sure", False)
        if not isinstance(reason, str) or not isinstance(is_sure, bool):
            raise InvalidInput("reason is a text, is_sure true or false.", zh="请填写合并原因。")
        kept = parse_id(request.match_info["id"])
        joining = Joining(kept, _read_other(body), f"person:{person.id}", reason, is_sure)
        merge_id, counts = await self.merges.merge(joining)
        return answer_json({"id": str(merge_id), "moved": dict(counts)}, status=201)

    async def undo(self, request: web.Request, person: Person) -> web.Response:
        """Split what was merged."""
        _check_supervisor(person)
        reason = (await read_json(request)).get("reason")
        if not isinstance(reason, str):
            raise InvalidInput("reason is a text.", zh="请填写撤销原因。")
        merge_id = parse_id(request.match_info["id"])
        found = await self.merges.split(merge_id, actor=f"person:{person.id}", reason=reason)
        return answer_json({"kept_id": str(found.kept_id), "gone_id": str(found.gone_id)})


def _check_supervisor(person: Person) -> None:
    if not person.sees_all:
        raise NotAllowed


def _read_other(body: dict[str, object]) -> UUID:
    try:
        return UUID(str(body.get("other")))
    except ValueError as error:
        raise InvalidInput("other is the id of a client.", zh="请选择要合并的客户记录。") from error


def show_record(one: ClientRecord) -> Json:
    """Return a row as the console shows it."""
    until, active = one.suitability_valid_until, one.last_active_at
    return asdict(one) | {
        "id": str(one.id),
        "merged_into": str(one.merged_into) if one.merged_into else None,
        "suitability_valid_until": until.isoformat() if until else None,
        "created_at": one.created_at.isoformat(),
        "last_active_at": active.isoformat() if active else None,
        "assets": None if one.assets is None else float(one.assets),
    }


def _show(one: Merge) -> dict[str, Json]:
    return {
        "id": str(one.id),
        "kept_id": str(one.kept_id),
        "gone_id": str(one.gone_id),
        "actor": one.actor,
        "reason": one.reason,
        "at": one.at.isoformat(),
        "undone_at": one.undone_at.isoformat() if one.undone_at else None,
    }
