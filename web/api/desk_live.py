"""The desk's live socket: the list's news, and the conversation that is being watched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

import orjson
from aiohttp import WSMsgType, web

from channels.live import DESK, SIGNED_OUT, Frame, Hub, rest, talk_topic
from desk.board import Board
from desk.queue import may_see, show_gone, show_row
from kernel.errors import NotFound, ServiceError
from kernel.message import Json
from store.cipher import Cipher
from store.engine import Database
from store.staff import Person
from store.ticket_view import TicketRow
from web.access import Access
from web.api.desk import signed_in
from web.feed import Feed
from web.sign_in import SignIns
from web.socket import SocketWriter

HEARTBEAT_SECONDS: Final = 25.0
CHECK_SECONDS: Final = 30.0
FRAME_BYTES: Final = 4096
CLOSE_AUTH: Final = 4401
WATCHED: Final = 4
PASSING: Final = frozenset({"floor", "typing", "delivery"})


@dataclass(frozen=True, slots=True)
class DeskLiveDoor:
    """The route /v1/desk/live."""

    signs: SignIns
    access: Access
    board: Board
    database: Database
    cipher: Cipher
    hub: Hub

    def install(self, app: web.Application) -> None:
        """Add the route to the site."""
        app.router.add_get("/v1/desk/live", signed_in(self.signs, self.serve))

    async def serve(self, request: web.Request, person: Person) -> web.WebSocketResponse:
        """Hold a desk's socket; who and from where were checked before the upgrade."""
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=FRAME_BYTES)
        await socket.prepare(request)
        async with SocketWriter(socket, request) as writer:
            live = DeskSocket(self, person, writer)
            stops = [self.board.follow(live.tell_ticket), self.hub.listen(DESK, live.hear)]
            expire = asyncio.create_task(self._expire(request, socket, live), name="desk-expire")
            try:
                async for message in socket:
                    if message.type is not WSMsgType.TEXT:
                        break
                    await live.take(message.data)
            finally:
                for stop in stops:
                    stop()
                expire.cancel()
                await asyncio.gather(expire, live.close(), return_exceptions=True)
        return socket

    async def _expire(
        self, request: web.Request, socket: web.WebSocketResponse, live: DeskSocket
    ) -> None:
        """End the socket when its sign-in has ended: signed out, expired, or switched off."""
        while True:
            await rest(live.doubt, CHECK_SECONDS)
            live.doubt.clear()
            try:
                await self.signs.find(request)
            except ServiceError as error:
                if error.status == 401:
                    await socket.close(code=CLOSE_AUTH, message=b"the sign-in has ended")
                    return


@dataclass(slots=True)
class DeskSocket:
    """One desk's open socket; `doubt` is set when its sign-in may have ended."""

    door: DeskLiveDoor
    person: Person
    writer: SocketWriter
    doubt: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: set[UUID] = field(default_factory=set)
    _watches: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    def tell_ticket(self, row: TicketRow) -> None:
        """Send a ticket's news to who may see it; who no longer may learns that it is gone."""
        if may_see(self.person, row):
            self._seen.add(row.id)
            self.writer.send({"type": "ticket", "ticket": show_row(row)})
            return
        self._unwatch(row.conversation_id)
        if row.id in self._seen or row.assignee_id is not None:
            self._seen.discard(row.id)
            self.writer.send({"type": "ticket", "ticket": show_gone(row)})

    def hear(self, _topic: str, frame: Frame) -> None:
        """Say that some task changed, not which: who may see it finds it when they look."""
        if frame.get("type") == "task":
            self.writer.send({"type": "task"})
        elif frame.get("person_id") == str(self.person.id) and frame.get("type") == SIGNED_OUT:
            self.doubt.set()

    async def take(self, raw: str) -> None:
        """Act on a frame of the desk; what is no frame of ours is answered with an error."""
        frame = _parse(raw)
        kind, talk = frame.get("type"), _read_id(frame.get("conversation_id"))
        if kind == "ping":
            self.writer.send({"type": "pong"})
        elif kind == "watch" and talk:
            await self._watch(talk)
        elif kind == "unwatch":
            for watched in [talk] if talk else list(self._watches):
                self._unwatch(watched)
        else:
            self._refuse("invalid_input", "无法识别的消息。", "This frame is not known here.")

    async def close(self) -> None:
        """Stop following everything."""
        tasks = list(self._watches.values())
        self._watches.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch(self, conversation_id: UUID) -> None:
        if conversation_id in self._watches:
            return
        try:
            talk = await self.door.access.access_conversation_for(self.person, conversation_id)
        except NotFound as error:
            self._refuse(error.code, error.zh, error.message)
            return
        while len(self._watches) >= WATCHED:
            self._unwatch(next(iter(self._watches)))
        follow = self._follow(conversation_id, talk.last_seq)
        self._watches[conversation_id] = asyncio.create_task(follow, name="desk-follow")

    def _unwatch(self, conversation_id: UUID) -> None:
        task = self._watches.pop(conversation_id, None)
        if task:
            task.cancel()

    async def _follow(self, conversation_id: UUID, after: int) -> None:
        door = self.door
        named = str(conversation_id)
        passing = partial(_pass, self.writer, named)
        typing: Frame = {"type": "typing", "conversation_id": named, "actor": "client"}
        stops = (
            door.hub.listen(talk_topic(conversation_id), passing),
            door.board.follow_typing(conversation_id, lambda: self.writer.send(typing)),
        )
        feed = Feed(door.database, door.cipher, door.hub, conversation_id, after, inside=True)
        try:
            while self.writer.is_alive:
                try:
                    async for frame in feed.frames():
                        self._tell_message(conversation_id, frame)
                except ServiceError:
                    await asyncio.sleep(1)
        finally:
            for stop in stops:
                stop()

    def _tell_message(self, conversation_id: UUID, frame: Frame) -> None:
        if frame["type"] == "message":
            message = {name: part for name, part in frame.items() if name != "type"}
            self.writer.send(
                {"type": "message", "conversation_id": str(conversation_id), "message": message}
            )

    def _refuse(self, code: str, zh: str, en: str) -> None:
        self.writer.send({"type": "error", "code": code, "message": zh, "message_en": en})


def _pass(writer: SocketWriter, conversation_id: str, _topic: str, frame: Frame) -> None:
    """Pass floor, delivery and the assistant's typing on as they come; they need no order."""
    if frame.get("type") in PASSING and frame.get("actor") != "agent":
        shown: dict[str, Json] = {**frame, "conversation_id": conversation_id}
        shown.pop("conversation", None)
        writer.send(shown)


def _parse(raw: str) -> dict[str, object]:
    try:
        frame = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return frame if isinstance(frame, dict) else {}


def _read_id(value: object) -> UUID | None:
    try:
        return UUID(str(value)) if value else None
    except ValueError:
        return None
