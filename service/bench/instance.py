"""A Zhida of one's own, for a measurement, a try or a test: fresh data, free ports, ended after."""

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
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from kernel.errors import ServiceError
from service.settings import ROOT, Settings
from service.source import load_settings

PORTS = (
    "PORT",
    "ENCODER_PORT",
    "CORE_PORT",
    "LAB_PORT",
    "LAB_SMTP_PORT",
    "RASA_PORT",
    "INTERNAL_PORT",
)
READY_SECONDS = 540.0
STOP_SECONDS = 60.0
_READY = b"Zhida is ready"
"""What `zhida up` shows when the last of its jobs is done (service/screen.py)."""


class NotReady(ServiceError):
    """The instance did not become ready; its log says why."""

    code = "not_ready"
    message_zh = "实例未能就绪，原因见其日志。"


class LeftBehind(ServiceError):
    """The instance has ended, and processes of it have not."""

    code = "left_behind"
    message_zh = "实例已停止，但仍有进程残留。"


@dataclass(frozen=True, slots=True)
class Instance:
    """A running Zhida: its settings, how long it took to be ready, its log and its process."""

    settings: Settings
    start_s: float
    log: Path
    process: asyncio.subprocess.Process

    def family(self) -> list[psutil.Process]:
        """List the processes of every part, at this moment."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.process.pid).children(recursive=True)
        return []

    async def await_well(self, session: aiohttp.ClientSession, seconds: float) -> None:
        """Wait until every part answers.

        Raises:
            NotReady: it has ended, or a part does not answer in time; with the log's last lines.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.returncode is None:
            if await _is_well(session, self.settings) and _READY in self.log.read_bytes():
                return
            await asyncio.sleep(0.25)
        raise NotReady(f"Not well after {seconds:.0f} s:\n{self.log.read_text()[-3000:]}")


@asynccontextmanager
async def run_instance(**variables: str) -> AsyncIterator[Instance]:
    """Start a Zhida with these settings, wait until every part is well, and end it afterwards.

    Raises:
        NotReady: it did not become well.
        LeftBehind: it left processes behind when it ended.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhida-own-"))
    folder.chmod(0o755)
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        environ = _environ(folder, variables)
        settings = load_settings(environ)
        stack.callback(shutil.rmtree, settings.runtime_dir, ignore_errors=True)
        started = time.perf_counter()
        process = await _launch(environ, folder / "up.log")
        starting = Instance(settings, 0.0, folder / "up.log", process)
        stack.push_async_callback(stop_instance, starting)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        )
        await starting.await_well(session, READY_SECONDS)
        yield Instance(settings, time.perf_counter() - started, starting.log, process)


async def stop_instance(instance: Instance, number: signal.Signals = signal.SIGTERM) -> None:
    """End an instance with a signal, and see that nothing of it is left.

    Raises:
        LeftBehind: with the command lines of what is left, which is killed.
    """
    family, process = instance.family(), instance.process
    if process.returncode is None:
        process.send_signal(number)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
    left = (await asyncio.to_thread(psutil.wait_procs, family, timeout=STOP_SECONDS))[1]
    for one in left:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    if left:
        raise LeftBehind(f"Left behind: {left}")


def free_ports(count: int) -> list[int]:
    """Find loopback ports that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _environ(folder: Path, variables: dict[str, str]) -> dict[str, str]:
    """Give the surroundings of an instance, with no setting of those who start it."""
    (folder / "zhida.toml").touch()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZHIDA_")}
    environ |= {"ZHIDA_DATA_DIR": str(folder / "var"), "ZHIDA_DEMO": "true"}
    environ |= {"ZHIDA_CONFIG": str(folder / "zhida.toml"), "ZHIDA_DEMO_CLIENTS": "0"}
    ports = zip(PORTS, free_ports(len(PORTS)), strict=True)
    environ |= {f"ZHIDA_{name}": str(port) for name, port in ports}
    return environ | {f"ZHIDA_{name.upper()}": value for name, value in variables.items()}


async def _launch(environ: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    with log.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "service.main", "up", cwd=ROOT,
            env=environ, stdout=output, stderr=output, stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip


async def _is_well(session: aiohttp.ClientSession, settings: Settings) -> bool:
    try:
        async with session.get(f"{settings.site_url}/healthz") as answer:
            body = await answer.json()
            return answer.status == 200 and body["status"] == "ok"
    except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
        return False
