"""A Zhida of the benchmark's own: a fresh data folder, free ports, stopped at the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from kernel.errors import ServiceError
from service.settings import Settings
from service.source import load_settings

PORTS = ("PORT", "ENCODER_PORT", "CORE_PORT", "LAB_PORT", "RASA_PORT", "INTERNAL_PORT")
READY_SECONDS = 360.0


class NotReady(ServiceError):
    """The instance did not become ready; its log says why."""

    code = "not_ready"
    message_zh = "实例未能就绪，原因见其日志。"


@dataclass(frozen=True, slots=True)
class Instance:
    """A running Zhida: its settings, and how long it took to be ready."""

    settings: Settings
    start_s: float
    log: Path
    process: asyncio.subprocess.Process


@asynccontextmanager
async def run_instance(**variables: str) -> AsyncIterator[Instance]:
    """Start a Zhida, wait until every part is well, and stop it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="zhida-bench-"))
    folder.chmod(0o755)
    environ = dict(os.environ) | {"ZHIDA_DATA_DIR": str(folder), "ZHIDA_DEMO": "true"}
    environ |= {f"ZHIDA_{name}": str(port) for name, port in zip(PORTS, _free_ports(), strict=True)}
    environ |= {f"ZHIDA_{name.upper()}": value for name, value in variables.items()}
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        log = folder / "up.log"
        started = time.perf_counter()
        process = await _launch(environ, log)
        stack.push_async_callback(_stop, process)
        settings = load_settings(environ)
        await _wait(settings, process, log)
        yield Instance(settings, time.perf_counter() - started, log, process)


async def _launch(environ: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    with log.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.main", "up",
            env=environ, stdout=output, stderr=output, stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip


async def _wait(settings: Settings, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as session:
        while time.monotonic() < deadline and process.returncode is None:
            try:
                async with session.get(f"{settings.site_url}/healthz") as answer:
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.25)
    raise NotReady(f"Not ready after {READY_SECONDS:.0f} s:\n{log.read_text()[-3000:]}")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(30):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _free_ports() -> list[int]:
    sockets = [socket.socket() for _ in PORTS]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
