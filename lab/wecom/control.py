"""The lab's own API for 微信客服: be a client, look at a phone, move a session."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from kernel.errors import InvalidInput, NotFound
from kernel.message import Json
from lab.control import read_object
from lab.wecom.account import KfAccount
from lab.wecom.code import Wrong
from lab.wecom.phone import KfPhone
from lab.wecom.session import Session
from lab.wecom.world import WecomWorld

_OWN = "/lab/kf/{account}"


@dataclass(slots=True)
class WecomControl:
    """Answers `/lab/kf/…`."""

    world: WecomWorld
    phone: KfPhone

    def routes(self) -> list[web.RouteDef]:
        """Return every path."""
        return [
            web.get("/lab/kf/accounts", self.list_accounts),
            web.post(_OWN + "/say", self.say),
            web.post(_OWN + "/fail", self.fail),
            web.post(_OWN + "/session", self.set_session),
            web.post(_OWN + "/handshake", self.handshake),
            web.get(_OWN + "/phone/{user}", self.show_phone),
        ]

    async def list_accounts(self, _: web.Request) -> web.Response:
        """List the kf accounts, without their secrets."""
        shown = [
            {"name": one.name, "open_kfid": one.open_kfid, "callback": one.callback}
            for one in self.world.accounts.kfs.values()
        ]
        return web.json_response({"accounts": shown})

    async def say(self, request: web.Request) -> web.Response:
        """Let a client write, tap, send or enter."""
        body = await read_object(request)
        return web.json_response(await self.phone.say(self._account(request), body))

    async def fail(self, request: web.Request) -> web.Response:
        """Let a message that was sent fail to arrive."""
        body = await read_object(request)
        return web.json_response(await self.phone.fail(self._account(request), body))

    async def set_session(self, request: web.Request) -> web.Response:
        """Put a client's session into a state from 0 to 4, or use up or close its window."""
        account, body = self._account(request), await read_object(request)
        session = self._session(account, str(body.get("user", "")))
        state, window = body.get("state"), body.get("window")
        if window not in {None, "used_up", "closed"} or (
            state is not None and state not in range(5)
        ):
            raise InvalidInput("state is from 0 to 4; window is used_up or closed.")
        if isinstance(state, int):
            session.state = state
        if window == "used_up":
            session.left = 0
        if window == "closed":
            session.expires_at = None
        return web.json_response(session.to_json())

    async def handshake(self, request: web.Request) -> web.Response:
        """Check the callback address as WeCom does when it is entered."""
        return web.json_response(await self.phone.handshake(self._account(request)))

    async def show_phone(self, request: web.Request) -> web.Response:
        """Show a client's session and what has reached the phone."""
        account, user = self._account(request), request.match_info["user"]
        entries = self.world.room.ledger.read(0, 10_000)
        mine: list[Json] = [
            one
            for one in entries
            if (one["channel"], one["account"], one["address"]) == ("kf", account.name, user)
        ]
        session = self._session(account, user).to_json()
        return web.json_response({"user": user, "session": session, "messages": mine})

    def _session(self, account: KfAccount, user: str) -> Session:
        try:
            return self.world.sessions.get(account.open_kfid, user)
        except Wrong as wrong:
            raise NotFound(f"{user!r} has never been here.") from wrong

    def _account(self, request: web.Request) -> KfAccount:
        name = request.match_info["account"]
        account = self.world.accounts.kfs.get(name)
        if account is None:
            known = ", ".join(self.world.accounts.kfs) or "none"
            raise NotFound(f"The lab plays no kf account {name!r}; it plays: {known}.")
        return account
