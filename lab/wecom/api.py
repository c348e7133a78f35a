"""The fake qyapi.weixin.qq.com: the same paths, the same checks, the same error codes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from kernel.message import Json
from lab.wecom.account import KfAccount
from lab.wecom.code import Wrong
from lab.wecom.message import check_message, check_text
from lab.wecom.world import WecomWorld

_CURSOR = re.compile(r"lab-cursor-([0-9a-f]{8})-([0-9]{1,9})", re.ASCII)
_OK: Mapping[str, Json] = {"errcode": 0, "errmsg": "ok"}


@dataclass(slots=True)
class WecomApi:
    """Answers the calls that a corporation's applications make."""

    world: WecomWorld

    def routes(self) -> list[web.RouteDef]:
        """Return every path, under `/cgi-bin`."""
        return [
            web.get("/cgi-bin/gettoken", self.get_token),
            web.post("/cgi-bin/kf/sync_msg", self.sync),
            web.post("/cgi-bin/kf/send_msg", self.send),
            web.post("/cgi-bin/kf/send_msg_on_event", self.send_on_event),
            web.post("/cgi-bin/kf/service_state/get", self.get_state),
            web.post("/cgi-bin/kf/service_state/trans", self.move_state),
            web.post("/cgi-bin/message/send", self.send_to_employees),
            web.post("/cgi-bin/webhook/send", self.send_to_group),
        ]

    async def get_token(self, request: web.Request) -> web.Response:
        """Issue an application's token."""
        corp_id, secret = request.query.get("corpid"), request.query.get("corpsecret")
        accounts = self.world.accounts
        known = [(one.corp_id, one.secret) for one in accounts.kfs.values()]
        known += [(one.corp_id, one.secret) for one in accounts.apps]
        if corp_id not in {one for one, _ in known}:
            raise Wrong(40013)
        if (corp_id, secret) not in known:
            raise Wrong(40001)
        return web.json_response(self.world.tokens.issue(str(secret)))

    async def sync(self, request: web.Request) -> web.Response:
        """Hand out what came after a cursor."""
        body = await _read_object(request)
        account = self._kf(request, body)
        self.world.pulls += 1
        if body.get("token"):
            self.world.check_pull_token(str(body["token"]))
        limit = body.get("limit", 1000)
        if not isinstance(limit, int) or not 1 <= limit <= 1000:
            raise Wrong(40058, "limit")
        items = self.world.items.get(account.name, [])
        first = self._read_cursor(body.get("cursor"))
        page = items[first : first + limit]
        last = first + len(page)
        more = {
            "next_cursor": f"lab-cursor-{self.world.epoch}-{last}",
            "has_more": int(last < len(items)),
        }
        return web.json_response({**_OK, **more, "msg_list": page})

    async def send(self, request: web.Request) -> web.Response:
        """Take a message to a client, if the session's state and window allow it."""
        body = await _read_object(request)
        account, user = self._kf(request, body), str(body.get("touser", ""))
        msgid = self.world.check_msgid(account, body.get("msgid"))
        check_message(body)
        self.world.sessions.check_send(account.open_kfid, user).left -= 1
        self.world.record_sent(account, user, msgid, kind="send", message=body)
        return web.json_response({**_OK, "msgid": msgid})

    async def send_on_event(self, request: web.Request) -> web.Response:
        """Take the one answer to an event, by the code that it brought."""
        self._secret(request)
        body = await _read_object(request)
        if body.get("msgtype") not in {"text", "msgmenu"}:
            raise Wrong(40008)
        check_message(body)
        open_kfid, user = self.world.sessions.check_code(str(body.get("code", "")))
        account = self.world.find_kf(open_kfid)
        msgid = self.world.check_msgid(account, body.get("msgid"))
        self.world.record_sent(account, user, msgid, kind="welcome", message=body)
        return web.json_response({**_OK, "msgid": msgid})

    async def get_state(self, request: web.Request) -> web.Response:
        """Tell a session's state."""
        body = await _read_object(request)
        account = self._kf(request, body)
        session = self.world.sessions.get(account.open_kfid, str(body.get("external_userid", "")))
        return web.json_response({**_OK, "service_state": session.state})

    async def move_state(self, request: web.Request) -> web.Response:
        """Change a session's state."""
        body = await _read_object(request)
        account, state = self._kf(request, body), body.get("service_state")
        if not isinstance(state, int):
            raise Wrong(40058, "service_state")
        user = str(body.get("external_userid", ""))
        self.world.sessions.move(account.open_kfid, user, state)
        return web.json_response(_OK)

    async def send_to_employees(self, request: web.Request) -> web.Response:
        """Take an application's message to employees."""
        secret, body = self._secret(request), await _read_object(request)
        app = next((one for one in self.world.accounts.apps if one.secret == secret), None)
        if app is None or str(body.get("agentid")) != app.agent_id:
            raise Wrong(40056)
        if not any(body.get(name) for name in ("touser", "toparty", "totag")):
            raise Wrong(81013)
        check_text(body)
        is_repeat = False
        if body.get("enable_duplicate_check") == 1:
            seconds = body.get("duplicate_check_interval", 1800)
            whole = json.dumps(body, sort_keys=True)
            is_repeat = self.world.find_repeat(whole, seconds if isinstance(seconds, int) else 0)
        if not is_repeat:
            self._record("app", app.name, str(body.get("touser") or "@group"), body)
        return web.json_response({**_OK, "msgid": f"lab-app-{len(self.world.room.ledger)}"})

    async def send_to_group(self, request: web.Request) -> web.Response:
        """Take a robot's message into its group, at most 20 a minute."""
        key = request.query.get("key", "")
        robot = next((one for one in self.world.accounts.robots if one.key == key), None)
        if robot is None:
            raise Wrong(93000)
        body = await _read_object(request)
        check_text(body)
        self.world.check_robot_pace(key)
        self._record("robot", robot.name, "group", body)
        return web.json_response(_OK)

    def _read_cursor(self, cursor: Json) -> int:
        """A cursor of a lab that was stopped meanwhile begins at what this one has."""
        if not cursor:
            return 0
        match = _CURSOR.fullmatch(cursor) if isinstance(cursor, str) else None
        if match is None:
            raise Wrong(40058, "cursor")
        return int(match.group(2)) if match.group(1) == self.world.epoch else 0

    def _record(self, kind: str, account: str, address: str, body: Mapping[str, Json]) -> None:
        msgtype = str(body["msgtype"])
        self.world.room.record_sent(
            "staff", kind, account=account, address=address, msgtype=msgtype, body=body[msgtype]
        )

    def _secret(self, request: web.Request) -> str:
        return self.world.tokens.check(request.query.get("access_token"))

    def _kf(self, request: web.Request, body: Mapping[str, Json]) -> KfAccount:
        secret, account = self._secret(request), self.world.find_kf(body.get("open_kfid"))
        if account.secret != secret:
            raise Wrong(95013)
        return account


async def _read_object(request: web.Request) -> dict[str, Json]:
    try:
        body = json.loads((await request.read()).decode("utf-8"))
    except (ValueError, RecursionError):
        raise Wrong(47001) from None
    if not isinstance(body, dict):
        raise Wrong(47001)
    return cast("dict[str, Json]", body)
