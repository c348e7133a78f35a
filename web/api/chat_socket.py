"""One chat socket from hello to close: reads frames, answers each, follows the conversation."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from aiohttp import WSMsgType, web

from channels.chat.payload import ClientFrame, parse_frame
from channels.chat.signature import Guest
from kernel.errors import ServiceError
from store.conversation import Conversation
from web.feed import Feed
from web.socket import SocketWriter
from web.talk import Talks

HELLO_SECONDS: Final = 10.0
CLOSE_AUTH: Final = 4401
CLOSE_HELLO: Final = 4408
CLOSE_BAD: Final = 4400


async def read_hello(socket: web.WebSocketResponse) -> ClientFrame | None:
    """Return the first frame; None, and the socket closed, if it is late or no hello."""
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            message = await socket.receive()
    except TimeoutError:
        await socket.close(code=CLOSE_HELLO, message=b"hello expected within 10 s")
        return None
    if message.type is not WSMsgType.TEXT:
        await socket.close(code=CLOSE_BAD, message=b"a hello frame is expected first")
        return None
    try:
        frame = parse_frame(message.data)
    except ServiceError as error:
        await socket.close(code=CLOSE_BAD, message=error.message.encode()[:120])
        return None
    if frame.type != "hello":
        await socket.close(code=CLOSE_BAD, message=b"a hello frame is expected first")
        return None
    return frame


@dataclass(slots=True)
class ChatSocket:
    """A guest's open socket."""

    talks: Talks
    guest: Guest
    socket: web.WebSocketResponse
    writer: SocketWriter

    async def serve(self, hello: ClientFrame) -> None:
        """Follow the conversation and answer frames until either side leaves."""
        try:
            talk = await self.talks.enter(self.guest)
            self.writer.send(await self.talks.welcome(talk))
        except ServiceError as error:
            self._tell(error)
            return
        follow = asyncio.create_task(self._follow(talk, hello.after), name="chat-follow")
        expire = asyncio.create_task(self._expire(), name="chat-expire")
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT:
                    await self._take(talk, message.data)
                else:
                    break
        finally:
            for task in (follow, expire):
                task.cancel()
            await asyncio.gather(follow, expire, return_exceptions=True)

    async def _follow(self, talk: Conversation, after: int) -> None:
        feed = Feed(self.talks.database, self.talks.cipher, self.talks.hub, talk.id, after)
        while self.writer.is_alive:
            try:
                async for frame in feed.frames():
                    await self.writer.pass_on(frame)
            except ServiceError as error:
                self._tell(error)
                await asyncio.sleep(1)

    async def _expire(self) -> None:
        await asyncio.sleep(max(0.0, self.guest.expires_at - time.time()))
        await self.socket.close(code=CLOSE_AUTH, message=b"the token has expired")

    async def _take(self, talk: Conversation, raw: str) -> None:
        frame = ClientFrame("")
        try:
            frame = parse_frame(raw)
            await self._do(talk, frame)
        except ServiceError as error:
            self._tell(error, frame.client_msg_id)

    async def _do(self, talk: Conversation, frame: ClientFrame) -> None:
        match frame.type:
            case "send":
                kept = await self.talks.speak(self.guest, frame)
                ack = {"type": "ack", "client_msg_id": frame.client_msg_id}
                self.writer.send(ack | {"seq": kept.seq, "dup": not kept.is_new})
            case "delivered" | "read":
                await self.talks.record_progress(talk, frame.type, frame.seq)
            case "feedback":
                await self.talks.record_feedback(talk, frame.seq, is_helpful=frame.is_helpful)
            case "typing":
                self.talks.tell_typing(talk)
            case "ping":
                self.writer.send({"type": "pong"})

    def _tell(self, error: ServiceError, client_msg_id: str = "") -> None:
        frame = {
            "type": "error",
            "code": error.code,
            "message": error.zh,
            "message_en": error.message,
            "retryable": error.retry,
        }
        self.writer.send(frame | ({"client_msg_id": client_msg_id} if client_msg_id else {}))
