"""One HTTP call to a provider, with what can be known about it when it fails."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import aiohttp
from yarl import URL

from kernel.message import Json, Retryable, Unknown

SECONDS = 8.0


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
        """Make one call, never a second one.

        `Retryable` only where provably nothing was processed: no connection, or 429. Anything
        that ended without a whole JSON object, and every 5xx, is `Unknown`.
        """
        try:
            async with self._open().request(
                method, url, headers=headers, params=params, data=data, allow_redirects=False
            ) as answer:
                raw = await answer.read()
                return _judge(answer.status, answer.headers.get("Retry-After"), raw)
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


def _judge(status: int, retry_after: str | None, raw: bytes) -> Answer | Retryable | Unknown:
    if status == 429:
        return Retryable("http_429", _seconds(retry_after))
    if status >= 500:
        return Unknown(f"http_{status}")
    body = _parse_object(raw)
    if body is None and status < 300:
        return Unknown("not_json")
    return Answer(status, body)


def _seconds(retry_after: str | None) -> float:
    is_number = bool(retry_after and retry_after.isascii() and retry_after.isdigit())
    return min(3600.0, float(retry_after or 1)) if is_number else 1.0


def _parse_object(raw: bytes) -> Mapping[str, Json] | None:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Json]", body) if isinstance(body, dict) else None
