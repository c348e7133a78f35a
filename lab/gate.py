"""A fake provider's door: plays faults, keeps the trace. Every fake stands behind one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from lab.fault import Fault, Mode
from lab.room import Room

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = Callable[..., Awaitable[web.StreamResponse]]
Hook = Callable[[web.Request], Awaitable[None]]

SHOWN = 8000
"""Characters of a body that the trace keeps."""

_STATUSES = {Mode.HTTP_500: 500, Mode.HTTP_502: 502, Mode.HTTP_429: 429}
_PAGE = "<!doctype html><title>502</title><h1>LAB 实验室: not a provider's answer</h1>"


def _show_text(text: str) -> str:
    return text


@dataclass(slots=True)
class Gate:
    """Stands before every call of one fake, as the outermost middleware of its application.

    `find_part` names the part of the fake that a request calls (`message`); `show_errcode`
    answers with an error code as the provider does; `hooks` prepare what only the fake can
    (an expired token, a used-up window) before the call is handled; `hide` takes secrets out
    of what the trace shows.
    """

    fake: str
    room: Room
    find_part: Callable[[web.Request], str]
    show_errcode: Callable[[int | str], web.Response]
    hooks: Mapping[Mode, Hook] = field(default_factory=dict)
    hide: Callable[[str], str] = _show_text

    def middleware(self) -> Middleware:
        """Return the aiohttp middleware."""

        @web.middleware
        async def pass_gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            started = time.perf_counter()
            if not request.content_type.startswith("multipart/"):
                await request.read()
            fault = self.room.take_fault(self.fake, self.find_part(request))
            answer = await self._play(fault, request, handler)
            await self._trace(request, answer, fault, started)
            return answer

        return pass_gate

    async def _play(
        self, fault: Fault | None, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if fault is None:
            return await handler(request)
        match fault.mode:
            case Mode.HTTP_500 | Mode.HTTP_502 | Mode.HTTP_429:
                return _show_page(_STATUSES[fault.mode])
            case Mode.HTML:
                return _show_page(200)
            case Mode.ERRCODE:
                return self.show_errcode(fault.errcode)
            case Mode.RESET_BEFORE:
                return _abort(request)
            case Mode.TIMEOUT_BEFORE:
                await asyncio.sleep(fault.seconds)
                return _abort(request)
            case Mode.SLOW:
                await asyncio.sleep(fault.seconds)
            case _:
                hook = self.hooks.get(fault.mode)
                if hook:
                    await hook(request)
        return await self._spoil(fault, request, await handler(request))

    async def _spoil(
        self, fault: Fault, request: web.Request, answer: web.StreamResponse
    ) -> web.StreamResponse:
        match fault.mode:
            case Mode.HTTP_500_AFTER:
                return _show_page(500)
            case Mode.RESET_AFTER:
                return _abort(request)
            case Mode.TIMEOUT_AFTER:
                await asyncio.sleep(fault.seconds)
                return _abort(request)
            case Mode.HALF:
                return await _send_half(request, answer)
            case _:
                return answer

    async def _trace(
        self,
        request: web.Request,
        answer: web.StreamResponse,
        fault: Fault | None,
        started: float,
    ) -> None:
        is_text = not request.content_type.startswith("multipart/")
        sent = (await request.read()).decode("utf-8", "replace") if is_text else "(a file)"
        body = answer.body if isinstance(answer, web.Response) else None
        shown = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
        is_file = answer.content_type.startswith(("image/", "audio/", "video/"))
        self.room.trace.record(
            "api",
            fake=self.fake,
            method=request.method,
            path=request.path,
            request=self.hide(sent[:SHOWN]),
            status=answer.status,
            answer="(a file)" if is_file else shown[:SHOWN],
            fault=fault.mode.value if fault else None,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )


def _show_page(status: int) -> web.Response:
    headers = {"Retry-After": "1"} if status == 429 else {}
    return web.Response(status=status, text=_PAGE, content_type="text/html", headers=headers)


def _abort(request: web.Request) -> web.Response:
    """Cut the connection; the response object is never seen by anybody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)


async def _send_half(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    body = answer.body if isinstance(answer, web.Response) else b""
    raw = body if isinstance(body, bytes) else b""
    half = web.StreamResponse(status=answer.status, headers={"X-Zhida-Lab": "1"})
    half.content_type = answer.content_type
    half.content_length = len(raw)
    await half.prepare(request)
    await half.write(raw[: len(raw) // 2])
    if request.transport is not None:
        request.transport.close()
    return half
