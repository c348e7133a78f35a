"""Puts the fake WeCom into the lab."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from aiohttp import web

from lab.courier import Courier
from lab.fault import Mode
from lab.gate import Gate, Handler, Middleware
from lab.room import Room
from lab.wecom.account import WecomAccounts
from lab.wecom.api import WecomApi
from lab.wecom.code import Wrong
from lab.wecom.control import WecomControl
from lab.wecom.phone import KfPhone
from lab.wecom.world import FAKE, WecomWorld

WECOM: web.AppKey[WecomWorld] = web.AppKey("wecom", WecomWorld)
"""The state of the fake WeCom, for a test that runs the lab in its own process."""

_PARTS = (
    ("/gettoken", "token"),
    ("/kf/sync_msg", "pull"),
    ("/kf/send_msg_on_event", "event"),
    ("/kf/send_msg", "send"),
    ("/kf/service_state", "state"),
    ("/message/send", "message"),
    ("/webhook/send", "robot"),
)


def add_wecom(app: web.Application, room: Room, accounts: WecomAccounts) -> None:
    """Add the API under `/wecom-api`, and `/lab/kf/…`, to the lab's site."""
    world = WecomWorld.build(accounts, room)
    courier = Courier(FAKE.name, room)
    room.join(FAKE, world.reset)
    app[WECOM] = world
    app.add_routes(WecomControl(world, KfPhone(world, courier)).routes())
    fake = web.Application(middlewares=_build_middlewares(world))
    fake.add_routes(WecomApi(world).routes())
    app.add_subapp("/wecom-api", fake)

    async def close(_: web.Application) -> AsyncIterator[None]:
        yield
        await courier.close()

    app.cleanup_ctx.append(close)


def _build_middlewares(world: WecomWorld) -> tuple[Middleware, Middleware]:
    async def expire(_: web.Request) -> None:
        world.tokens.expire_all()

    async def use_up(request: web.Request) -> None:
        try:
            body = json.loads(await request.read())
            world.sessions.get(str(body["open_kfid"]), str(body["touser"])).left = 0
        except (ValueError, KeyError, TypeError, Wrong):
            return

    gate = Gate(
        FAKE.name,
        world.room,
        lambda request: next((part for mark, part in _PARTS if mark in request.path), "other"),
        lambda code: web.json_response(Wrong(int(code)).to_json()),
        hooks={Mode.TOKEN_EXPIRED: expire, Mode.WINDOW_USED_UP: use_up},
    )
    return gate.middleware(), _answer_wrong


@web.middleware
async def _answer_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return web.json_response(wrong.to_json())
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return web.json_response(Wrong(40058, "path").to_json())
