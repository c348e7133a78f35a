"""The demo core's HTTP site, as docs/core-openapi.yaml describes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

from aiohttp import web

from kernel.clock import Clock, SystemClock
from kernel.errors import InvalidInput
from kernel.message import Json
from lab.broker.account import Account
from lab.broker.book import Book, check_product
from lab.broker.challenge import CodeDesk
from lab.broker.fault import FaultSwitch, build_fault_middleware
from lab.broker.gate import Bucket, answer_errors, build_door
from lab.broker.generator import find_accounts
from lab.broker.host import HostSigner
from lab.broker.view import (
    show_client,
    show_eligibility,
    show_funds,
    show_limit,
    show_margin,
    show_permissions,
    show_transfers,
)

BODY_LIMIT = 16 * 1024
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_LIMIT = re.compile(r"[1-9]|[1-4][0-9]|50")
_KEY = re.compile(r"[A-Za-z0-9_:.-]{8,128}")


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """What the demo core must be told: secrets come from the caller, never from the code."""

    token: str
    host_key: str
    host_issuer: str
    host_audience: str
    accounts: int = 200
    rate: float = 200.0


class BrokerSite:
    """Answers the contract's requests from the book."""

    def __init__(self, book: Book, codes: CodeDesk, *, signer: HostSigner, clock: Clock) -> None:
        self._book = book
        self._codes = codes
        self._signer = signer
        self._clock = clock
        self.faults = FaultSwitch()

    def routes(self) -> list[web.RouteDef]:
        """Return every route of the contract, and the demo's own."""
        client = "/v1/clients/{client_no}"
        return [
            web.get("/healthz", self.check_health),
            web.get(client, self.get_client),
            web.get(client + "/funds", self.get_funds),
            web.get(client + "/transfers", self.get_transfers),
            web.get(client + "/withdrawal-limit", self.get_limit),
            web.get(client + "/permissions", self.get_permissions),
            web.get(client + "/permissions/{product}/eligibility", self.get_eligibility),
            web.post(client + "/permissions/{product}/applications", self.apply),
            web.get(client + "/margin", self.get_margin),
            web.post(client + "/changes", self.change),
            web.post("/v1/otp", self.send_code),
            web.post("/v1/otp/{challenge}/check", self.check_code),
            web.get("/v1/host-token/{client_no}", self.get_host_token),
            web.get("/demo/sms", self.find_sms),
            web.get("/demo/clients", self.find_clients),
            web.get("/demo/fault", self.get_fault),
            web.post("/demo/fault", self.turn_fault),
        ]

    def _account(self, request: web.Request) -> Account:
        return self._book.get_account(request.match_info["client_no"])

    async def check_health(self, _: web.Request) -> web.Response:
        """Tell that the core is up."""
        return web.json_response({"ok": True, "kind": "demo"})

    async def get_client(self, request: web.Request) -> web.Response:
        """Tell who the client is."""
        return web.json_response(show_client(self._account(request)))

    async def get_funds(self, request: web.Request) -> web.Response:
        """Tell the money of each account."""
        return web.json_response(show_funds(self._account(request), now=self._clock.now()))

    async def get_transfers(self, request: web.Request) -> web.Response:
        """Tell the newest transfers, in or out or both."""
        direction = request.query.get("direction")
        if direction not in {None, "in", "out"}:
            raise InvalidInput("direction is in or out.")
        account = self._account(request)
        limit = _read_limit(request.query.get("limit", "5"))
        shown = show_transfers(account, direction=direction, limit=limit, now=self._clock.now())
        return web.json_response(shown)

    async def get_limit(self, request: web.Request) -> web.Response:
        """Tell what may still be withdrawn today."""
        return web.json_response(show_limit(self._account(request)))

    async def get_permissions(self, request: web.Request) -> web.Response:
        """Tell each permission."""
        return web.json_response(show_permissions(self._account(request), now=self._clock.now()))

    async def get_eligibility(self, request: web.Request) -> web.Response:
        """Hold the client against the conditions of a permission."""
        check_product(request.match_info["product"])
        shown = show_eligibility(self._account(request), request.match_info["product"])
        return web.json_response(shown)

    async def get_margin(self, request: web.Request) -> web.Response:
        """Tell the margin state."""
        return web.json_response(show_margin(self._account(request), now=self._clock.now()))

    async def apply(self, request: web.Request) -> web.Response:
        """Hand in an application for a permission, once for each Idempotency-Key."""
        client_no, product = self._account(request).client_no, request.match_info["product"]
        named: dict[str, Json] = {"client_no": client_no, "product": product}
        act = partial(self._book.apply_for, client_no, product)
        return _answer_once(self._book.record_once(_read_key(request), named, act=act))

    async def change(self, request: web.Request) -> web.Response:
        """Start a change of phone or bank card, once for each Idempotency-Key."""
        client_no = self._account(request).client_no
        body = await _read_body(request)
        kind = _read_text(body, "kind")
        if kind == "phone":
            _check_phone(_read_text(body, "new_phone"))
        if kind == "bank_card":
            _read_text(body, "bank")
        named: dict[str, Json] = {"client_no": client_no, "change": body}
        act = partial(self._book.change, client_no, kind)
        return _answer_once(self._book.record_once(_read_key(request), named, act=act))

    async def send_code(self, request: web.Request) -> web.Response:
        """Send a one-time code; the answer is the same for a phone that nobody has."""
        phone = _read_text(await _read_body(request), "phone")
        _check_phone(phone)
        return web.json_response(self._codes.send_code(phone))

    async def check_code(self, request: web.Request) -> web.Response:
        """Tell whose code it is, or 403, or 429 after five wrong ones."""
        code = _read_text(await _read_body(request), "code")
        client_no = self._codes.check_code(request.match_info["challenge"], code)
        return web.json_response({"client_no": client_no})

    async def get_host_token(self, request: web.Request) -> web.Response:
        """Sign a token as the broker's own app would."""
        return web.json_response({"token": self._signer.sign(self._account(request).client_no)})

    async def find_sms(self, _: web.Request) -> web.Response:
        """Show the messages that would have been sent."""
        return web.json_response({"sms": self._codes.show_outbox()})

    async def find_clients(self, _: web.Request) -> web.Response:
        """Show the generated clients and what each is there to show."""
        shown = [{**show_client(found), "story": found.story} for found in self._book.accounts()]
        return web.json_response({"clients": shown})

    async def get_fault(self, _: web.Request) -> web.Response:
        """Show which fault is on."""
        return web.json_response({"mode": self.faults.mode})

    async def turn_fault(self, request: web.Request) -> web.Response:
        """Switch a fault on or off."""
        mode = self.faults.turn(_read_text(await _read_body(request), "mode"))
        return web.json_response({"mode": mode})


def build_app(settings: BrokerSettings, *, clock: Clock | None = None) -> web.Application:
    """Build the demo core's application."""
    clock = clock or SystemClock()
    book = Book(find_accounts(settings.accounts))
    signer = HostSigner(settings.host_key, settings.host_issuer, settings.host_audience, clock)
    site = BrokerSite(book, CodeDesk(book, clock), signer=signer, clock=clock)
    bucket = Bucket(settings.rate, settings.rate, clock)
    door = build_door(settings.token, bucket)
    middlewares = [answer_errors, build_fault_middleware(site.faults), door]
    app = web.Application(middlewares=middlewares, client_max_size=BODY_LIMIT)
    app.add_routes(site.routes())
    return app


def _answer_once(outcome: tuple[Mapping[str, Json], bool]) -> web.Response:
    answer, repeated = outcome
    headers = {"Idempotent-Replayed": "true"} if repeated else {}
    return web.json_response(answer, status=200 if repeated else 201, headers=headers)


def _read_key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise InvalidInput("Send an Idempotency-Key of 8 to 128 letters, digits or _:.-")
    return key


def _read_limit(text: str) -> int:
    if not _LIMIT.fullmatch(text):
        raise InvalidInput("limit is a whole number from 1 to 50.")
    return int(text)


async def _read_body(request: web.Request) -> dict[str, Json]:
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body is not a JSON object.")
    return cast("dict[str, Json]", body)


def _read_text(body: Mapping[str, Json], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        raise InvalidInput(f"{name} is missing or not a text of at most 200 characters.")
    return value.strip()


def _check_phone(phone: str) -> None:
    if not _PHONE.fullmatch(phone):
        raise InvalidInput("A mainland mobile number has 11 digits and starts with 1.")
