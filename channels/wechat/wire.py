"""The wire to Tencent's JSON APIs: one bounded call, honest about what was processed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import aiohttp

from channels.wechat.fault import raise_for_status
from kernel.errors import OutcomeUnknown, Transient
from kernel.message import Json

Answer: TypeAlias = "dict[str, Json]"

SECONDS = 8.0
_KEEP_ALIVE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One HTTP answer, all of it."""

    status: int
    body: bytes = field(repr=False)
    mime: str = ""


class Wire:
    """Calls one provider over HTTP; no redirects, no repetitions, every call has an end."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(3.0, seconds))
        self._wire: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | aiohttp.FormData | None = None,
    ) -> Heard:
        """Make one call; bytes go out as JSON.

        Raises:
            Transient: provably not processed.
            OutcomeUnknown: nobody knows.
            ApiClosed: an HTTP error that is final.
        """
        headers = {"Content-Type": "application/json; charset=utf-8"}
        sent = headers if isinstance(data, bytes) else None
        try:
            async with self._session().request(
                method, url, params=params, data=data, headers=sent, allow_redirects=False
            ) as answer:
                body = await answer.read()
                raise_for_status(answer.status, answer.headers.get("Retry-After"))
                return Heard(answer.status, body, answer.headers.get("Content-Type", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Transient("The provider's API cannot be reached.") from error
        except (aiohttp.ClientError, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            why = f"The call ended without an answer ({type(error).__name__})."
            raise OutcomeUnknown(why) from error

    async def close(self) -> None:
        """Close every connection."""
        if self._wire is not None:
            await self._wire.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._wire is None or self._wire.closed:
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=_KEEP_ALIVE_SECONDS)
            self._wire = aiohttp.ClientSession(connector=connector, timeout=self._limits)
        return self._wire


def write_json(body: Mapping[str, Json]) -> bytes:
    """Return a body as raw UTF-8; WeChat answers escapes with 40033."""
    return json.dumps(body, ensure_ascii=False).encode()


def read_code(status: int, body: bytes) -> tuple[int, Answer]:
    """Read an answer's errcode; 0 is success.

    Raises:
        OutcomeUnknown: the answer is not JSON, or not an object, whatever its status says.
    """
    try:
        answer = json.loads(body)
        code = int(answer.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise OutcomeUnknown(f"HTTP {status} with a body that is not the API's JSON.") from error
    return code, cast("Answer", answer)
