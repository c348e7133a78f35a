"""Faults that a tester switches on, so that the product can be seen when its core fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from aiohttp import web

from kernel.errors import InvalidInput

SLOW_SECONDS = 10.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Mode(StrEnum):
    """What goes wrong: nothing, 503, ten seconds, a maintenance page with 200, odd JSON, reset."""

    NONE = "none"
    DOWN = "down"
    SLOW = "slow"
    HTML = "html"
    NONSENSE = "nonsense"
    RESET = "reset"


class FaultSwitch:
    """Holds the present fault; `/demo/…` is never touched by it."""

    def __init__(self) -> None:
        self.mode = Mode.NONE

    def turn(self, mode: str) -> Mode:
        """Switch to a mode by name, or raise InvalidInput with the names."""
        if mode not in set(Mode):
            raise InvalidInput(f"mode is one of {', '.join(Mode)}.")
        self.mode = Mode(mode)
        return self.mode


def build_fault_middleware(switch: FaultSwitch) -> Callable[..., Awaitable[web.StreamResponse]]:
    """Return the middleware that plays the fault which is switched on."""

    @web.middleware
    async def play_fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/demo/"):
            return await handler(request)
        match switch.mode:
            case Mode.DOWN:
                error = {"code": "maintenance", "message": "The core is down for maintenance."}
                return web.json_response({"error": error}, status=503)
            case Mode.SLOW:
                await asyncio.sleep(SLOW_SECONDS)
            case Mode.HTML:
                page = "<!doctype html><title>系统维护</title><h1>系统维护中</h1>"
                return web.Response(text=page, content_type="text/html")
            case Mode.NONSENSE:
                return web.json_response({"ok": "maybe", "balance_fen": "很多"})
            case Mode.RESET:
                if request.transport:
                    request.transport.abort()
            case Mode.NONE:
                pass
        return await handler(request)

    return play_fault
