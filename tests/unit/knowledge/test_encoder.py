"""The encoder's client against a real HTTP server that keeps a ledger of what it was asked."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from aiohttp import web

from kernel.errors import InvalidInput, Transient
from knowledge.encoder import BATCH, LONGEST, Encoder, parse_vectors


@dataclass
class FakeEncoderServer:
    """Answers with a vector that tells the text; notes every request."""

    ledger: list[tuple[str, list[str]]] = field(default_factory=list)
    fault: str | None = None
    gate: asyncio.Event | None = None
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.ledger.append((body["kind"], body["texts"]))
        if self.gate is not None:
            await self.gate.wait()
        if self.fault == "500":
            return web.Response(status=500, text="<html>", content_type="text/html")
        if self.fault == "busy":
            return web.json_response({"error": {"code": "too_many"}}, status=429)
        if self.fault == "short":
            return web.json_response({"model": "fake", "dim": 2, "vectors": "AAAA"})
        rows = np.array([[len(text), body["kind"] == "query"] for text in body["texts"]], "<f4")
        vectors = base64.b64encode(rows.tobytes()).decode()
        return web.json_response({"model": "fake", "dim": 2, "vectors": vectors})


@pytest.fixture
async def server() -> AsyncIterator[FakeEncoderServer]:
    fake = FakeEncoderServer()
    app = web.Application()
    app.router.add_post("/encode", fake.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    yield fake
    if fake.gate is not None:
        fake.gate.set()
    await runner.cleanup()


@pytest.fixture
async def encoder(server: FakeEncoderServer) -> AsyncIterator[Encoder]:
    client = Encoder(server.url, timeout=0.5, remembered=40)
    yield client
    await client.close()


async def test_rows_come_in_the_order_asked(encoder: Encoder) -> None:
    rows = await encoder.encode(["出金", "怎么出金", "好"], kind="passage")
    assert rows.dtype == np.float32
    assert rows.tolist() == [[2, 0], [4, 0], [1, 0]]
    assert encoder.model == "fake"


async def test_spellings_and_repeats_are_encoded_once(
    encoder: Encoder, server: FakeEncoderServer
) -> None:
    await encoder.encode(["怎麼出金？", "怎么出金"], kind="query")
    await encoder.encode(["怎么出金！"], kind="query")
    assert server.ledger == [("query", ["怎么出金"])]
    await encoder.encode(["怎么出金"], kind="passage")
    assert len(server.ledger) == 2


async def test_callers_at_once_share_requests(encoder: Encoder, server: FakeEncoderServer) -> None:
    server.gate = asyncio.Event()
    callers = [
        asyncio.create_task(encoder.encode([f"问题{n % 30}"], kind="query")) for n in range(60)
    ]
    await asyncio.sleep(0.1)
    server.gate.set()
    await asyncio.gather(*callers)
    asked = [text for _, texts in server.ledger for text in texts]
    assert sorted(asked) == sorted({f"问题{n}" for n in range(30)})
    assert len(server.ledger) <= 4
    assert all(len(texts) <= BATCH for _, texts in server.ledger)


async def test_memory_forgets_the_oldest(encoder: Encoder, server: FakeEncoderServer) -> None:
    for n in range(50):
        await encoder.encode([f"第{n}问"], kind="query")
    asked = len(server.ledger)
    await encoder.encode(["第49问"], kind="query")
    assert len(server.ledger) == asked
    await encoder.encode(["第0问"], kind="query")
    assert len(server.ledger) == asked + 1


@pytest.mark.parametrize("fault", ["500", "busy", "short"])
async def test_a_failure_is_transient_and_not_remembered(
    encoder: Encoder, server: FakeEncoderServer, fault: str
) -> None:
    server.fault = fault
    with pytest.raises(Transient):
        await encoder.encode(["怎么出金"], kind="query")
    server.fault = None
    assert (await encoder.encode(["怎么出金"], kind="query")).shape == (1, 2)


async def test_no_server_is_transient() -> None:
    client = Encoder("http://127.0.0.1:9", timeout=0.5)
    with pytest.raises(Transient, match="cannot be reached"):
        await client.encode(["怎么出金"], kind="query")
    await client.close()


async def test_a_silent_server_is_given_up(encoder: Encoder, server: FakeEncoderServer) -> None:
    server.gate = asyncio.Event()
    with pytest.raises(Transient):
        await encoder.encode(["怎么出金"], kind="query")


async def test_a_cancelled_caller_does_not_take_the_others_with_it(
    encoder: Encoder, server: FakeEncoderServer
) -> None:
    server.gate = asyncio.Event()
    first = asyncio.create_task(encoder.encode(["怎么出金"], kind="query"))
    second = asyncio.create_task(encoder.encode(["怎么出金"], kind="query"))
    await asyncio.sleep(0.05)
    first.cancel()
    server.gate.set()
    assert (await second).shape == (1, 2)


async def test_too_long_is_refused_before_it_is_sent(
    encoder: Encoder, server: FakeEncoderServer
) -> None:
    with pytest.raises(InvalidInput, match="too long"):
        await encoder.encode(["长" * (LONGEST + 1)], kind="query")
    assert server.ledger == []


async def test_nothing_asked_is_nothing_answered(encoder: Encoder) -> None:
    assert (await encoder.encode([], kind="query")).shape == (0, 0)


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"dim": 2}, {"dim": "x", "vectors": ""}, {"dim": 2, "vectors": "?"}]
)
def test_an_answer_of_another_form_is_transient(answer: object) -> None:
    with pytest.raises(Transient):
        parse_vectors(answer, 1)
