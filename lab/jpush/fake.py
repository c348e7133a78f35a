"""The fake API's application, and the phones on which apps are opened and removed.

Source: docs.jiguang.cn, REST API v3: POST /v3/push, GET /v3/push/cid.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from kernel.errors import InvalidInput, NotFound
from kernel.message import Json
from lab.control import read_object
from lab.gate import Gate, Handler
from lab.jpush.code import Wrong
from lab.jpush.world import FAKE, JpushWorld
from lab.played import PlayedAccount, pick
from lab.room import Room

BODY_LIMIT = 4096
"""Bytes of a push; more is answered by 1005."""
_KEYS = frozenset({"cid", "platform", "audience", "notification", "message", "options"})


@dataclass(slots=True)
class JpushFake:
    """Answers `/jpush-api/…` and `/lab/push/…`."""

    world: JpushWorld

    def api_routes(self) -> list[web.RouteDef]:
        """Return the paths that JPush has."""
        return [web.get("/v3/push/cid", self.list_cids), web.post("/v3/push", self.push)]

    def control_routes(self) -> list[web.RouteDef]:
        """Return the paths with which a person plays a phone."""
        phone = "/lab/push/{account}/phone/{registration}"
        return [web.get(phone, self.show_phone), web.post(phone, self.turn_phone)]

    async def list_cids(self, request: web.Request) -> web.Response:
        """Hand out cids."""
        account = self._account(request)
        count = int(request.query.get("count", "1"))
        if not 0 < count <= 1000:
            raise Wrong(1003)
        cids = [self.world.new_cid(account.public["app_key"]) for _ in range(count)]
        return web.json_response({"cidlist": cids})

    async def push(self, request: web.Request) -> web.Response:
        """Take a push to one phone, check it as JPush does, show it once for each cid."""
        account, raw = self._account(request), await request.read()
        if len(raw) > BODY_LIMIT:
            raise Wrong(1005)
        body = _read_body(raw)
        registration = _find_registration(body)
        cid = body.get("cid", "")
        if not isinstance(cid, str) or (cid and not self.world.is_known(cid)):
            raise Wrong(1003)
        if registration in self.world.removed:
            raise Wrong(1011)
        msg_id = self.world.push(account, registration, cid=cid, body=_show(body))
        return web.json_response({"sendno": "0", "msg_id": msg_id})

    async def show_phone(self, request: web.Request) -> web.Response:
        """Show the pushes on a phone."""
        return web.json_response({"pushes": self.world.read(self._registration(request))})

    async def turn_phone(self, request: web.Request) -> web.Response:
        """Remove the app from a phone, or install it again: `{"state": "removed"}`."""
        registration = self._registration(request)
        state = (await read_object(request)).get("state")
        if state not in {"installed", "removed"}:
            raise InvalidInput("state is installed or removed.")
        if state == "removed":
            self.world.removed.add(registration)
        else:
            self.world.removed.discard(registration)
        return web.json_response({"registration_id": registration, "state": state})

    def _registration(self, request: web.Request) -> str:
        if request.match_info["account"] not in self.world.accounts:
            raise NotFound(f"The lab plays no push account {request.match_info['account']!r}.")
        return request.match_info["registration"]

    def _account(self, request: web.Request) -> PlayedAccount:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        for account in self.world.accounts.values():
            pair = f"{account.public['app_key']}:{account.secret['master_secret']}"
            if hmac.compare_digest(b"Basic " + b64encode(pair.encode()), given):
                return account
        raise Wrong(1004)


def add_jpush(app: web.Application, room: Room, played: tuple[PlayedAccount, ...]) -> None:
    """Add `/jpush-api` and the phones' control API to the lab."""
    world = JpushWorld(pick(played, "jpush", "push"), room)
    room.join(FAKE, world.reset)
    fake = JpushFake(world)
    gate = Gate(FAKE.name, room, _find_part, lambda code: Wrong(int(code)).answer())
    api = web.Application(middlewares=[gate.middleware(), _answer_wrong])
    api.add_routes(fake.api_routes())
    app.add_subapp("/jpush-api", api)
    app.add_routes(fake.control_routes())


@web.middleware
async def _answer_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return wrong.answer()
    except web.HTTPMethodNotAllowed:
        return Wrong(1001).answer()
    except ValueError:
        return Wrong(1003).answer()


def _find_part(request: web.Request) -> str:
    return "cid" if request.path.endswith("/cid") else "push"


def _read_body(raw: bytes) -> Mapping[str, Json]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Wrong(1003) from None
    if not isinstance(body, dict):
        raise Wrong(1003)
    if body.keys() - _KEYS:
        raise Wrong(1009)
    if not body.keys() >= {"platform", "audience"} or not body.keys() & {"notification", "message"}:
        raise Wrong(1002)
    return cast("Mapping[str, Json]", body)


def _find_registration(body: Mapping[str, Json]) -> str:
    audience = body["audience"]
    listed = audience.get("registration_id") if isinstance(audience, Mapping) else None
    if not isinstance(listed, list) or len(listed) != 1 or not isinstance(listed[0], str):
        raise Wrong(1003)
    return listed[0]


def _show(body: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return what a phone shows, and all that went over the wire beside it."""
    notification = body.get("notification")
    android = notification.get("android") if isinstance(notification, Mapping) else None
    shown = android if isinstance(android, Mapping) else {}
    extras = shown.get("extras")
    inside = extras if isinstance(extras, Mapping) else {}
    return {
        "title": shown.get("title"),
        "text": shown.get("alert"),
        "id": inside.get("id"),
        "link": inside.get("link"),
        "wire": json.dumps(body, ensure_ascii=False),
    }
