"""Tells whoever listens right now: sockets, desks, sleeping workers. Nothing durable is in here.

A frame published in one process reaches the listeners of every process through Valkey.
When Valkey is away, listeners of other processes learn a moment later from the database.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from uuid import uuid4

import orjson
import redis.asyncio as redis
from redis.exceptions import RedisError

from kernel.errors import ServiceError
from kernel.message import Json

log = logging.getLogger(__name__)

Frame = Mapping[str, Json]
Listener = Callable[[str, Frame], None]

WIRE = "zhida:live"
PENDING = 10_000
BATCH = 500
PAUSE_SECONDS = 0.02
"""A breath in which frames gather, so that many go to Valkey as one."""
ALONE_SECONDS = 0.25
"""The same while nobody but this process listens: who joins looks into the database first."""

WATCHED_SECONDS = 15.0
"""How long a worker sleeps at most while a lookout looks for it (channels/lookout.py)."""

TURN = "turn"
DELIVER = "deliver"
OPEN = "open"
"""Messages wait, are being sent, or nobody knows what became of them."""
EVENT = "event"
SEALED = "sealed"
"""Happenings have got their places and can be read from the stream."""
DESK = "desk"
NOTICE = "notice"
CAMPAIGN = "campaign"
CLIENT_EVENT = "client_event"
JOURNEY = "journey"
"""Somebody on a journey rests nowhere yet."""
STAFF = "staff"
SIGNED_OUT = "signed_out"
"""The type of a desk's frame that ends the sockets of a person whose sign-ins were ended."""
WEBHOOK = "webhook"
"""Other systems of the broker are to be told something."""


def talk_topic(conversation_id: object) -> str:
    """Return the topic of one conversation's frames."""
    return f"talk:{conversation_id}"


async def rest(wake: asyncio.Event, seconds: float) -> None:
    """Sleep until woken, and no longer than `seconds`; a worker that was not told looks itself."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()


class Hub:
    """Publishes frames by topic to listeners here and, through Valkey, elsewhere."""

    def __init__(self, valkey_url: str | None = None) -> None:
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._url = valkey_url
        self._origin = uuid4().bytes
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue(PENDING)
        self._tasks: list[asyncio.Task[None]] = []
        self._watched_until = float("-inf")
        self.relayed = False

    def listen(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener(topic, frame)` for each frame; returns what ends it."""
        self._listeners[topic].add(listener)

        def stop() -> None:
            listeners = self._listeners.get(topic)
            if listeners is not None:
                listeners.discard(listener)
                if not listeners:
                    del self._listeners[topic]

        return stop

    def publish(self, topic: str, frame: Frame | None = None, *, once: bool = False) -> None:
        """Tell every listener of `topic`; with `once`, others only if nobody listens here."""
        frame = frame or {}
        heard = self._tell(topic, frame)
        if self._url and not (once and heard):
            with suppress(asyncio.QueueFull):  # listeners elsewhere look into the database anyway
                self._outgoing.put_nowait(orjson.dumps([topic, frame]))

    def watch(self, seconds: float) -> None:
        """Say that somebody looks for all workers of this process, for the next `seconds`."""
        self._watched_until = time.monotonic() + seconds

    def wake(self, topic: str) -> None:
        """Tell the listeners of this process to look for themselves: the frame is empty."""
        self._tell(topic, {})

    async def rest(self, wake: asyncio.Event, poll: float, *, most: float = float("inf")) -> None:
        """Sleep until woken, no longer than `most` seconds.

        A worker for whom nobody looks wakes after `poll` seconds and looks itself.
        """
        is_watched = time.monotonic() < self._watched_until
        await rest(wake, min(most, WATCHED_SECONDS if is_watched else poll))

    async def follow(
        self,
        topic: str,
        work: Callable[[], Awaitable[object]],
        *,
        poll: float,
        what: str,
        breath: float = 0.0,
    ) -> None:
        """Do `work` whenever `topic` is told, and again while it did something; until cancelled.

        `what` waits, says the log, while the database is away. A `breath` after each round lets
        much that happens be worked off as one.
        """
        wake = asyncio.Event()
        stop = self.listen(topic, lambda *_: wake.set())
        try:
            while True:
                wake.clear()
                try:
                    is_busy = await work()
                except ServiceError as error:
                    log.warning("%s: %s", what, error)
                    is_busy = False
                if not is_busy:
                    await self.rest(wake, poll)
                if breath:
                    await asyncio.sleep(breath)
        finally:
            stop()

    def start(self) -> None:
        """Begin to exchange frames with other processes."""
        if self._url:
            self._tasks = [
                asyncio.create_task(self._forever(self._send), name="live-send"),
                asyncio.create_task(self._forever(self._receive), name="live-receive"),
            ]

    async def close(self) -> None:
        """Stop exchanging frames."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _tell(self, topic: str, frame: Frame) -> bool:
        listeners = tuple(self._listeners.get(topic, ()))
        for listener in listeners:
            listener(topic, frame)
        return bool(listeners)

    async def _forever(self, exchange: Callable[[redis.Redis], object]) -> None:
        while True:
            client = redis.Redis.from_url(str(self._url), socket_connect_timeout=2)
            try:
                await exchange(client)  # type: ignore[misc]
            except (RedisError, OSError) as error:
                self.relayed = False
                log.warning("Valkey is away (%s); listening again in a second.", error)
                await asyncio.sleep(1)
            finally:
                with suppress(RedisError, OSError):
                    await client.aclose()

    async def _send(self, client: redis.Redis) -> None:
        while True:
            frames = [await self._outgoing.get()]
            while not self._outgoing.empty() and len(frames) < BATCH:
                frames.append(self._outgoing.get_nowait())
            heard_by = await client.publish(WIRE, self._origin + b"[" + b",".join(frames) + b"]")
            await asyncio.sleep(PAUSE_SECONDS if heard_by > 1 else ALONE_SECONDS)

    async def _receive(self, client: redis.Redis) -> None:
        async with client.pubsub() as wire:
            await wire.subscribe(WIRE)
            self.relayed = True
            async for item in wire.listen():
                if item["type"] == "message" and not item["data"].startswith(self._origin):
                    for topic, frame in orjson.loads(item["data"][len(self._origin) :]):
                        self._tell(topic, frame)
