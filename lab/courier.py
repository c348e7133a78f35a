"""Carries a fake provider's callbacks to the product, with everything that goes wrong on the way.

A fake builds a `Parcel` (already signed) and posts it. Faults aimed at the fake's `callback`
make the courier repeat it, hold it back, swap it with the next one, lose it, cut it short, or
post the one that the fake built for an id that the product cannot know.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from kernel.message import Json
from lab.fault import CALLBACK, Fault, Mode
from lab.room import Room

LIMIT_SECONDS = 15.0
"""Twilio waits as long for a webhook; the shortest wait that a provider here documents."""
SHOWN = 4000


@dataclass(frozen=True, slots=True)
class Parcel:
    """One callback, ready to post; `stranger` builds the same one about an id nobody knows."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    stranger: Callable[[], Parcel] | None = None
    shown: Mapping[str, Json] = field(default_factory=dict)
    """What the trace shows beside it (`account`, `address` …)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product said: status 0 and `error` if it said nothing."""

    status: int = 0
    body: bytes = b""
    error: str = ""
    ms: float = 0.0

    def to_json(self) -> Mapping[str, Json]:
        """Return the answer as the control API shows it."""
        text = self.body.decode("utf-8", "replace")[:SHOWN]
        return {"status": self.status, "body": text, "error": self.error, "ms": self.ms}


@dataclass(slots=True)
class Courier:
    """Posts one fake's callbacks."""

    fake: str
    room: Room
    _wire: aiohttp.ClientSession | None = None
    _held: list[Parcel] = field(default_factory=list)
    _later: set[asyncio.Task[None]] = field(default_factory=set)

    async def post(self, parcel: Parcel) -> Answer:
        """Post a callback now, as the faults that are on allow."""
        fault = self.room.take_fault(self.fake, CALLBACK)
        if fault is None:
            return await self._post_all([parcel, *self._take_held()], None)
        match fault.mode:
            case Mode.LOST:
                return Answer(error="lost")
            case Mode.REORDERED:
                self._held.append(parcel)
                self.start(self._release(fault.seconds))
                return Answer(error="held")
            case Mode.LATE:
                await asyncio.sleep(fault.seconds)
            case Mode.UNKNOWN_ID if parcel.stranger is not None:
                parcel = parcel.stranger()
            case Mode.DUPLICATE:
                return await self._post_all([parcel, parcel, *self._take_held()], fault)
            case _:
                pass
        return await self._post_all([parcel, *self._take_held()], fault)

    def post_later(self, parcel: Parcel, seconds: float = 0.05) -> None:
        """Post a callback a moment from now, and do not wait for it."""

        async def post() -> None:
            await asyncio.sleep(seconds)
            await self.post(parcel)

        self.start(post())

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do work beside the answer: a series of callbacks that follow each other."""
        task = asyncio.create_task(work, name=f"courier-{self.fake}")
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def close(self) -> None:
        """Stop what is under way and close every connection."""
        for task in tuple(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        if self._wire is not None:
            await self._wire.close()

    async def closing(self, _: web.Application) -> AsyncIterator[None]:
        """Close with the application that this is a `cleanup_ctx` of."""
        yield
        await self.close()

    def reset(self) -> None:
        """Forget what is held back."""
        self._held.clear()

    async def _release(self, seconds: float) -> None:
        """Post what is still held back after a while: no later callback came to overtake it."""
        await asyncio.sleep(seconds)
        for parcel in self._take_held():
            await self._send(parcel, None)

    def _take_held(self) -> list[Parcel]:
        held, self._held = self._held, []
        return held

    async def _post_all(self, parcels: list[Parcel], fault: Fault | None) -> Answer:
        answers = [await self._send(parcel, fault) for parcel in parcels]
        return answers[0]

    async def _send(self, parcel: Parcel, fault: Fault | None) -> Answer:
        limit = fault.seconds if fault and fault.mode is Mode.CUT else LIMIT_SECONDS
        started = time.perf_counter()
        status, body, error = 0, b"", ""
        try:
            async with (
                asyncio.timeout(limit),
                self._session().post(
                    parcel.url, data=parcel.body, headers=parcel.headers, allow_redirects=False
                ) as answer,
            ):
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as failed:
            error = type(failed).__name__
        said = Answer(status, body, error, round((time.perf_counter() - started) * 1000, 1))
        self._trace(parcel, said, fault)
        return said

    def _trace(self, parcel: Parcel, said: Answer, fault: Fault | None) -> None:
        headers: dict[str, Json] = {**parcel.headers}
        self.room.trace.record(
            "callback",
            fake=self.fake,
            url=parcel.url,
            headers=headers,
            opened=parcel.body.decode("utf-8", "replace")[:SHOWN],
            status=said.status,
            error=said.error,
            answer=said.body.decode("utf-8", "replace")[:SHOWN],
            fault=fault.mode.value if fault else None,
            ms=said.ms,
            **parcel.shown,
        )

    def _session(self) -> aiohttp.ClientSession:
        if self._wire is None or self._wire.closed:
            self._wire = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=256),
                timeout=aiohttp.ClientTimeout(total=60),
            )
        return self._wire
