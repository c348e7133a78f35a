"""Another system of the broker: a real HTTP server that keeps a ledger of what it was told."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker

from tests.site import read_document

SPEC = read_document()


@dataclass
class Receiver:
    """Takes what is signed with its secret; `script` says which status the next call gets."""

    secret: str = ""
    script: Callable[[dict[str, Any]], int] = lambda _: 200
    ledger: list[dict[str, Any]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?by=zhida"

    @property
    def kinds(self) -> list[str]:
        return [one["kind"] for one in self.ledger]

    async def open(self) -> None:
        """Listen, on the same port as before."""
        app = web.Application()
        app.router.add_post("/told", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()
        self._runner = None

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if not is_signed(request.headers, raw, self.secret):
            return web.Response(status=401)
        told = json.loads(raw)
        self.calls.append(told)
        status = self.script(told)
        if status == 307:
            return web.Response(status=307, headers={"Location": self.url})
        if status < 300:
            self.ledger.append(told)
            self.names.append(request.headers["X-Zhida-Delivery"])
        return web.Response(status=status, body=b"x" * 100_000)


def check_told(told: dict[str, Any]) -> None:
    """Make sure that what was told is as docs/openapi.yaml says under `webhooks`."""
    family = told["kind"].partition(".")[0]
    name = "campaignMessage" if family == "campaign_message" else family
    post = SPEC["webhooks"][name]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": SPEC["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(told)


def is_signed(headers: Any, raw: bytes, secret: str) -> bool:
    """Check a signature as docs/webhooks.md says, without a line of ours."""
    stamp = headers.get("X-Zhida-Timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > 300:
        return False
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + raw, sha256).hexdigest()
    given = headers.get("X-Zhida-Signature", "").split(",")
    return any(hmac.compare_digest(wanted, one) for one in given)


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.open()
    try:
        yield receiver
    finally:
        await receiver.close()
