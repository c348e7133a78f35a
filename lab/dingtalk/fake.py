"""Puts the fake DingTalk into the lab: `robot/send` with its signature and its limit.

Source: open.dingtalk.com, 自定义机器人安全设置: sign is the base64 of HMAC-SHA256 over
the milliseconds, a line feed and the secret, within an hour; 20 messages a minute, more are
blocked for ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from kernel.message import Json
from lab.fault import Fake
from lab.gate import Gate, Handler
from lab.played import PlayedAccount, pick
from lab.room import Room

A_MINUTE = 20
BLOCKED = timedelta(minutes=10)
NEAR = timedelta(hours=1)
TEXT_LIMIT = 20_000
MESSAGES: Mapping[int, str] = {
    -1: "系统繁忙",
    40035: "缺少参数 json",
    43004: "无效的 HTTP HEADER Content-Type",
    130101: "send too fast, exceed 20 times per minute",
    300001: "token is not exist",
    310000: "sign not match",
    400105: "msgtype is not supported",
}
FAKE = Fake("dingtalk", ("robot",), frozenset(MESSAGES))


@dataclass(frozen=True, slots=True)
class DingRobot:
    """A robot in a group."""

    name: str
    access_token: str = field(repr=False)
    secret: str = field(repr=False)


def find_robots(played: tuple[PlayedAccount, ...]) -> tuple[DingRobot, ...]:
    """Return DingTalk's robots among the product's own accounts."""
    return tuple(
        DingRobot(name, one.secret["access_token"], one.secret["secret"])
        for name, one in pick(played, "dingtalk").items()
    )


class Wrong(Exception):
    """DingTalk answers with an errcode."""

    def __init__(self, errcode: int) -> None:
        super().__init__(errcode)
        self.errcode = errcode

    def to_json(self) -> Mapping[str, Json]:
        """Return the body of the answer."""
        return {"errcode": self.errcode, "errmsg": MESSAGES.get(self.errcode, "unknown")}


@dataclass(slots=True)
class DingtalkApi:
    """Answers `robot/send`."""

    room: Room
    robots: Sequence[DingRobot]
    _calls: dict[str, list[datetime]] = field(default_factory=dict)
    _blocked: dict[str, datetime] = field(default_factory=dict)

    async def send(self, request: web.Request) -> web.Response:
        """Take a robot's message into its group."""
        robot = self._robot(request)
        if request.content_type != "application/json":
            raise Wrong(43004)
        try:
            body = json.loads(await request.read())
            content = body["text"]["content"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Wrong(40035) from None
        if body.get("msgtype") != "text" or not isinstance(content, str) or not content.strip():
            raise Wrong(400105)
        self._check_pace(robot)
        self.room.record_sent(
            "staff",
            "dingtalk",
            account=robot.name,
            address="group",
            msgtype="text",
            body=body["text"],
        )
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    def reset(self) -> None:
        """Begin anew."""
        self._calls.clear()
        self._blocked.clear()

    def _robot(self, request: web.Request) -> DingRobot:
        token = request.query.get("access_token")
        robot = next((one for one in self.robots if one.access_token == token), None)
        if robot is None:
            raise Wrong(300001)
        stamp = request.query.get("timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) == 13):
            raise Wrong(310000)
        at = datetime.fromtimestamp(int(stamp) / 1000, UTC)
        words = f"{stamp}\n{robot.secret}".encode()
        digest = hmac.digest(robot.secret.encode(), words, hashlib.sha256)
        expected = base64.b64encode(digest).decode()
        is_near = abs(self.room.clock.now() - at) <= NEAR
        if not is_near or not hmac.compare_digest(expected, request.query.get("sign", "")):
            raise Wrong(310000)
        return robot

    def _check_pace(self, robot: DingRobot) -> None:
        now = self.room.clock.now()
        calls = [at for at in self._calls.get(robot.name, []) if now - at < timedelta(minutes=1)]
        if len(calls) >= A_MINUTE:
            self._blocked[robot.name] = now + BLOCKED
        if self._blocked.get(robot.name, now) > now:
            raise Wrong(130101)
        self._calls[robot.name] = [*calls, now]


def add_dingtalk(app: web.Application, room: Room, robots: Sequence[DingRobot]) -> None:
    """Add the API under `/dingtalk-api` to the lab's site."""
    api = DingtalkApi(room, robots)
    room.join(FAKE, api.reset)
    gate = Gate(
        FAKE.name,
        room,
        lambda _: "robot",
        lambda code: web.json_response(Wrong(int(code)).to_json()),
    )
    fake = web.Application(middlewares=(gate.middleware(), _answer_wrong))
    fake.add_routes([web.post("/robot/send", api.send)])
    app.add_subapp("/dingtalk-api", fake)


@web.middleware
async def _answer_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return web.json_response(wrong.to_json())
