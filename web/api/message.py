"""/v1/messages: one message to one client, ordered by another system, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from channels.live import EVENT, NOTICE, Hub
from kernel.clock import Clock
from kernel.message import Json
from kernel.signature import check_signature
from orchestrator.order import Ordered, Orders, parse_source
from store.notice_view import MessageRow
from web.access import parse_id
from web.errors import answer_json, read_json


@dataclass(frozen=True, slots=True)
class MessageDoor:
    """The routes that systems order messages by, and ask after them."""

    orders: Orders
    hub: Hub
    clock: Clock
    keys: Sequence[str]

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_post("/v1/messages", self.take)
        app.router.add_get("/v1/messages/{notice_id}", self.get)

    async def take(self, request: web.Request) -> web.Response:
        """Take an order that is signed with the key of the broker's systems; 202 once it is kept.

        What becomes of it is at `/v1/messages/{notice_id}`, and is told to webhooks.
        """
        body = await request.read()
        check_signature(request.headers, body, keys=self.keys, clock=self.clock)
        notice_id = await self.orders.take(await read_json(request))
        self.hub.publish(NOTICE, once=True)
        self.hub.publish(EVENT, once=True)
        return answer_json({"notice_id": str(notice_id)}, status=202)

    async def get(self, request: web.Request) -> web.Response:
        """Say what became of what the source ordered: no content, no address.

        As there is no body, the signature is over the path with its query: it is good for no other.
        """
        asked = request.raw_path.encode("utf-8", "surrogateescape")
        check_signature(request.headers, asked, keys=self.keys, clock=self.clock)
        source = parse_source(request.query.get("source"))
        notice_id = parse_id(request.match_info["notice_id"])
        return answer_json(show_ordered(await self.orders.find(source, notice_id)))


def show_ordered(ordered: Ordered) -> dict[str, Json]:
    """Return what became of an order as the API's JSON."""
    one = ordered.notice
    return {
        "notice_id": str(one.id),
        "keys": [*one.keys],
        "urgency": one.urgency,
        "state": one.state,
        "reason": one.reason,
        "reached_how": one.reached_how,
        "reached_at": _moment(one.reached_at),
        "reach_by": _moment(one.reach_by),
        "created_at": _moment(one.created_at),
        "ended_at": _moment(one.ended_at),
        "messages": [_show_message(message) for message in ordered.messages],
    }


def _show_message(one: MessageRow) -> dict[str, Json]:
    return {
        "id": str(one.id),
        "rung": one.rung,
        "channel": one.channel,
        "state": one.state,
        "reason": one.reason,
        "created_at": _moment(one.created_at),
        "sending_at": _moment(one.sending_at),
        "ended_at": _moment(one.ended_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
