"""The client of the broker's core (docs/core-openapi.yaml): typed answers or a clear error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar, cast
from urllib.parse import quote

import aiohttp
from pydantic import TypeAdapter, ValidationError

from clients.account import (
    Application,
    Challenge,
    Change,
    CodeOwner,
    Direction,
    Eligibility,
    Funds,
    HostToken,
    Margin,
    Permissions,
    Person,
    Product,
    Transfer,
    Transfers,
    WithdrawalLimit,
)
from kernel.errors import OutcomeUnknown, Permanent, Transient

ANSWER_LIMIT = 1024 * 1024
SECOND_TRY = 0.6
"""The second try's share of the patience: both together stay within a turn's four seconds."""
Answer = TypeVar("Answer")


class CoreDown(Transient):
    """The broker's core does not answer; please try again later."""

    code = "core_down"
    message_zh = "交易核心系统暂时无响应，请稍后再试。"


class CoreOdd(CoreDown):
    """The broker's core answered something that is not in the contract."""

    code = "core_odd"


class CoreBusy(Transient):
    """The broker's core asks us to wait."""

    code = "core_busy"
    message_zh = "操作过于频繁，请稍候再试。"

    def __init__(self, retry_after: float = 1.0) -> None:
        super().__init__()
        self.retry_after = retry_after


class CoreUncertain(OutcomeUnknown):
    """The broker's core may or may not have done it."""

    code = "core_uncertain"


class CoreRefused(Permanent):
    """The broker's core refused; `reason` is its code, `status` its HTTP status."""

    code = "core_refused"
    reason: str
    answer_status: int

    def __init__(self, reason: str, answer_status: int) -> None:
        super().__init__(f"The broker's core refused: {reason} (HTTP {answer_status}).")
        self.reason = reason
        self.answer_status = answer_status


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] | None = None
    key: str | None = None


class Broker:
    """Asks the broker's core; every method raises one of the errors above, nothing else.

    Reading is tried once. A deed carries an idempotency key, so it is tried a second time
    when its outcome is unknown, and only then reported as uncertain.
    """

    TIMEOUT_SECONDS: ClassVar[float] = 1.5

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        token: str,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._token = token
        self._timeout = timeout_seconds

    async def check_health(self) -> bool:
        """Tell whether the core is up, without raising."""
        try:
            await self._read(_Call("GET", "/healthz"))
        except (CoreDown, CoreBusy, CoreRefused):
            return False
        return True

    async def get_person(self, client_no: str) -> Person:
        """Return who the client is."""
        return await self._get(Person, _client(client_no))

    async def get_funds(self, client_no: str) -> Funds:
        """Return the money of each account."""
        return await self._get(Funds, _client(client_no, "/funds"))

    async def find_transfers(
        self, client_no: str, direction: Direction, *, limit: int = 5
    ) -> tuple[Transfer, ...]:
        """Return the newest transfers, newest first."""
        query = {"direction": direction, "limit": str(limit)}
        call = _Call("GET", _client(client_no, "/transfers"), query)
        return _check(Transfers, await self._read(call)).transfers

    async def get_withdrawal_limit(self, client_no: str) -> WithdrawalLimit:
        """Return what may still be withdrawn today."""
        return await self._get(WithdrawalLimit, _client(client_no, "/withdrawal-limit"))

    async def get_permissions(self, client_no: str) -> Permissions:
        """Return every trading permission."""
        return await self._get(Permissions, _client(client_no, "/permissions"))

    async def get_eligibility(self, client_no: str, product: Product) -> Eligibility:
        """Return each condition of a permission, met or not."""
        return await self._get(
            Eligibility, _client(client_no, f"/permissions/{quote(product, safe='')}/eligibility")
        )

    async def get_margin(self, client_no: str) -> Margin:
        """Return the margin state."""
        return await self._get(Margin, _client(client_no, "/margin"))

    async def send_application(self, client_no: str, product: Product, *, key: str) -> Application:
        """Apply for a permission, once for each `key`.

        Raises:
            CoreRefused: `not_eligible`, `already_there` or `idempotency_conflict`.
        """
        path = _client(client_no, f"/permissions/{quote(product, safe='')}/applications")
        return await self._do(Application, _Call("POST", path, key=key))

    async def send_change(self, client_no: str, change: Mapping[str, str], *, key: str) -> Change:
        """Start a change, `{"kind": "phone", "new_phone"}` or `{"kind": "bank_card", "bank"}`.

        Raises:
            CoreRefused: `transfer_pending`, `invalid_input` or `idempotency_conflict`.
        """
        call = _Call("POST", _client(client_no, "/changes"), body=change, key=key)
        return await self._do(Change, call)

    async def send_code(self, phone: str) -> Challenge:
        """Have a one-time code sent; the answer is the same for an unknown phone.

        Raises:
            CoreBusy: too many codes for this phone; `retry_after` seconds to wait.
        """
        call = _Call("POST", "/v1/otp", body={"phone": phone})
        return _check(Challenge, await self._read(call))

    async def check_code(self, challenge: str, code: str) -> str:
        """Return the client number of the phone that got this code.

        Raises:
            CoreRefused: `wrong_code`: wrong or expired.
            CoreBusy: too many wrong codes; a new one is needed.
        """
        path = f"/v1/otp/{quote(challenge, safe='')}/check"
        return _check(
            CodeOwner, await self._read(_Call("POST", path, body={"code": code}))
        ).client_no

    async def get_host_token(self, client_no: str) -> str:
        """Return a host app's token: the demo core alone has this path."""
        return (await self._get(HostToken, f"/v1/host-token/{quote(client_no, safe='')}")).token

    async def _get(self, kind: type[Answer], path: str) -> Answer:
        return _check(kind, await self._read(_Call("GET", path)))

    async def _do(self, kind: type[Answer], call: _Call) -> Answer:
        """Do a deed under its key; a second try after an unknown outcome is safe."""
        try:
            return _check(kind, await self._read(call))
        except CoreDown:
            pass
        try:
            return _check(kind, await self._read(call, patience=SECOND_TRY))
        except CoreDown as error:
            raise CoreUncertain from error

    async def _read(self, call: _Call, *, patience: float = 1.0) -> bytes:
        """Send one request; return the body of a 2xx JSON answer or raise."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if call.key:
            headers["Idempotency-Key"] = call.key
        try:
            async with (
                asyncio.timeout(self._timeout * patience),
                self._session.request(
                    call.method,
                    self._url + call.path,
                    params=call.query,
                    json=call.body,
                    headers=headers,
                    allow_redirects=False,
                ) as response,
            ):
                body = await _read_body(response)
                _check_status(response, body)
                return body
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise CoreDown from error


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise CoreOdd
    return bytes(body)


def _check_status(response: aiohttp.ClientResponse, body: bytes) -> None:
    status = response.status
    if status == 429:
        raise CoreBusy(_read_wait(response.headers.get("Retry-After", "1")))
    if status >= 500:
        raise CoreDown
    if 400 <= status < 500:
        raise CoreRefused(_read_reason(body), status)
    if not 200 <= status < 300 or response.content_type != "application/json":
        raise CoreOdd


def _read_wait(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1.0


def _read_reason(body: bytes) -> str:
    try:
        code = json.loads(body)["error"]["code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "unexplained"
    return code if isinstance(code, str) else "unexplained"


def _check(kind: type[Answer], body: bytes) -> Answer:
    """Check an answer into its type; anything else than the contract's shape is CoreOdd."""
    adapter = _ADAPTERS.get(kind) or _ADAPTERS.setdefault(kind, TypeAdapter(kind))
    try:
        return cast("Answer", adapter.validate_json(body, strict=True))
    except ValidationError as error:
        raise CoreOdd from error


_ADAPTERS: dict[type[object], TypeAdapter[object]] = {}
"""Building an adapter is slow, so each answer's is built once."""


def _client(client_no: str, tail: str = "") -> str:
    return f"/v1/clients/{quote(client_no, safe='')}{tail}"
