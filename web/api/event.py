"""POST /v1/events: what the broker's systems tell of clients; and what could not be handled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from channels.live import CLIENT_EVENT, Hub
from clients.event import EVENT_TYPES, EventType
from clients.kept import KeptEvents
from clients.report import Fate, Reports
from kernel.clock import Clock
from kernel.errors import InvalidInput, NotAllowed
from kernel.message import Json
from kernel.signature import check_signature
from store.kept_event import KeptEvent
from store.staff import Person
from web.access import parse_id
from web.api.desk import PersonHandler, read_before, read_number, signed_in
from web.errors import answer_json, read_json
from web.sign_in import SignIns

PAGE = 50
LARGEST = 100
REPLAYED = 500


@dataclass(frozen=True, slots=True)
class EventDoor:
    """The routes under /v1/events; systems post, staff look at what is kept, supervisors replay."""

    signs: SignIns
    reports: Reports
    kept_events: KeptEvents
    hub: Hub
    clock: Clock
    keys: Sequence[str]

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_post("/v1/events", self.take)
        routes: list[tuple[str, str, PersonHandler]] = [
            ("GET", "/v1/events/types", self.types),
            ("GET", "/v1/events/kept", self.kept),
            ("POST", "/v1/events/replay", self.replay),
            ("POST", "/v1/events/{id}/correct", self.correct),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, signed_in(self.signs, handler))

    async def take(self, request: web.Request) -> web.Response:
        """Take a batch that is signed with the key of the broker's systems; 200 once it is kept."""
        body = await request.read()
        check_signature(request.headers, body, keys=self.keys, clock=self.clock)
        fates = await self.reports.take(await read_json(request))
        if any(one.fate == "accepted" for one in fates):
            self.hub.publish(CLIENT_EVENT, once=True)
        counts = Counter(one.fate for one in fates)
        return answer_json({"events": [_show_fate(one) for one in fates], "counts": counts})

    async def types(self, _: web.Request, __: Person) -> web.Response:
        """Return every type of event, with its figures and their bounds."""
        return answer_json({"types": [_show_type(one) for one in EVENT_TYPES.values()]})

    async def kept(self, request: web.Request, person: Person) -> web.Response:
        """Return a page of what nobody could handle yet, newest first, and how many there are."""
        _check_supervisor(person)
        limit = max(1, min(LARGEST, read_number(request, "limit", PAGE)))
        before = read_before(request)
        rows, counts = await self.kept_events.find(person.id, limit=limit, before=before)
        return answer_json({"events": [_show_kept(one) for one in rows], "counts": counts})

    async def replay(self, request: web.Request, person: Person) -> web.Response:
        """Have failed events handled once more."""
        _check_supervisor(person)
        ids = _read_ids(await read_json(request))
        count = await self.kept_events.replay(person.id, ids)
        self.hub.publish(CLIENT_EVENT, once=True)
        return answer_json({"count": count})

    async def correct(self, request: web.Request, person: Person) -> web.Response:
        """Say whose an event is, or what; it is handled as soon as both are known."""
        _check_supervisor(person)
        body = await read_json(request)
        state = await self.kept_events.correct(
            person.id,
            parse_id(request.match_info["id"]),
            client_no=_read_text(body, "client_no"),
            type_=_read_text(body, "type"),
        )
        self.hub.publish(CLIENT_EVENT, once=True)
        return answer_json({"state": state})


def _check_supervisor(person: Person) -> None:
    if not person.sees_all:
        raise NotAllowed


def _read_ids(body: dict[str, object]) -> list[UUID]:
    ids = body.get("ids")
    wrong = InvalidInput(f"ids is a list of 1 to {REPLAYED} ids.", zh="请选择要重放的事件。")
    if not isinstance(ids, list) or not 1 <= len(ids) <= REPLAYED:
        raise wrong
    try:
        return [UUID(one) for one in ids]
    except (ValueError, TypeError, AttributeError) as error:
        raise wrong from error


def _read_text(body: dict[str, object], name: str) -> str | None:
    if name not in body:
        return None
    value = body[name]
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is a text.", zh=f"{name} 应为文本。")
    return value


def _show_fate(one: Fate) -> Json:
    why = {"why": {"zh": one.error.zh, "en": one.error.message}} if one.error else {}
    return {"key": one.key, "fate": one.fate, **why}


def _show_type(one: EventType) -> Json:
    figures: dict[str, Json] = {
        name: {
            "zh": figure.zh,
            "en": figure.en,
            "unit": figure.unit,
            "needed": figure.is_needed,
            **({} if figure.unit == "code" else {"low": figure.low, "high": figure.high}),
        }
        for name, figure in one.figures.items()
    }
    return {"name": one.name, "zh": one.zh, "en": one.en, "figures": figures}


def _show_kept(one: KeptEvent) -> Json:
    return {
        "id": str(one.id),
        "source": one.source,
        "key": one.source_key,
        "type": one.type,
        "state": one.state,
        "reason": one.reason,
        "at": one.at.isoformat(),
        "received_at": one.received_at.isoformat(),
        "figures": dict(one.figures),
        "client_id": str(one.client_id) if one.client_id else None,
        "client_no": one.client_no,
        "name": one.name,
    }
