"""The fake WeChat's door: which part a path is, how its errors look, what its faults prepare."""

from __future__ import annotations

import json
from typing import cast

from aiohttp import web

from kernel.message import Json
from lab.fault import Fake, Mode
from lab.gate import Gate, Handler, Middleware
from lab.wechat.code import MESSAGES, Wrong
from lab.wechat.world import World

FAKE = Fake(
    "wechat",
    ("token", "custom", "typing", "template", "media", "menu", "user"),
    frozenset(MESSAGES),
)

_PARTS = (
    ("/stable_token", "token"),
    ("/cgi-bin/token", "token"),
    ("/custom/send", "custom"),
    ("/custom/typing", "typing"),
    ("/template/", "template"),
    ("/media/", "media"),
    ("/menu/", "menu"),
    ("/user/", "user"),
)


def build_middlewares(world: World) -> tuple[Middleware, Middleware]:
    """Build what stands before the API: the gate, and inside it the answers to what is wrong."""

    async def expire(_: web.Request) -> None:
        world.tokens.expire_all()

    async def use_up(request: web.Request) -> None:
        try:
            body = json.loads(await request.read())
            account = world.tokens.check(request.query.get("access_token"))
            world.windows.use_up(account, str(body["touser"]))
        except (ValueError, KeyError, TypeError, Wrong):
            return

    gate = Gate(
        FAKE.name,
        world.room,
        lambda request: next((part for mark, part in _PARTS if mark in request.path), "other"),
        lambda code: web.json_response(Wrong(int(code)).to_json()),
        hooks={Mode.TOKEN_EXPIRED: expire, Mode.WINDOW_USED_UP: use_up},
        hide=_hide_secret,
    )
    return gate.middleware(), _answer_wrong


@web.middleware
async def _answer_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return web.json_response(wrong.to_json())
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return web.json_response(Wrong(40066).to_json())


def _hide_secret(text: str) -> str:
    try:
        body = cast("Json", json.loads(text))
    except ValueError:
        return text
    if isinstance(body, dict) and "secret" in body:
        return json.dumps(body | {"secret": "••••"}, ensure_ascii=False)
    return text
