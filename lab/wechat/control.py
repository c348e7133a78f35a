"""The lab's own API for WeChat: be a client, use up a window, take a photo, look at a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aiohttp import web

from kernel.errors import InvalidInput, NotFound
from kernel.message import Json
from lab.control import read_object
from lab.wechat.account import LabAccount
from lab.wechat.code import Wrong
from lab.wechat.phone import Phone
from lab.wechat.world import World


@dataclass(slots=True)
class WechatControl:
    """Answers `/lab/wechat/…`."""

    world: World
    phone: Phone

    def routes(self) -> list[web.RouteDef]:
        """Return every path of the control API."""
        account = "/lab/wechat/{account}"
        return [
            web.get("/lab/accounts", self.list_accounts),
            web.post(account + "/say", self.say),
            web.post(account + "/handshake", self.handshake),
            web.post(account + "/window", self.set_window),
            web.post(account + "/photo", self.take_photo),
            web.get(account + "/phone/{openid}", self.show_phone),
            web.get("/lab/media/{media_id}", self.show_media),
        ]

    async def list_accounts(self, _: web.Request) -> web.Response:
        """List the accounts that the lab plays, without their secrets."""
        shown = [
            {"name": one.name, "appid": one.appid, "callback": one.callback}
            for one in self.world.accounts.values()
        ]
        return web.json_response({"accounts": shown})

    async def say(self, request: web.Request) -> web.Response:
        """Let a client write, tap, follow, send: answers when WeChat would be done with it."""
        body = await read_object(request)
        return web.json_response(await self.phone.say(self._account(request), body))

    async def handshake(self, request: web.Request) -> web.Response:
        """Check the callback address as WeChat does when it is entered."""
        return web.json_response(await self.phone.handshake(self._account(request)))

    async def set_window(self, request: web.Request) -> web.Response:
        """Use up or close an openid's window, or let its owner block the account."""
        account, body = self._account(request), await read_object(request)
        openid, state = str(body.get("openid", "")), body.get("state")
        follower = self.world.windows.follower(account.name, openid)
        match state:
            case "used_up":
                self.world.windows.use_up(account.name, openid)
            case "closed":
                self.world.windows.close(account.name, openid)
            case "blocked" | "unblocked":
                follower.has_blocked = state == "blocked"
            case _:
                raise InvalidInput("state is used_up, closed, blocked or unblocked.")
        return web.json_response({"windows": self.world.windows.show(account.name, openid)})

    async def take_photo(self, request: web.Request) -> web.Response:
        """Take a picture with the phone, or keep the one that is posted."""
        self._account(request)
        data = await request.read()
        try:
            media = self.world.media
            media_id = (
                media.store("image", "photo", request.content_type, data) if data else media.paint()
            )
        except Wrong as wrong:
            raise InvalidInput(str(wrong.to_json()["errmsg"])) from wrong
        url = f"{request.scheme}://{request.host}/lab/media/{media_id}"
        return web.json_response({"media_id": media_id, "url": url})

    async def show_phone(self, request: web.Request) -> web.Response:
        """Show what a phone shows."""
        account, openid = self._account(request), request.match_info["openid"]
        follower = self.world.windows.follower(account.name, openid)
        shown: dict[str, Json] = {
            "openid": openid,
            "followed": follower.is_followed,
            "blocked": follower.has_blocked,
            "windows": self.world.windows.show(account.name, openid),
            "menu": self.world.menus.get(account.name),
            "bubbles": cast("Json", self.world.bubbles.read(account.name, openid)),
        }
        return web.json_response(shown)

    async def show_media(self, request: web.Request) -> web.Response:
        """Show a picture that a phone took."""
        try:
            found = self.world.media.get(request.match_info["media_id"])
        except Wrong as wrong:
            raise NotFound("There is no such media file.") from wrong
        is_picture = found.mime in {"image/png", "image/jpeg", "image/gif", "image/webp"}
        mime = found.mime if is_picture else "application/octet-stream"
        return web.Response(body=found.data, content_type=mime)

    def _account(self, request: web.Request) -> LabAccount:
        name = request.match_info["account"]
        account = self.world.accounts.get(name)
        if account is None:
            known = ", ".join(self.world.accounts) or "none"
            raise NotFound(f"The lab plays no account {name!r}; it plays: {known}.")
        return account
