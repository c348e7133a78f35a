"""The client of the encoder process: texts in, vectors out, nothing encoded twice.

Many callers at once share requests: whatever waits while one request is under way goes out
together in the next (at most `BATCH` texts), and the same text asked twice is encoded once.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal, Protocol

import aiohttp
import numpy as np
import numpy.typing as npt

from kernel.errors import InvalidInput, Transient
from knowledge.normal import normalise

Kind = Literal["query", "passage"]
Vector = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]

BATCH = 32
LONGEST = 8000
_Key = tuple[Kind, str]


class Encoding(Protocol):
    """What a room needs of an encoder; `Encoder` is the real one, tests bring their own."""

    async def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """Return one normalised row a text, float32 of shape (n, dimensions)."""
        ...

    async def find_model(self) -> str:
        """Return the name of the model that the vectors come from."""
        ...


class Encoder:
    """Asks the encoder process over HTTP; keeps the last `remembered` vectors."""

    def __init__(
        self, url: str, *, timeout: float = 3.0, remembered: int = 20_000, lanes: int = 1
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._remembered = remembered
        self._lanes = asyncio.Semaphore(lanes)
        self._memory: OrderedDict[_Key, Vector] = OrderedDict()
        self._asked: dict[_Key, asyncio.Future[Vector]] = {}
        self._waiting: dict[Kind, list[str]] = {"query": [], "passage": []}
        self._flushes: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.model = ""

    async def encode(self, texts: Sequence[str], *, kind: Kind) -> Vectors:
        """Return one normalised row a text, float32 of shape (n, dimensions).

        Raises InvalidInput for an empty or overlong text, Transient when the process does not
        answer within the timeout.
        """
        if not texts:
            return np.zeros((0, 0), np.float32)
        found = [self._find(text, kind) for text in texts]
        pending = [row for row in found if isinstance(row, asyncio.Future)]
        if pending:
            try:
                async with asyncio.timeout(self._timeout * (1 + len(pending) // BATCH)):
                    await asyncio.gather(*map(asyncio.shield, pending))
            except TimeoutError as error:
                raise Transient("The encoder did not answer in time.") from error
        rows = [row.result() if isinstance(row, asyncio.Future) else row for row in found]
        return np.stack(rows)

    async def find_model(self) -> str:
        """Return the name of the model that the encoder process has loaded."""
        if not self.model:
            await self._request(["模型"], "query")
        return self.model

    async def close(self) -> None:
        """Stop what is under way and close the connections."""
        for task in tuple(self._flushes):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _find(self, text: str, kind: Kind) -> Vector | asyncio.Future[Vector]:
        key = (kind, check_text(text))
        vector = self._memory.get(key)
        if vector is not None:
            self._memory.move_to_end(key)
            return vector
        future = self._asked.get(key)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            future.add_done_callback(_look_at_error)
            self._asked[key] = future
            self._waiting[kind].append(key[1])
            task = asyncio.create_task(self._flush(kind))
            self._flushes.add(task)
            task.add_done_callback(self._flushes.discard)
        return future

    async def _flush(self, kind: Kind) -> None:
        async with self._lanes:
            batch = self._waiting[kind][:BATCH]
            del self._waiting[kind][:BATCH]
            if not batch:
                return
            try:
                vectors = await self._request(batch, kind)
            except (InvalidInput, Transient) as error:
                self._fail(batch, kind, error)
            except asyncio.CancelledError:
                self._fail(batch, kind, Transient("The encoder's client was closed."))
                raise
            else:
                self._keep(batch, kind, vectors)

    async def _request(self, batch: list[str], kind: Kind) -> Vectors:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=self._timeout)
        try:
            body = {"texts": batch, "kind": kind}
            async with self._session.post(
                f"{self._url}/encode", json=body, timeout=limit
            ) as response:
                answer = await response.json()
                if response.status == 400:
                    raise InvalidInput(str(answer.get("error", {}).get("message", answer)))
                if response.status != 200:
                    raise Transient(f"The encoder answered {response.status}.")
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Transient(f"The encoder at {self._url} cannot be reached: {error!r}.") from error
        self.model = str(answer.get("model", ""))
        return parse_vectors(answer, len(batch))

    def _keep(self, batch: list[str], kind: Kind, vectors: Vectors) -> None:
        for text, vector in zip(batch, vectors, strict=True):
            self._memory[(kind, text)] = vector
            future = self._asked.pop((kind, text), None)
            if future is not None and not future.done():
                future.set_result(vector)
        while len(self._memory) > self._remembered:
            self._memory.popitem(last=False)

    def _fail(self, batch: list[str], kind: Kind, error: Exception) -> None:
        for text in batch:
            future = self._asked.pop((kind, text), None)
            if future is not None and not future.done():
                future.set_exception(error)


def _look_at_error(future: asyncio.Future[Vector]) -> None:
    # A caller that timed out no longer looks at its future; asyncio would complain at shutdown.
    if not future.cancelled():
        future.exception()


def check_text(text: str) -> str:
    """Return the normalised text; raise InvalidInput when it is too long."""
    if len(text) > LONGEST:
        raise InvalidInput(f"A text of {len(text)} characters is too long, at most {LONGEST}.")
    return normalise(text)


def parse_vectors(answer: object, count: int) -> Vectors:
    """Return the rows of the encoder's answer; raise Transient when it is not one."""
    try:
        if not isinstance(answer, dict):
            raise TypeError("not an object")
        width = int(answer["dim"])
        raw = np.frombuffer(base64.b64decode(answer["vectors"], validate=True), "<f4")
        return np.asarray(raw.reshape(count, width), dtype=np.float32)
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise Transient(f"The encoder's answer is not what was agreed: {error}.") from error
