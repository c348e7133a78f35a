"""What the house says about itself: /healthz for people and balancers, /metrics for Prometheus."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web
from prometheus_client import REGISTRY, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from kernel.errors import NotSignedIn
from web.errors import Handler, answer_json

ANSWER_SECONDS: Final = 2.0
"""A part that has not answered by then is down."""
KEPT_SECONDS: Final = 1.0
"""An answer is shared for so long, so that asking often costs nothing."""

PART_UP = Gauge("zhida_part_up", "1 where the part answers, 0 where it does not", ["part"])
REQUESTS = Histogram(
    "zhida_http_request_seconds",
    "Time of HTTP requests by route; sockets and event streams are left out",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)

Ask = Callable[[], Awaitable[str]]
"""Asks a part; returns a detail such as a version, raises or hangs where it does not work."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the house: how to ask it, and whether nothing works without it."""

    ask: Ask
    essential: bool = False


@dataclass(slots=True)
class HealthDoors:
    """The routes /healthz and /metrics."""

    parts: Mapping[str, Part]
    version: str
    metrics_token: str = ""
    _report: tuple[float, dict[str, object], int] = field(default=(-1e9, {}, 200))
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def install(self, app: web.Application) -> None:
        """Add the routes and the clock that times every request."""
        app.router.add_get("/healthz", self.health)
        app.router.add_get("/metrics", self.metrics)
        # Outermost, so that an error is timed with the status it is answered with.
        app.middlewares.insert(0, time_requests)

    async def health(self, _: web.Request) -> web.Response:
        """Tell each part's state: 200 while clients can be served, 503 while they cannot."""
        async with self._asking:
            if time.monotonic() - self._report[0] > KEPT_SECONDS:
                self._report = (time.monotonic(), *await self._ask_all())
        return answer_json(self._report[1], status=self._report[2])

    async def metrics(self, request: web.Request) -> web.Response:
        """Give all counters in Prometheus' text format."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.metrics_token and not _is_equal(given, self.metrics_token):
            raise NotSignedIn("Send the metrics token as `Authorization: Bearer …`.")
        body = generate_latest(REGISTRY)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _ask_all(self) -> tuple[dict[str, object], int]:
        names = list(self.parts)
        states = await asyncio.gather(*(_ask_one(self.parts[name].ask) for name in names))
        rows = dict(zip(names, states, strict=True))
        for name, row in rows.items():
            PART_UP.labels(name).set(row["state"] == "ok")
        down = [name for name, row in rows.items() if row["state"] != "ok"]
        is_down = any(self.parts[name].essential for name in down)
        overall = "down" if is_down else "degraded" if down else "ok"
        body: dict[str, object] = {"status": overall, "version": self.version, "parts": rows}
        return body, 503 if is_down else 200


def _is_equal(given: str, wanted: str) -> bool:
    """Compare in constant time; a header may hold bytes that are no text."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())


async def _ask_one(ask: Ask) -> dict[str, object]:
    began = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            state, detail = "ok", await ask()
    except TimeoutError:
        state, detail = "down", f"no answer within {ANSWER_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001  # whatever is wrong with a part is its state
        state, detail = "down", type(error).__name__
    row: dict[str, object] = {"state": state, "ms": round((time.monotonic() - began) * 1000, 1)}
    return row | ({"detail": detail} if detail else {})


@web.middleware
async def time_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Time a request under its route's pattern, so that ids do not become labels."""
    began = time.monotonic()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "(none)"
    is_long = isinstance(response, web.WebSocketResponse) or (
        response.content_type == "text/event-stream"
    )
    if not is_long:
        seconds = time.monotonic() - began
        REQUESTS.labels(request.method, route, str(response.status)).observe(seconds)
    return response
