"""The encoder process: `python -m knowledge.encoder_server --host H --port P [--model NAME]`.

`POST /encode {"texts": [...], "kind": "query"|"passage"}` answers `{"model", "dim", "vectors"}`,
the vectors as base64 of little-endian float32, row by row. `GET /healthz` answers 503 while the
model loads and 200 after. Texts are normalised here, so every asker gets the same vector for the
same question. All computing is in one worker thread; what waits meanwhile is joined into the next
batch, questions before passages.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import importlib
import logging
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import uvloop
from aiohttp import web

from kernel.errors import InvalidInput, ServiceError, TooMany
from knowledge.encoder import Kind, Vectors, check_text

log = logging.getLogger(__name__)

MOST_TEXTS: Final = 256
MOST_WAITING: Final = 4096
EMBEDDED: Final = "e5"
_BATCH: Final = 16


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded model: its name and how it encodes one batch."""

    name: str
    encode: Callable[[Sequence[str], Kind], Vectors]


def load_model(name: str = EMBEDDED) -> Model:
    """Load a sentence-transformers model by name; `e5` is the embedded one.

    Takes 15 to 30 seconds of CPU, most of it the import of sentence-transformers.
    """
    if name != EMBEDDED:
        package = importlib.import_module("sentence_transformers")
        model = package.SentenceTransformer(name, device="cpu")
        title = name
        if "e5" in name.lower() and not any(model.prompts.values()):
            # The E5 models want these words in front, though their files on the hub do not say so.
            model.prompts |= {"query": "query: ", "document": "passage: "}
    else:
        module = importlib.import_module("knowledge.e5.module")
        model, title = module.build_model(), module.NAME

    def encode(texts: Sequence[str], kind: Kind) -> Vectors:
        run = model.encode_query if kind == "query" else model.encode_document
        rows = run(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, dtype="<f4")

    encode(["预热"], "query")
    return Model(title, encode)


@dataclass(frozen=True, slots=True)
class _Job:
    texts: list[str]
    kind: Kind
    done: asyncio.Future[Vectors]


class Batcher:
    """Joins the texts of all connections into batches and runs them in one worker thread."""

    def __init__(self, load: Callable[[], Model]) -> None:
        self._load = load
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._lanes: dict[Kind, deque[_Job]] = {"query": deque(), "passage": deque()}
        self._ready = asyncio.Event()
        self._waiting = 0
        self.model: Model | None = None

    async def encode(self, texts: list[str], kind: Kind) -> Vectors:
        """Return the vectors of one request; raise TooMany when too much is waiting."""
        if self._waiting + len(texts) > MOST_WAITING:
            raise TooMany("The encoder has too much to do.")
        done: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._waiting += len(texts)
        self._lanes[kind].append(_Job(texts, kind, done))
        self._ready.set()
        return await done

    async def run(self) -> None:
        """Load the model, then serve batches until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            self.model = await loop.run_in_executor(self._thread, self._load)
            log.info("The encoder is ready: %s.", self.model.name)
            while True:
                await self._ready.wait()
                await self._work(self.model)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _work(self, model: Model) -> None:
        batch = self._take()
        if not batch:
            self._ready.clear()
            return
        texts = [text for job in batch for text in job.texts]
        loop = asyncio.get_running_loop()
        try:
            rows = await loop.run_in_executor(self._thread, model.encode, texts, batch[0].kind)
        except Exception as error:  # whatever a model raises, its askers hear of it
            log.exception("A batch of %d texts failed.", len(texts))
            for job in batch:
                if not job.done.done():
                    job.done.set_exception(ServiceError(f"The model failed: {error!r}."))
            return
        at = 0
        for job in batch:
            if not job.done.done():
                job.done.set_result(rows[at : at + len(job.texts)])
            at += len(job.texts)

    def _take(self) -> list[_Job]:
        lane = self._lanes["query"] or self._lanes["passage"]
        batch: list[_Job] = []
        size = 0
        while lane and (not batch or size + len(lane[0].texts) <= _BATCH):
            job = lane.popleft()
            self._waiting -= len(job.texts)
            if not job.done.cancelled():
                batch.append(job)
                size += len(job.texts)
        return batch


def parse_request(body: object) -> tuple[list[str], Kind]:
    """Check the body of `POST /encode`; raise InvalidInput saying what was wrong."""
    if not isinstance(body, dict):
        raise InvalidInput('The body must be an object: {"texts": ["…"], "kind": "query"}.')
    texts, kind = body.get("texts"), body.get("kind")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InvalidInput('"texts" must be a list of strings.')
    if not 1 <= len(texts) <= MOST_TEXTS:
        raise InvalidInput(f'"texts" has {len(texts)} texts, 1 to {MOST_TEXTS} are taken.')
    if kind == "query":
        return [check_text(text) for text in texts], "query"
    if kind == "passage":
        return [check_text(text) for text in texts], "passage"
    raise InvalidInput('"kind" must be "query" or "passage".')


class _Site:
    """The two routes over one batcher."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher

    async def encode(self, request: web.Request) -> web.Response:
        """Answer `POST /encode`."""
        try:
            texts, kind = parse_request(await request.json())
            rows = await self._batcher.encode(texts, kind)
        except ValueError:
            return _error(InvalidInput("The body must be JSON in UTF-8."))
        except ServiceError as error:
            return _error(error)
        vectors = base64.b64encode(np.ascontiguousarray(rows, "<f4").tobytes()).decode()
        name = self._batcher.model.name if self._batcher.model else ""
        return web.json_response({"model": name, "dim": rows.shape[1], "vectors": vectors})

    async def health(self, _: web.Request) -> web.Response:
        """Answer `GET /healthz`."""
        model = self._batcher.model
        state = {"ok": model is not None, "model": model.name if model else None}
        return web.json_response(state, status=200 if model else 503)

    async def keep_running(self, _: web.Application) -> AsyncIterator[None]:
        """Run the batcher as long as the application."""
        task = asyncio.create_task(self._batcher.run())
        task.add_done_callback(_stop_on_failure)
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task


def build_app(load: Callable[[], Model]) -> web.Application:
    """Return the web application of the encoder; `load` runs in the worker thread."""
    app = web.Application(client_max_size=8 * 1024 * 1024)
    site = _Site(Batcher(load))
    app.router.add_post("/encode", site.encode)
    app.router.add_get("/healthz", site.health)
    app.cleanup_ctx.append(site.keep_running)
    return app


def _error(error: ServiceError) -> web.Response:
    body = {"error": {"code": error.code, "message": error.message}}
    return web.json_response(body, status=error.status)


def _stop_on_failure(task: asyncio.Task[None]) -> None:
    # Without a model the process is of no use: end it, so that its supervisor sees it.
    if not task.cancelled() and task.exception() is not None:
        log.error("The encoder stops: %r", task.exception())
        signal.raise_signal(signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve sentence vectors over HTTP.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5811)
    parser.add_argument("--model", default=os.environ.get("ZHIDA_ENCODER_MODEL") or EMBEDDED)
    parser.add_argument("--threads", type=int, default=1, help="threads of the computing")
    chosen = parser.parse_args(arguments)
    os.environ["OMP_NUM_THREADS"] = str(chosen.threads)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    app = build_app(lambda: load_model(chosen.model))
    loop = uvloop.new_event_loop()
    web.run_app(app, host=chosen.host, port=chosen.port, print=None, access_log=None, loop=loop)


if __name__ == "__main__":
    main()
