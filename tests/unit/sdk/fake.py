"""A fake Zhida over real HTTP: answers as told and keeps a ledger of what arrived."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Arrived:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer; with status 0 the connection is closed instead."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class FakeZhida:
    """Answers in this order, and accepts everything once there is none left."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    ledger: list[Arrived] = field(default_factory=list)

    def answer(self, arrived: Arrived) -> Reply:
        self.ledger.append(arrived)
        if self.replies:
            return self.replies.pop(0)
        events = arrived.told["events"]
        fates = [{"key": one["key"], "fate": "accepted"} for one in events]
        return Reply(200, {"events": fates, "counts": {"accepted": len(fates)}})


def refusal(status: int, code: str = "code", /, **headers: str) -> Reply:
    error = {"code": code, "message": "中文", "message_en": "English", "reference": "0a1b2c3d"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": error}, named)


@contextmanager
def running_fake() -> Iterator[FakeZhida]:
    fake = FakeZhida()

    class Door(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = dict(self.headers.items())
            reply = fake.answer(Arrived(self.command, self.path, headers, body))
            if reply.status == 0:
                return
            kept = reply.body
            raw = kept if isinstance(kept, bytes) else json.dumps(kept).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(raw))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield fake
        server.shutdown()
