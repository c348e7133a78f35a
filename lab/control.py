"""The lab's own API, for all fakes: read the ledger and the trace, switch faults, begin anew."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.live import Frame
from lab.room import Room

MOST_ENTRIES = 10_000


@dataclass(slots=True)
class Control:
    """Answers `/lab/…`; what belongs to one fake is answered beside it."""

    room: Room

    def routes(self) -> list[web.RouteDef]:
        """Return every path that all fakes share."""
        return [
            web.get("/lab/ledger", self.read_ledger),
            web.get("/lab/trace", self.read_trace),
            web.get("/lab/faults", self.show_faults),
            web.post("/lab/faults", self.turn_fault),
            web.post("/lab/reset", self.reset),
            web.get("/lab/live", self.stream),
        ]

    async def read_ledger(self, request: web.Request) -> web.Response:
        """Return every accepted message after a number, in order."""
        after, limit = _read_number(request, "after", 0), _read_number(request, "limit", 1000)
        entries = self.room.ledger.read(after, min(limit, MOST_ENTRIES))
        return web.json_response({"entries": entries, "last": len(self.room.ledger)})

    async def read_trace(self, request: web.Request) -> web.Response:
        """Return the exchanges after a number."""
        after, limit = _read_number(request, "after", 0), _read_number(request, "limit", 200)
        return web.json_response({"entries": self.room.trace.read(after, limit)})

    async def show_faults(self, _: web.Request) -> web.Response:
        """Show the faults that are on."""
        return web.json_response({"faults": self.room.faults.show()})

    async def turn_fault(self, request: web.Request) -> web.Response:
        """Switch a fault on; `{"mode": "none"}` switches all off."""
        body = await read_object(request)
        if body.get("mode") == "none":
            self.room.faults.clear()
        else:
            self.room.faults.turn_on(body)
        self.room.live.tell("faults", {"faults": self.room.faults.show()})
        return web.json_response({"faults": self.room.faults.show()})

    async def reset(self, _: web.Request) -> web.Response:
        """Begin anew."""
        self.room.reset()
        return web.json_response({"ok": True})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what happens, as server-sent events."""
        answer = web.StreamResponse(headers={"Cache-Control": "no-store"})
        answer.content_type = "text/event-stream"
        await answer.prepare(request)
        await answer.write(b": lab\n\n")
        with contextlib.suppress(ConnectionError):  # the page has gone
            async with contextlib.aclosing(self.room.live.frames()) as frames:
                async for frame in frames:
                    await answer.write(_write_event(frame))
        return answer


def _write_event(frame: Frame | None) -> bytes:
    if frame is None:
        return b": still here\n\n"
    name, body = frame
    return f"event: {name}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


async def read_object(request: web.Request) -> Mapping[str, Json]:
    """Read a JSON object, or raise InvalidInput with what is wrong."""
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise InvalidInput("The body is not a JSON object.")
    return cast("Mapping[str, Json]", body)


def _read_number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InvalidInput(f"{name} is a whole number from 0.")
    return int(text)
