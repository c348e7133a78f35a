"""Clients under load: WeChat phones of the lab, and chat guests on real sockets that resume."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import aiohttp

from tests.faults.diary import Diary, Sent, make_words
from tests.faults.house import House

_msg_ids = itertools.count(time.time_ns())
GUEST_PAUSE = 0.5
REFUSED = (aiohttp.ClientError, OSError, TimeoutError)


@dataclass
class WechatPhone:
    """A follower; a message that was not acknowledged is posted again with the same MsgId.

    The lab makes WeChat's three attempts within five seconds each. When the product is down they
    are refused at once, so the round is made `rounds` times, `pause` seconds apart.
    """

    house: House
    diary: Diary
    openid: str = field(default_factory=lambda: f"lab_{uuid4().hex[:20]}")
    pause: float = 0.5
    rounds: int = 6
    asked: int = 0
    most: int = 4

    async def ask(self, text: str | None = None) -> dict[str, Any]:
        """Say something, and return what the lab reports of it."""
        self.asked += 1
        key, text = str(next(_msg_ids)), text or make_words()
        self.diary.record_sent(Sent("wechat", key, self.openid, text, self.asked))
        url = f"{self.house.ground.settings.lab_url}/lab/wechat/demo/say"
        said: dict[str, Any] = {"ok": False}
        for _ in range(self.rounds):
            body = {"openid": self.openid, "text": text, "msg_id": key}
            async with self.house.ground.session.post(url, json=body) as answer:
                said = await answer.json()
            if said["ok"]:
                self.diary.record_acked(key)
                return said
            await asyncio.sleep(self.pause)
        return said


@dataclass
class ChatGuest:
    """A visitor whose socket comes back after every loss and goes on after what it has seen."""

    house: House
    diary: Diary
    token: str = ""
    conversation: str = ""
    seen: list[tuple[int, str]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    connects: int = 0
    asked: int = 0
    tries: int = 30
    _acks: dict[str, asyncio.Future[bool]] = field(default_factory=dict)
    _socket: aiohttp.ClientWebSocketResponse | None = None
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> ChatGuest:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    @property
    def last(self) -> int:
        """The number of the last message that was seen."""
        return self.seen[-1][0] if self.seen else 0

    async def ask(self, text: str | None = None) -> bool:
        """Send a message until it is acknowledged; always with the same client_msg_id."""
        self.asked += 1
        key, text = str(uuid4()), text or make_words()
        self.diary.record_sent(Sent("chat", key, self.token, text, self.asked))
        for _ in range(self.tries):
            if await self._send(key, text):
                self.diary.record_acked(key)
                return True
            await asyncio.sleep(random.uniform(0.05, 0.3))
        return False

    async def until(self, count: int, seconds: float = 30.0) -> None:
        """Wait until so many messages were seen."""
        async with asyncio.timeout(seconds):
            while len(self.seen) < count:
                await asyncio.sleep(0.02)

    async def drop(self) -> None:
        """Lose the connection without a word."""
        if self._socket is not None and self._socket._writer.transport is not None:
            self._socket._writer.transport.abort()

    async def _send(self, key: str, text: str) -> bool:
        acked: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._acks[key] = acked
        with suppress(*REFUSED, RuntimeError):
            async with asyncio.timeout(6):
                await self._open.wait()
                assert self._socket is not None
                frame = {"type": "send", "client_msg_id": key, "text": text}
                await self._socket.send_json(frame)
                return await acked
        return False

    async def _follow(self) -> None:
        while True:
            with suppress(*REFUSED):
                await self._enter()
                await self._listen()
            self._open.clear()
            for key in tuple(self._acks):
                self._settle(key, done=False)
            await asyncio.sleep(random.uniform(0.02, 0.2))

    async def _enter(self) -> None:
        if self.token:
            return
        async with self.house.ground.session.post(f"{self.house.url}/chat/visitor") as answer:
            if answer.status == 200:
                self.token = (await answer.json())["token"]

    async def _listen(self) -> None:
        protocols = ("chat.v1", f"bearer.{self.token}")
        address = f"{self.house.url}/chat/ws"
        async with self.house.ground.session.ws_connect(address, protocols=protocols) as socket:
            self._socket = socket
            await socket.send_json({"type": "hello", "after": self.last})
            async for message in socket:
                self._take(message.json())

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "welcome":
                self.connects += 1
                self.conversation = frame["conversation"]
                self._open.set()
            case "message":
                self.seen.append((frame["seq"], frame["id"]))
            case "ack":
                self._settle(frame["client_msg_id"], done=True)
            case "error":
                self.errors.append(frame)
                self._settle(frame.get("client_msg_id", ""), done=False)

    def _settle(self, key: str, *, done: bool) -> None:
        future = self._acks.pop(key, None)
        if future is not None and not future.done():
            future.set_result(done)


class Client(Protocol):
    """Anybody who can be let to ask, or to be told."""

    async def ask(self) -> object:
        """Ask once, as long as it takes to be acknowledged."""
        ...


class Comer(Client, Protocol):
    """Somebody who asks `most` times under load, and gives way to another."""

    asked: int
    most: int


async def talk(client: Client, count: int, pause: float = 0.0) -> None:
    """Let one client ask so many questions, one after the other."""
    for _ in range(count):
        await client.ask()
        await asyncio.sleep(random.uniform(0, 2 * pause))


async def talk_all(clients: Sequence[Client], count: int, pause: float = 0.0) -> None:
    """Let all clients ask at once, each so many questions."""
    await asyncio.gather(*(talk(one, count, pause) for one in clients))


@dataclass
class Crowd:
    """Guests and phones that ask without end until they are told to stop.

    A guest is slow enough for the house's limit of twenty messages in ten seconds. Everybody else
    asks four times and gives way to another: WeChat lets an account send an openid no more than
    five messages for one of its own.
    """

    house: House
    diary: Diary
    guests: int = 4
    phones: int = 4
    pause: float = 0.1
    others: Sequence[Callable[[House, Diary], Comer]] = ()
    """Who makes the clients of other channels, one after the other for each."""
    others_pause: float = 0.4
    who: list[ChatGuest] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Crowd:
        self.who = [ChatGuest(self.house, self.diary) for _ in range(self.guests)]
        for guest in self.who:
            await guest.__aenter__()
        works = [self._chat(guest) for guest in self.who]
        works += [self._come_and_go(WechatPhone, self.pause) for _ in range(self.phones)]
        works += [self._come_and_go(make, self.others_pause) for make in self.others]
        self._tasks = [asyncio.create_task(work) for work in works]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        for guest in self.who:
            await guest.__aexit__()

    async def stop(self) -> None:
        """Let everybody finish the present question."""
        self._stop.set()
        await asyncio.gather(*self._tasks)

    async def _chat(self, guest: ChatGuest) -> None:
        while not self._stop.is_set():
            await guest.ask()
            await asyncio.sleep(GUEST_PAUSE)

    async def _come_and_go(self, make: Callable[[House, Diary], Comer], pause: float) -> None:
        while not self._stop.is_set():
            one = make(self.house, self.diary)
            while not self._stop.is_set() and one.asked < one.most:
                await talk(one, 1, pause)
