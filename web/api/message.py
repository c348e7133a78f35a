"""POST /v1/messages: one message to one client, ordered by another system of the broker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from channels.live import EVENT, NOTICE, Hub
from kernel.clock import Clock
from kernel.signature import check_signature
from orchestrator.order import Orders
from web.errors import answer_json, read_json


@dataclass(frozen=True, slots=True)
class MessageDoor:
    """The route that systems order messages by."""

    orders: Orders
    hub: Hub
    clock: Clock
    keys: Sequence[str]

    def install(self, app: web.Application) -> None:
        """Add the route to the site."""
        app.router.add_post("/v1/messages", self.take)

    async def take(self, request: web.Request) -> web.Response:
        """Take an order that is signed with the key of the broker's systems; 202 once it is kept.

        What becomes of it is at `/v1/notices/{id}`.
        """
        body = await request.read()
        check_signature(request.headers, body, keys=self.keys, clock=self.clock)
        notice_id = await self.orders.take(await read_json(request))
        self.hub.publish(NOTICE, once=True)
        self.hub.publish(EVENT, once=True)
        return answer_json({"notice_id": str(notice_id)}, status=202)
