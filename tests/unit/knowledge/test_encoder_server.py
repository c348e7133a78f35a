"""The encoder process's web side, with a model that keeps a ledger."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from aiohttp import ClientSession, web

from knowledge.encoder import Kind, Vectors
from knowledge.encoder_server import Model, build_app


@dataclass
class FakeModel:
    """Encodes a text as its length; notes batches and threads."""

    batches: list[list[str]] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    fault: bool = False
    gate: threading.Event = field(default_factory=threading.Event)

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        self.batches.append(list(texts))
        self.threads.add(threading.current_thread().name)
        self.gate.wait(5)
        if self.fault:
            raise RuntimeError("broken")
        return np.array([[len(text), kind == "query"] for text in texts], "<f4")


@dataclass
class Running:
    model: FakeModel
    url: str
    http: ClientSession

    async def post(self, body: object) -> tuple[int, dict[str, object]]:
        async with self.http.post(f"{self.url}/encode", json=body) as response:
            return response.status, await response.json()


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    model = FakeModel()
    model.gate.set()
    runner = web.AppRunner(build_app(lambda: Model("fake", model.encode)))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with ClientSession() as http:
        yield Running(model, f"http://{host}:{port}", http)
    model.gate.set()
    await runner.cleanup()


async def test_vectors_come_back_as_agreed(running: Running) -> None:
    status, answer = await running.post({"texts": ["出金", "怎麼出金？"], "kind": "query"})
    assert status == 200
    assert (answer["model"], answer["dim"]) == ("fake", 2)
    rows = np.frombuffer(base64.b64decode(str(answer["vectors"])), "<f4").reshape(-1, 2)
    assert rows.tolist() == [[2, 1], [4, 1]]
    assert running.model.batches == [["出金", "怎么出金"]]


async def test_connections_share_batches_and_one_thread(running: Running) -> None:
    running.model.gate.clear()
    asked = [
        asyncio.create_task(running.post({"texts": [f"问{n}"], "kind": "query"})) for n in range(20)
    ]
    await asyncio.sleep(0.2)
    running.model.gate.set()
    assert {status for status, _ in await asyncio.gather(*asked)} == {200}
    assert len(running.model.batches) <= 4
    assert len(running.model.threads) == 1


async def test_questions_go_before_passages(running: Running) -> None:
    running.model.gate.clear()
    order = [("先", "passage"), ("文", "passage"), ("问", "query")]
    asked = []
    for text, kind in order:
        asked.append(asyncio.create_task(running.post({"texts": [text], "kind": kind})))
        await asyncio.sleep(0.05)
    running.model.gate.set()
    await asyncio.gather(*asked)
    assert running.model.batches == [["先"], ["问"], ["文"]]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ([], "object"),
        ({}, "texts"),
        ({"texts": "出金", "kind": "query"}, "list of strings"),
        ({"texts": [1], "kind": "query"}, "list of strings"),
        ({"texts": [], "kind": "query"}, "1 to"),
        ({"texts": ["x"] * 257, "kind": "query"}, "1 to"),
        ({"texts": ["x"]}, "kind"),
        ({"texts": ["x"], "kind": "question"}, "kind"),
        ({"texts": ["x" * 8001], "kind": "query"}, "too long"),
    ],
)
async def test_bad_input_is_400_and_says_why(running: Running, body: object, word: str) -> None:
    status, answer = await running.post(body)
    assert status == 400
    error = answer["error"]
    assert isinstance(error, dict)
    assert error["code"] == "invalid_input"
    assert word in error["message"]
    assert running.model.batches == []


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"\xc3("])
async def test_what_is_not_json_is_400(running: Running, raw: bytes) -> None:
    async with running.http.post(f"{running.url}/encode", data=raw) as response:
        assert response.status == 400


async def test_a_failing_model_does_not_end_the_service(running: Running) -> None:
    running.model.fault = True
    status, answer = await running.post({"texts": ["出金"], "kind": "query"})
    assert status == 500
    assert "error" in answer
    running.model.fault = False
    assert (await running.post({"texts": ["出金"], "kind": "query"}))[0] == 200


async def test_health_tells_when_the_model_is_there() -> None:
    loaded = threading.Event()
    model = FakeModel()

    def load() -> Model:
        loaded.wait(5)
        return Model("fake", model.encode)

    runner = web.AppRunner(build_app(load))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        async with ClientSession() as http:
            async with http.get(f"http://{host}:{port}/healthz") as response:
                assert (response.status, await response.json()) == (
                    503,
                    {"ok": False, "model": None},
                )
            loaded.set()
            state: object = None
            for _ in range(100):
                async with http.get(f"http://{host}:{port}/healthz") as response:
                    state = await response.json()
                    if response.status == 200:
                        break
                await asyncio.sleep(0.02)
            assert state == {"ok": True, "model": "fake"}
    finally:
        loaded.set()
        await runner.cleanup()
