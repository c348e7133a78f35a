"""Runs of a journey that stand, over HTTP: listed with why, walked now, or ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from aiohttp import web

from channels.live import JOURNEY, Hub
from kernel.errors import InvalidInput, NotAllowed
from kernel.masking import show_name, show_number
from kernel.message import Json
from orchestrator.standing import PAGE, StandingDesk
from store.journey_standing import Key, Standing
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, signed_in
from web.api.journey import APPROVERS, WRITERS
from web.errors import answer_json, read_json
from web.sign_in import SignIns

_KEY_LENGTH: Final = 400


@dataclass(frozen=True, slots=True)
class JourneyStandingDoor:
    """The routes under /v1/journeys/{id}/standing."""

    signs: SignIns
    desk: StandingDesk
    hub: Hub

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        path = "/v1/journeys/{id}/standing"
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", path, self.list),
            ("POST", path + "/retry", self.retry),
            ("POST", path + "/end", self.end),
        ]
        for method, one, handler in routes:
            app.router.add_route(method, one, signed_in(self.signs, handler))

    async def list(self, request: web.Request, person: Person) -> web.Response:
        """Return the first of those that stand, and how many there are."""
        _check(person, WRITERS | APPROVERS)
        rows, total = await self.desk.find(_id(request))
        return answer_json({"runs": [_show(one) for one in rows], "count": total})

    async def retry(self, request: web.Request, person: Person) -> web.Response:
        """Have runs walked now instead of in an hour; those that cannot be stand again."""
        _check(person, WRITERS)
        keys = _read_keys(await read_json(request))
        count = await self.desk.retry(_id(request), keys, person.id)
        self.hub.publish(JOURNEY)
        return answer_json({"count": count})

    async def end(self, request: web.Request, person: Person) -> web.Response:
        """Take clients off the journey whose runs stand."""
        _check(person, WRITERS)
        keys = _read_keys(await read_json(request))
        return answer_json({"count": await self.desk.end(_id(request), keys, person.id)})


def _check(person: Person, roles: frozenset[str]) -> None:
    if not roles & set(person.roles):
        raise NotAllowed


def _id(request: web.Request) -> UUID:
    return parse_id(request.match_info["id"])


def _read_keys(body: Mapping[str, object]) -> list[Key]:
    runs = body.get("runs")
    wrong = InvalidInput(
        f"runs lists 1 to {PAGE} runs, each with client_id and entry_key.",
        zh=f"请选择 1 至 {PAGE} 个停住的实例。",
    )
    if not isinstance(runs, list) or not 1 <= len(runs) <= PAGE:
        raise wrong
    try:
        keys = [Key(UUID(one["client_id"]), one["entry_key"]) for one in runs]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise wrong from error
    if not all(_is_key(one.entry_key) for one in keys):
        raise wrong
    return keys


def _is_key(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _KEY_LENGTH and "\0" not in value


def _show(one: Standing) -> Json:
    return {
        "client_id": str(one.key.client_id),
        "entry_key": one.key.entry_key,
        "client_no": show_number(one.client_no),
        "name": show_name(one.name) if one.name else "",
        "step": one.step,
        "trouble": one.trouble,
        "entered_at": one.entered_at.isoformat(),
        "tried_again_at": one.due_at.isoformat(),
    }
