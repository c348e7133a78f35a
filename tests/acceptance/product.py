"""Starts the whole product as a person would, `zhida up`, on ports and in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
ZHIDA = ROOT / ".venv" / "bin" / "zhida"
START_SECONDS = 300.0
STOP_SECONDS = 30.0
PORTS = ("PORT", "ENCODER_PORT", "CORE_PORT", "LAB_PORT", "RASA_PORT", "INTERNAL_PORT")


@dataclass(frozen=True, slots=True)
class Product:
    """A running Zhida: where it is, and how its demo people sign in."""

    url: str
    lab_url: str
    folder: Path

    @property
    def demo_password(self) -> str:
        """The password that all demo logins of this instance have."""
        return (self.folder / "secrets" / "demo_password").read_text().strip()


@asynccontextmanager
async def running_product(folder: Path) -> AsyncIterator[Product]:
    """Start Zhida and yield it once every part is well; stop it, and all it started, at the end.

    Raises:
        AssertionError: it ended, or was not ready in time; the message carries its last lines.
    """
    ports = dict(zip(PORTS, _find_free_ports(len(PORTS)), strict=True))
    settings = {f"ZHIDA_{name}": str(port) for name, port in ports.items()}
    environment = {**os.environ, **settings, "ZHIDA_DATA_DIR": str(folder)}
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            str(ZHIDA), "up", cwd=ROOT, env=environment, stdout=output, stderr=output
        )
        try:
            await _wait_until_well(f"http://127.0.0.1:{ports['PORT']}", process, log)
            lab = f"http://127.0.0.1:{ports['LAB_PORT']}"
            yield Product(f"http://127.0.0.1:{ports['PORT']}", lab, folder)
        finally:
            await _stop(process)


def _find_free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


async def _wait_until_well(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await _is_well(http, url):
                    assert process.returncode is None, _tail(log)
                    await asyncio.sleep(0.5)
        except TimeoutError:
            raise AssertionError(f"Zhida was not ready in time.\n{_tail(log)}") from None


async def _is_well(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/healthz", timeout=aiohttp.ClientTimeout(total=5)) as answer:
            body = await answer.json()
            return bool(answer.status == 200 and body["status"] == "ok")
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
        return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-6000:]
