"""A scripted assistant in a process of its own: repeats the question, or fails as it is told.

`POST /script {"mode", "seconds"}` chooses what happens; it also plays the encoder.
"""

from __future__ import annotations

import asyncio
import base64
import struct
import sys
from dataclasses import dataclass

import orjson
from aiohttp import web

MODES = ("echo", "error", "html", "list", "silent", "half", "person")
VECTOR = base64.b64encode(struct.pack("<4f", 1, 0, 0, 0)).decode()


@dataclass
class Script:
    """What the assistant does with the next questions."""

    mode: str = "echo"
    seconds: float = 0.0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as Rasa's connector does, or as it never should."""
        asked = await request.json()
        await asyncio.sleep(self.seconds)
        match self.mode:
            case "error":
                return web.json_response({"error": {"code": "bug"}}, status=500)
            case "html":
                return web.Response(text="<h1>502</h1>", content_type="text/html")
            case "list":
                return web.json_response([1, 2, 3])
            case "silent":
                return web.json_response(_reply(asked, ""))
            case "half":
                raw = orjson.dumps(_reply(asked, "答"))
                return web.Response(body=raw[: len(raw) // 2], content_type="application/json")
            case _:
                return web.json_response(_reply(asked, f"答：{asked['text']}", self.mode))

    async def change(self, request: web.Request) -> web.Response:
        """Take a new script."""
        body = await request.json()
        self.mode, self.seconds = body.get("mode", "echo"), body.get("seconds", 0.0)
        if self.mode not in MODES:
            raise web.HTTPBadRequest(text=f"mode is one of {', '.join(MODES)}")
        return web.json_response({})


def _reply(asked: dict[str, object], text: str, mode: str = "echo") -> dict[str, object]:
    reason = {"reason": "client_asked", "summary": "问"} if mode == "person" else None
    state = asked.get("state")
    turns = int(state.get("turns", 0)) if isinstance(state, dict) else 0
    return {
        "turn": asked["turn"],
        "text": text,
        "choices": [],
        "card": None,
        "intent": {"name": "ask_knowledge", "confidence": 0.9},
        "actions": ["action_echo"],
        "hints": {"handover": reason},
        "slots": {},
        "state": {"slots": {}, "loop": None, "turns": turns + 1},
    }


async def encode(request: web.Request) -> web.Response:
    """Give every text the same direction."""
    texts = (await request.json())["texts"]
    row = base64.b64decode(VECTOR) * len(texts)
    vectors = base64.b64encode(row).decode()
    return web.json_response({"model": "script", "dim": 4, "vectors": vectors})


async def health(_: web.Request) -> web.Response:
    """Say that all is well."""
    return web.json_response({"ok": True, "model": "script"})


def main() -> None:
    """Serve on the port that the command line names."""
    script = Script()
    app = web.Application()
    app.router.add_post("/webhooks/zhida/webhook", script.answer)
    app.router.add_get("/webhooks/zhida/health", health)
    app.router.add_get("/healthz", health)
    app.router.add_post("/encode", encode)
    app.router.add_post("/script", script.change)
    port = int(sys.argv[1])
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
