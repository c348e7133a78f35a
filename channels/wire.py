"""One HTTP call to a provider, with what can be known about it when it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import aiohttp
from yarl import URL

from kernel.message import Json, Retryable, Unknown

SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One HTTP answer, all of it, whatever its status says."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def wait(self) -> float | None:
        """Return the seconds that `Retry-After` asks for, an hour at most; None if it says none."""
        asked = self.headers.get("Retry-After", "")
        return min(3600.0, float(asked)) if asked.isascii() and asked.isdigit() else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said: `body` is its JSON object, None if there was none."""

    status: int
    body: Mapping[str, Json] | None


class Wire:
    """Connections to one provider; made when they are first needed."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(3.0, seconds))
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answer | Retryable | Unknown:
        """Make one call to a JSON API, never a second one.

        `Retryable` only where provably nothing was processed: no connection, or 429. Anything
        that ended without a whole JSON object, and every 5xx, is `Unknown`.
        """
        heard = await self.exchange(method, url, headers=headers, params=params, data=data)
        return _judge(heard) if isinstance(heard, Heard) else heard

    async def exchange(
        self,
        method: str,
        url: str | URL,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: bytes | aiohttp.FormData | None = None,
    ) -> Heard | Retryable | Unknown:
        """Make one call without redirects; `Retryable` if there was no connection."""
        try:
            async with self._open().request(
                method, url, headers=headers, params=params, data=data, allow_redirects=False
            ) as answer:
                return Heard(answer.status, answer.headers, await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return Retryable("unreachable", 2.0)
        except TimeoutError:
            return Unknown("timeout")
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError):
            return Unknown("no_answer")

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=15.0)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._limits)
        return self._session


def _judge(heard: Heard) -> Answer | Retryable | Unknown:
    if heard.status == 429:
        return Retryable("http_429", heard.wait or 1.0)
    if heard.status >= 500:
        return Unknown(f"http_{heard.status}")
    body = _parse_object(heard.body)
    if body is None and heard.status < 300:
        return Unknown("not_json")
    return Answer(heard.status, body)


def _parse_object(raw: bytes) -> Mapping[str, Json] | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Json]", body) if isinstance(body, dict) else None
