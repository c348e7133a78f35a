"""The lab's own API for SMS: write one, look at a phone, switch it off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

from aiohttp import web

from kernel.errors import InvalidInput, NotFound
from kernel.message import Json
from lab.control import read_object
from lab.sms.handset import Handsets, State

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_TEXT_LIMIT = 5000


class Network(Protocol):
    """A fake provider, as a phone sees it."""

    def list_accounts(self) -> list[Mapping[str, Json]]:
        """Return name and number of each account."""
        ...

    async def say(
        self, account: str, number: str, text: str, more: Mapping[str, Json]
    ) -> Mapping[str, Json]:
        """Carry an SMS to the product, and tell how it answered."""
        ...


@dataclass(slots=True)
class SmsControl:
    """Answers `/lab/sms/{provider}/{account}/…`."""

    networks: Mapping[str, Network]
    handsets: Handsets

    def routes(self) -> list[web.RouteDef]:
        """Return every path."""
        account = "/lab/sms/{provider}/{account}"
        return [
            web.get("/lab/sms/accounts", self.list_accounts),
            web.post(account + "/say", self.say),
            web.get(account + "/phone/{number}", self.show_phone),
            web.post(account + "/phone/{number}", self.turn_phone),
        ]

    async def list_accounts(self, _: web.Request) -> web.Response:
        """List the accounts that the lab plays, without their secrets."""
        shown = [
            {"provider": name, **one}
            for name, network in self.networks.items()
            for one in network.list_accounts()
        ]
        return web.json_response({"accounts": shown})

    async def say(self, request: web.Request) -> web.Response:
        """Let a client write: `{"number": "+852…", "text": …}`; answers when it is delivered."""
        network, body = self._network(request), await read_object(request)
        number, text = _check_number(body.get("number")), body.get("text", "")
        if not isinstance(text, str) or len(text) > _TEXT_LIMIT:
            raise InvalidInput(f"text has at most {_TEXT_LIMIT} characters.")
        account = request.match_info["account"]
        self.handsets.record(request.match_info["provider"], account, number, "me", text)
        return web.json_response(await network.say(account, number, text, body))

    async def show_phone(self, request: web.Request) -> web.Response:
        """Show what a phone shows."""
        self._network(request)
        number = _check_number(request.match_info["number"])
        provider, account = request.match_info["provider"], request.match_info["account"]
        shown: dict[str, Json] = {
            "number": number,
            "state": self.handsets.state(number).value,
            "bubbles": cast("Json", self.handsets.read(provider, account, number)),
        }
        return web.json_response(shown)

    async def turn_phone(self, request: web.Request) -> web.Response:
        """Switch a phone on, off, let the carrier filter it, or make it a landline."""
        self._network(request)
        number = _check_number(request.match_info["number"])
        state = (await read_object(request)).get("state")
        if state not in set(State):
            raise InvalidInput(f"state is one of {', '.join(State)}.")
        self.handsets.turn(number, State(str(state)))
        return web.json_response({"number": number, "state": state})

    def _network(self, request: web.Request) -> Network:
        name, account = request.match_info["provider"], request.match_info["account"]
        network = self.networks.get(name)
        known = [str(one["name"]) for one in network.list_accounts()] if network else []
        if network is None or account not in known:
            raise NotFound(f"The lab plays no SMS account {name}/{account}.")
        return network


def _check_number(value: Json) -> str:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise InvalidInput("number is + and its country code, like +85291234567.")
    return value
