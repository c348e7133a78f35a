"""One request over HTTP with a time limit, and how long to wait before the next try."""

from __future__ import annotations

import http.client
import random
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; headers by names in small letters, `cookies` are the Set-Cookie ones."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Say whether it is what was asked for."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a call is tried and how long it waits: doubling, with chance, up to `longest`."""

    tries: int = 5
    first: float = 0.5
    longest: float = 30.0

    def wait(self, tried: int, asked: float | None) -> float | None:
        """Return the seconds before the next try, or None where it is time to give up.

        What the other side asks for in Retry-After is waited in full; more than `longest` is not.
        """
        if tried >= self.tries or (asked or 0) > self.longest:
            return None
        most = min(self.longest, self.first * 2.0 ** (tried - 1))
        chance = random.uniform(most / 2, most)  # noqa: S311 - spreads callers, keeps no secret
        return max(asked or 0.0, chance)


@dataclass(frozen=True, slots=True)
class Site:
    """Where Zhida is; a connection of its own for each request, so that threads may share it."""

    url: str
    timeout: float = 30.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"url 应如 https://zhida.example.com · not an address: {self.url!r}")

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request and return its answer, whatever it says.

        Raises:
            OSError, http.client.HTTPException: no answer, or half of one.
        """
        connection = self._connect()
        try:
            base = urlsplit(self.url).path.rstrip("/")
            connection.request(method, base + path, body or None, dict(headers))
            with connection.getresponse() as response:
                cookies = tuple(response.headers.get_all("Set-Cookie") or ())
                told = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, told, response.read(), cookies)
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=self.timeout)
        tls = self.tls or ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=self.timeout, context=tls)
