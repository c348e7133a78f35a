"""The demo core's door: bearer token, request rate, and errors in one shape."""

from __future__ import annotations

import hmac
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from kernel.clock import Clock
from kernel.errors import InvalidInput, NotFound, NotSignedIn, ServiceError, TooMany
from lab.broker.fault import Handler

Middleware = Callable[..., Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Bucket:
    """A token bucket: `rate` requests a second on the long run, `burst` at once."""

    rate: float
    burst: float
    clock: Clock
    _level: float = -1.0
    _at: float = 0.0

    def take(self) -> None:
        """Take one token or raise TooMany with the seconds to wait."""
        now = self.clock.now().timestamp()
        level = self.burst if self._level < 0 else self._level
        self._level = min(self.burst, level + (now - self._at) * self.rate)
        self._at = now
        if self._level < 1:
            raise TooMany(retry_after=(1 - self._level) / self.rate)
        self._level -= 1


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every refusal as {"error": {"code", "message"}}."""
    try:
        return await handler(request)
    except ServiceError as error:
        return _show(error)
    except web.HTTPNotFound:
        return _show(NotFound("There is no such path."))
    except web.HTTPMethodNotAllowed as error:
        body = {"error": {"code": "method_not_allowed", "message": error.reason}}
        return web.json_response(body, status=405, headers={"Allow": error.headers["Allow"]})
    except web.HTTPRequestEntityTooLarge:
        return _show(InvalidInput("The body is too large."))


def _show(error: ServiceError) -> web.Response:
    headers = {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    body = {"error": {"code": error.code, "message": error.message}}
    return web.json_response(body, status=error.status, headers=headers)


def build_door(token: str, bucket: Bucket) -> Middleware:
    """Return the middleware that lets only the bearer of `token` into /v1, at a bounded rate."""
    expected = f"Bearer {token}".encode()

    @web.middleware
    async def check_bearer(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/v1/"):
            given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(given, expected):
                raise NotSignedIn("Send Authorization: Bearer <token>.")
            bucket.take()
        return await handler(request)

    return check_bearer
