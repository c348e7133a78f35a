"""Small questions to a child: does it listen, does it answer, is its port still free."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

_ANSWER_S = 3.0


def http_probe(port: int, path: str, *, healthy: range = range(200, 300)) -> Probe:
    """Make a probe that asks `path` on a loopback port and wants a status in `healthy`."""

    async def ask() -> bool:
        status = await get_status(port, path)
        return status is not None and status in healthy

    return ask


def valkey_probe(path: Path) -> Probe:
    """Make a probe that says PING over the socket and wants PONG."""

    async def ask() -> bool:
        answer = await _exchange(asyncio.open_unix_connection(str(path)), b"PING\r\n")
        return answer.startswith(b"+PONG")

    return ask


async def get_status(port: int, path: str) -> int | None:
    """Return the HTTP status that a loopback server answers with, or None if it does not."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    answer = await _exchange(asyncio.open_connection("127.0.0.1", port), request.encode())
    words = answer.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return None
    return int(words[1])


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on that port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """Find a loopback port that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def find_owner(port: int) -> str:
    """Say which process listens on a port, as far as we may see it; empty if we may not."""
    with contextlib.suppress(psutil.Error, OSError):
        for one in psutil.net_connections("tcp"):
            if one.laddr and one.laddr.port == port and one.status == psutil.CONN_LISTEN:
                if one.pid is None:
                    return ""
                words = " ".join(psutil.Process(one.pid).cmdline())
                return f"pid {one.pid}: {words[:80]}"
    return ""


async def _exchange(
    opening: Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]], request: bytes
) -> bytes:
    try:
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await opening
            try:
                writer.write(request)
                return await reader.read(64)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""


Probe = Callable[[], Awaitable[bool]]
