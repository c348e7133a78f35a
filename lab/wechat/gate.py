"""The fake API's door: plays faults, turns errors into WeChat's answers, keeps the trace."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from kernel.message import Json
from lab.wechat.code import Wrong
from lab.wechat.fault import Fault, Mode
from lab.wechat.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SHOWN = 8000
"""Characters of a body that the trace keeps."""

_TARGETS = (
    ("/stable_token", "token"),
    ("/cgi-bin/token", "token"),
    ("/custom/send", "custom"),
    ("/custom/typing", "typing"),
    ("/template/", "template"),
    ("/media/", "media"),
    ("/menu/", "menu"),
    ("/user/", "user"),
)
_STATUSES = {Mode.HTTP_500: 500, Mode.HTTP_502: 502, Mode.HTTP_429: 429}
_PAGE = "<!doctype html><title>502</title><h1>LAB 实验室: not WeChat's answer</h1>"


@dataclass(slots=True)
class Gate:
    """Stands before every call of the fake API."""

    world: World

    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Return the aiohttp middleware."""

        @web.middleware
        async def pass_gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            started = time.perf_counter()
            if not request.content_type.startswith("multipart/"):
                await request.read()
            fault = self.world.take_fault(_find_target(request.path))
            answer = await self._play(fault, request, handler)
            await self._trace(request, answer, fault, started)
            return answer

        return pass_gate

    async def _play(
        self, fault: Fault | None, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if fault is None:
            return await _answer(request, handler)
        match fault.mode:
            case Mode.HTTP_500 | Mode.HTTP_502 | Mode.HTTP_429:
                return _show_page(_STATUSES[fault.mode])
            case Mode.HTML:
                return _show_page(200)
            case Mode.ERRCODE:
                return web.json_response(Wrong(fault.errcode).to_json())
            case Mode.RESET_BEFORE:
                return _abort(request)
            case Mode.TIMEOUT_BEFORE:
                await asyncio.sleep(fault.seconds)
                return _abort(request)
            case Mode.SLOW:
                await asyncio.sleep(fault.seconds)
            case Mode.TOKEN_EXPIRED:
                self.world.tokens.expire_all()
            case Mode.WINDOW_USED_UP:
                await self._use_up(request)
            case _:
                pass
        return await self._spoil(fault, request, await _answer(request, handler))

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

    async def _use_up(self, request: web.Request) -> None:
        try:
            body = json.loads(await request.read())
            account = self.world.tokens.check(request.query.get("access_token"))
            self.world.windows.use_up(account, str(body["touser"]))
        except (ValueError, KeyError, TypeError, Wrong):
            return

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
        self.world.trace.record(
            "api",
            method=request.method,
            path=request.path,
            request=_hide_secret(sent[:SHOWN]),
            status=answer.status,
            answer="(a file)" if is_file else shown[:SHOWN],
            fault=fault.mode.value if fault else None,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Wrong as wrong:
        return web.json_response(wrong.to_json())
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        return web.json_response(Wrong(40066).to_json())


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
    half.content_type = "application/json"
    half.content_length = len(raw)
    await half.prepare(request)
    await half.write(raw[: len(raw) // 2])
    if request.transport is not None:
        request.transport.close()
    return half


def _find_target(path: str) -> str:
    return next((target for part, target in _TARGETS if part in path), "other")


def _hide_secret(text: str) -> str:
    try:
        body: Json = json.loads(text)
    except ValueError:
        return text
    if isinstance(body, dict) and "secret" in body:
        body = body | {"secret": "••••"}
        return json.dumps(body, ensure_ascii=False)
    return text
