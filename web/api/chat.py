"""The chat's doors: WebSocket first, server-sent events and plain REST where it is blocked."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson
from aiohttp import web

from channels.chat.payload import FRAME_BYTES, parse_body
from channels.chat.signature import Guest, check_origin, check_token, make_visitor_token
from channels.live import Frame
from kernel.errors import InvalidInput, NotSignedIn
from store.conversation import Conversation
from web.api.chat_socket import ChatSocket, read_hello
from web.errors import answer_json, read_json
from web.feed import Feed
from web.socket import SocketWriter
from web.talk import Talks

HEARTBEAT_SECONDS: Final = 25.0
TICKET_SECONDS: Final = 30.0
PROTOCOL: Final = "chat.v1"
SPENT: Final = 10_000
PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "600",
}


@dataclass(slots=True)
class ChatDoors:
    """The routes under /chat."""

    talks: Talks
    _tickets: dict[str, tuple[Guest, float]] = field(default_factory=dict)

    def install(self, app: web.Application) -> None:
        """Add the routes to the site."""
        app.router.add_post("/chat/visitor", self.visitor)
        app.router.add_get("/chat/ws", self.socket)
        app.router.add_get("/chat/messages", self.history)
        app.router.add_post("/chat/messages", self.send)
        app.router.add_post("/chat/receipts", self.receipts)
        app.router.add_post("/chat/feedback", self.feedback)
        app.router.add_post("/chat/ticket", self.ticket)
        app.router.add_get("/chat/events", self.events)
        app.router.add_route("OPTIONS", "/chat/{any:.*}", self.preflight)
        app.on_response_prepare.append(self._on_prepare)

    async def visitor(self, request: web.Request) -> web.Response:
        """Give a browser without a client a token of its own."""
        check_origin(request.headers.get("Origin"), self.talks.keys)
        token = make_visitor_token(self.talks.keys, self.talks.clock)
        return answer_json({"token": token})

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Hold a chat socket: who and from where are checked before the upgrade."""
        check_origin(request.headers.get("Origin"), self.talks.keys)
        guest = check_token(_socket_token(request), self.talks.keys)
        socket = web.WebSocketResponse(
            protocols=(PROTOCOL,), heartbeat=HEARTBEAT_SECONDS, max_msg_size=FRAME_BYTES
        )
        await socket.prepare(request)
        async with SocketWriter(socket, request) as writer:
            hello = await read_hello(socket)
            if hello is not None:
                await ChatSocket(self.talks, guest, socket, writer).serve(hello)
        return socket

    async def history(self, request: web.Request) -> web.Response:
        """Return a page of the guest's history."""
        _, talk = await self._enter(request)
        after, before = _number(request, "after", 0), _number(request, "before", 0)
        limit = _number(request, "limit", 50)
        page = await self.talks.read(talk, after=after or 0, before=before or None, limit=limit)
        return answer_json(page)

    async def send(self, request: web.Request) -> web.Response:
        """Take a message over REST."""
        guest, _ = await self._enter(request)
        frame = parse_body(await read_json(request) | {"type": "send"})
        kept = await self.talks.speak(guest, frame)
        return answer_json({"seq": kept.seq, "dup": not kept.is_new}, 202)

    async def receipts(self, request: web.Request) -> web.Response:
        """Note what was delivered or read, over REST."""
        _, talk = await self._enter(request)
        body = await read_json(request)
        for kind in ("delivered", "read"):
            if kind in body:
                frame = parse_body({"type": kind, "seq": body[kind]})
                await self.talks.record_progress(talk, kind, frame.seq)
        return answer_json({})

    async def feedback(self, request: web.Request) -> web.Response:
        """Note whether an answer helped, over REST."""
        _, talk = await self._enter(request)
        frame = parse_body(await read_json(request) | {"type": "feedback"})
        await self.talks.record_feedback(talk, frame.seq, is_helpful=frame.is_helpful)
        return answer_json({})

    async def ticket(self, request: web.Request) -> web.Response:
        """Give a one-time ticket for the event stream, so that no token stands in an address."""
        guest, _ = await self._enter(request)
        now = time.monotonic()
        self._tickets = {key: value for key, value in self._tickets.items() if value[1] > now}
        if len(self._tickets) >= SPENT:
            self._tickets.pop(next(iter(self._tickets)))
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = guest, now + TICKET_SECONDS
        return answer_json({"ticket": ticket})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream the conversation as server-sent events; `Last-Event-ID` resumes it."""
        check_origin(request.headers.get("Origin"), self.talks.keys)
        guest, until = self._tickets.pop(request.query.get("ticket", ""), (None, 0.0))
        if guest is None or until < time.monotonic():
            raise NotSignedIn("The ticket is spent or too old.", zh="连接凭证已失效，请重新连接。")
        talk = await self.talks.enter(guest)
        last = request.headers.get("Last-Event-ID", "")
        after = _whole(last, "Last-Event-ID") if last else _number(request, "after", 0)
        welcome = await self.talks.welcome(talk)
        response = web.StreamResponse(headers={"Cache-Control": "no-cache"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        await _stream(response, self._feed(talk, after), welcome)
        return response

    async def preflight(self, request: web.Request) -> web.Response:
        """Tell a browser whether a page of another origin may call these routes."""
        check_origin(request.headers.get("Origin"), self.talks.keys)
        return web.Response(status=204, headers=PREFLIGHT)

    async def _on_prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith("/chat/"):
            _allow_origin(request, response, self.talks.keys.origins)

    def _feed(self, talk: Conversation, after: int) -> Feed:
        talks = self.talks
        return Feed(talks.database, talks.cipher, talks.hub, talk.id, after)

    async def _enter(self, request: web.Request) -> tuple[Guest, Conversation]:
        check_origin(request.headers.get("Origin"), self.talks.keys)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        guest = check_token(token if scheme == "Bearer" else "", self.talks.keys)
        return guest, await self.talks.enter(guest)


def _allow_origin(
    request: web.Request, response: web.StreamResponse, origins: Sequence[str]
) -> None:
    origin = request.headers.get("Origin")
    if origin in origins:
        response.headers["Access-Control-Allow-Origin"] = str(origin)
        response.headers["Vary"] = "Origin"


def _socket_token(request: web.Request) -> str:
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    named = [one.strip() for one in offered]
    return next((one.removeprefix("bearer.") for one in named if one.startswith("bearer.")), "")


def _number(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return otherwise
    return _whole(text, name)


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidInput(f"{name} must be a whole number.", zh=f"{name} 应为整数。")
    return int(text)


async def _stream(response: web.StreamResponse, feed: Feed, welcome: Frame) -> None:
    await response.write(_event(welcome))
    async for frame in feed.frames():
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            await response.write(_event(frame))


def _event(frame: Frame) -> bytes:
    body = orjson.dumps(frame)
    number = f"id: {frame['seq']}\n" if frame["type"] == "message" else ""
    return f"{number}event: {frame['type']}\ndata: ".encode() + body + b"\n\n"
