"""The fake API's application: the gate, the account's password, messages and calls."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode

from aiohttp import web

from lab.gate import Gate, Handler, Middleware
from lab.twilio.call import CallDesk
from lab.twilio.call_api import CallApi
from lab.twilio.code import Wrong
from lab.twilio.message import MessageApi
from lab.twilio.world import FAKE, TwilioWorld


def build_twilio(world: TwilioWorld, desk: CallDesk) -> web.Application:
    """Build what is mounted under `/twilio-api`."""
    gate = Gate(FAKE.name, world.room, _find_part, lambda code: Wrong(int(code)).answer())
    app = web.Application(middlewares=[gate.middleware(), _answer_wrong, _check_password(world)])
    app.add_routes(MessageApi(world).routes())
    app.add_routes(CallApi(desk).routes())
    return app


def _find_part(request: web.Request) -> str:
    if "/Calls" in request.path:
        return "call"
    return "message" if request.method == "POST" else "list"


@web.middleware
async def _answer_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return wrong.answer()
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return Wrong(20404).answer()
    except (ValueError, json.JSONDecodeError):
        return Wrong(20422).answer()


def _check_password(world: TwilioWorld) -> Middleware:
    """Return what refuses whoever does not know the account's auth token."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        account = world.accounts.get(request.match_info.get("sid", ""))
        if account is None:
            raise Wrong(20003)
        pair = f"{account.public['account_sid']}:{account.secret['auth_token']}"
        expected = f"Basic {b64encode(pair.encode()).decode()}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
            raise Wrong(20003)
        return await handler(request)

    return check
