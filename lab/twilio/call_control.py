"""The lab's own API for calls: pick up, press a key, hang up; say what a telephone does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web

from kernel.errors import InvalidInput, NotFound
from lab.control import read_object
from lab.twilio.call import Call, CallDesk, Habit

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


@dataclass(slots=True)
class CallControl:
    """Answers `/lab/voice/{account}/…`."""

    desk: CallDesk

    def routes(self) -> list[web.RouteDef]:
        """Return every path."""
        account = "/lab/voice/{account}"
        call = account + "/calls/{sid}"
        return [
            web.get("/lab/voice/accounts", self.list_accounts),
            web.get(account + "/calls", self.list_calls),
            web.post(call + "/answer", self.answer),
            web.post(call + "/press", self.press),
            web.post(call + "/hang-up", self.hang_up),
            web.post(account + "/phone/{number}", self.set_habit),
        ]

    async def list_accounts(self, _: web.Request) -> web.Response:
        """List the accounts that call, without their secrets."""
        shown = [
            {"name": one.name, "number": one.public["number"]}
            for one in self.desk.accounts().values()
        ]
        return web.json_response({"accounts": shown})

    async def list_calls(self, request: web.Request) -> web.Response:
        """Show an account's calls, to `number` if it is given, the oldest first."""
        account, number = self._account(request), request.query.get("number")
        found = [
            one.to_json()
            for one in self.desk.calls.values()
            if one.account.name == account and number in (None, one.to)
        ]
        return web.json_response({"calls": found})

    async def answer(self, request: web.Request) -> web.Response:
        """Pick up, and hear the notice."""
        call = self._call(request)
        await self.desk.answer(call)
        return web.json_response(call.to_json())

    async def press(self, request: web.Request) -> web.Response:
        """Press a key: `{"key": "1"}`."""
        call, key = self._call(request), (await read_object(request)).get("key")
        if not isinstance(key, str) or len(key) != 1 or key not in "0123456789*#":
            raise InvalidInput("key is one of 0 to 9, * and #.")
        said = await self.desk.press(call, key)
        return web.json_response(call.to_json() | {"answer": said.to_json()})

    async def hang_up(self, request: web.Request) -> web.Response:
        """End the call."""
        call = self._call(request)
        await self.desk.hang_up(call)
        return web.json_response(call.to_json())

    async def set_habit(self, request: web.Request) -> web.Response:
        """Say what a telephone does when it rings: `{"state": "busy"}`."""
        self._account(request)
        number, state = request.match_info["number"], (await read_object(request)).get("state")
        if not _NUMBER.fullmatch(number):
            raise InvalidInput("number is + and its country code, like +8613800138000.")
        if state not in set(Habit):
            raise InvalidInput(f"state is one of {', '.join(Habit)}.")
        self.desk.habits[number] = Habit(str(state))
        return web.json_response({"number": number, "state": state})

    def _account(self, request: web.Request) -> str:
        name = request.match_info["account"]
        if name not in self.desk.accounts():
            raise NotFound(f"The lab plays no voice account {name!r}.")
        return name

    def _call(self, request: web.Request) -> Call:
        return self.desk.get(self._account(request), request.match_info["sid"])
