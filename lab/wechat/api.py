"""The fake api.weixin.qq.com: the same paths, the same checks, the same error codes."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

from aiohttp import BodyPartReader, web

from kernel.message import Json
from lab.wechat.account import LabAccount
from lab.wechat.code import Wrong
from lab.wechat.world import World

TEXT_LIMIT = 2048
_ESCAPED = re.compile(rb"\\u[0-9a-fA-F]{4}")
_OPENID = re.compile(r"[\w-]{1,64}", re.ASCII)
_MEDIA_KINDS = frozenset({"image", "voice", "video"})

Finished = Callable[[LabAccount, str, str], Awaitable[None]]
"""Tells an account, later, how a template message ended: account, openid, msgid."""


@dataclass(slots=True)
class Api:
    """Answers the calls that an account makes."""

    world: World
    finished: Finished

    def routes(self) -> list[web.RouteDef]:
        """Return every path, under `/cgi-bin`."""
        return [
            web.get("/cgi-bin/token", self.get_token),
            web.post("/cgi-bin/stable_token", self.get_stable_token),
            web.post("/cgi-bin/message/custom/send", self.send_custom),
            web.post("/cgi-bin/message/custom/typing", self.show_typing),
            web.post("/cgi-bin/message/template/send", self.send_template),
            web.post("/cgi-bin/menu/create", self.create_menu),
            web.get("/cgi-bin/menu/get", self.get_menu),
            web.get("/cgi-bin/menu/delete", self.delete_menu),
            web.post("/cgi-bin/media/upload", self.upload),
            web.get("/cgi-bin/media/get", self.download),
            web.get("/cgi-bin/user/info", self.get_user),
            web.get("/cgi-bin/user/get", self.list_users),
        ]

    async def get_token(self, request: web.Request) -> web.Response:
        """Issue a classic token; the one before ends within five minutes."""
        account = self._account(request.query.get("appid"), request.query.get("secret"))
        return web.json_response(self.world.tokens.issue_classic(account))

    async def get_stable_token(self, request: web.Request) -> web.Response:
        """Return the stable token."""
        body = await _read_object(request)
        account = self._account(body.get("appid"), body.get("secret"))
        forced = body.get("force_refresh") is True
        return web.json_response(self.world.tokens.issue_stable(account, force=forced))

    async def send_custom(self, request: web.Request) -> web.Response:
        """Take a customer-service message, if its window is open."""
        account = self._check_token(request)
        body = await _read_object(request)
        openid = _read_openid(body)
        msgtype = str(body.get("msgtype", ""))
        self._check_message(msgtype, body.get(msgtype))
        self.world.windows.spend(account.name, openid)
        self.world.record_sent(
            "custom", account.name, openid, msgtype=msgtype, body=body.get(msgtype)
        )
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def show_typing(self, request: web.Request) -> web.Response:
        """Show on the phone that somebody writes."""
        account = self._check_token(request)
        body = await _read_object(request)
        openid = _read_openid(body)
        frame: dict[str, Json] = {
            "account": account.name,
            "openid": openid,
            "on": body.get("command") == "Typing",
        }
        self.world.room.live.tell("typing", frame)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def send_template(self, request: web.Request) -> web.Response:
        """Take a template message, once for each client_msg_id within ten minutes."""
        account = self._check_token(request)
        body = await _read_object(request)
        openid = _read_openid(body)
        data = body.get("data")
        template_id = str(body.get("template_id", ""))
        self.world.templates.check(template_id, data if isinstance(data, Mapping) else {})
        follower = self.world.windows.find(account.name, openid)
        if follower is None or not follower.is_followed:
            raise Wrong(43004)
        client_msg_id, now = str(body.get("client_msg_id") or ""), self.world.clock.now()
        msgid = self.world.templates.find_repeat(openid, client_msg_id, now)
        if msgid is None:
            msgid = self.world.templates.record(openid, client_msg_id, now)
            self.world.record_sent(
                "template",
                account.name,
                openid,
                msgtype="template",
                msgid=msgid,
                client_msg_id=client_msg_id,
                body={"template_id": template_id, "data": data},
            )
            await self.finished(account, openid, msgid)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": int(msgid)})

    async def create_menu(self, request: web.Request) -> web.Response:
        """Keep the account's menu; at most three buttons of at most five each."""
        account = self._check_token(request)
        body = await _read_object(request)
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise Wrong(40033 if buttons is None else 47001, "button")
        self.world.menus[account.name] = cast("Json", body)
        self.world.room.live.tell("menu", {"account": account.name, "menu": cast("Json", body)})
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def get_menu(self, request: web.Request) -> web.Response:
        """Show the account's menu."""
        account = self._check_token(request)
        menu = self.world.menus.get(account.name)
        if menu is None:
            raise Wrong(46003)
        return web.json_response({"menu": menu})

    async def delete_menu(self, request: web.Request) -> web.Response:
        """Take the account's menu away."""
        self.world.menus.pop(self._check_token(request).name, None)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def upload(self, request: web.Request) -> web.Response:
        """Keep a temporary file; an empty one is refused."""
        self._check_token(request)
        kind = request.query.get("type", "")
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "media":
                data = bytes(await part.read())
                mime = part.headers.get("Content-Type", "application/octet-stream")
                media_id = self.world.media.store(kind, part.filename or "file", mime, data)
                made = int(self.world.clock.now().timestamp())
                shown = {"type": kind, "media_id": media_id, "created_at": made}
                return web.json_response(shown)
        raise Wrong(44001)

    async def download(self, request: web.Request) -> web.Response:
        """Return a temporary file."""
        self._check_token(request)
        found = self.world.media.get(request.query.get("media_id", ""))
        headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return web.Response(body=found.data, content_type=found.mime, headers=headers)

    async def get_user(self, request: web.Request) -> web.Response:
        """Tell whether an openid follows; since 2021 the platform gives no name."""
        account = self._check_token(request)
        openid = request.query.get("openid", "")
        follower = self.world.windows.find(account.name, openid)
        if follower is None:
            raise Wrong(40003)
        shown = {"subscribe": int(follower.is_followed), "openid": openid, "language": "zh_CN"}
        return web.json_response(shown)

    async def list_users(self, request: web.Request) -> web.Response:
        """List who follows."""
        found = self.world.windows.followers(self._check_token(request).name)
        shown = {"total": len(found), "count": len(found), "data": {"openid": found}}
        return web.json_response(shown | {"next_openid": ""})

    def _account(self, appid: Json, secret: Json) -> LabAccount:
        account = next((one for one in self.world.accounts.values() if one.appid == appid), None)
        if account is None:
            raise Wrong(40013)
        if account.secret != secret:
            raise Wrong(40125)
        return account

    def _check_token(self, request: web.Request) -> LabAccount:
        name = self.world.tokens.check(request.query.get("access_token"))
        return self.world.accounts[name]

    def _check_message(self, msgtype: str, body: Json) -> None:
        parts = body if isinstance(body, Mapping) else {}
        if msgtype == "text":
            _check_text(parts.get("content"))
        elif msgtype == "msgmenu":
            _check_menu(parts)
        elif msgtype in _MEDIA_KINDS:
            self.world.media.get(str(parts.get("media_id", "")))
        elif msgtype not in {"news", "mpnewsarticle", "miniprogrampage", "music"} or not parts:
            raise Wrong(40008)


async def _read_object(request: web.Request) -> dict[str, Json]:
    raw = await request.read()
    if not raw:
        raise Wrong(44002)
    if _ESCAPED.search(raw):
        raise Wrong(40033)
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Wrong(47001) from None
    if not isinstance(body, dict):
        raise Wrong(47001)
    return cast("dict[str, Json]", body)


def _read_openid(body: Mapping[str, Json]) -> str:
    openid = body.get("touser")
    if not isinstance(openid, str) or not _OPENID.fullmatch(openid):
        raise Wrong(40003)
    return openid


def _check_text(content: Json) -> None:
    if not isinstance(content, str) or not content.strip():
        raise Wrong(44004)
    if len(content.encode()) > TEXT_LIMIT:
        raise Wrong(45002)


def _check_menu(menu: Mapping[str, Json]) -> None:
    entries = menu.get("list")
    if not isinstance(entries, list) or not entries:
        raise Wrong(47003, "msgmenu.list")
    texts = [menu.get("head_content", ""), menu.get("tail_content", "")]
    for entry in entries:
        if not isinstance(entry, Mapping) or not entry.get("id") or not entry.get("content"):
            raise Wrong(47003, "msgmenu.list")
        texts.append(entry["content"])
    _check_text("".join(str(text) for text in texts))
