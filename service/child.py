"""One child process: how it is started, told apart from the rest, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LINE_LIMIT = 256 * 1024

# Loaded before any fork: between fork and exec nothing may be imported.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


async def _always() -> bool:
    return True


async def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that a child runs as, where we ourselves are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What there is to know about a child: command, surroundings, and how to tell that it works."""

    name: str
    title: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    after: tuple[str, ...] = ()
    """Start only when these are ready."""
    prepare: Callable[[], Awaitable[None]] = _nothing
    """Done before each start; what it raises is a failed start."""
    probe: Callable[[], Awaitable[bool]] = _always
    """Tells whether it does its work now."""
    account: Account | None = None
    once: bool = False
    """A job: ready when it has ended with status 0, and not started again."""
    essential: bool = False
    """Without it nothing works: if it cannot be started at all, everything stops."""
    port: int | None = None
    port_setting: str = ""
    start_s: float = 60.0
    stop_s: float = 10.0
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends it when the supervisor itself is killed."""


async def launch(child: Child) -> asyncio.subprocess.Process:
    """Start the child in a session of its own; it dies with us, even if we are killed.

    Its output, both streams in one, is a pipe to be read line by line.
    """
    return await asyncio.create_subprocess_exec(
        *child.argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=child.cwd,
        env={**_environment(), **child.env},
        start_new_session=True,
        limit=_LINE_LIMIT,
        preexec_fn=_before_exec(child.account, child.orphan_signal),
    )


async def run_once(
    argv: tuple[str, ...], *, account: Account | None = None, stdin: bytes = b"", seconds: float
) -> tuple[int, str]:
    """Run a short command to its end and return its status and what it printed.

    Raises:
        TimeoutError: it took longer than `seconds`, and was killed.
    """
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd="/",
        env=_environment(),
        preexec_fn=_before_exec(account, signal.SIGKILL),
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(stdin)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode("utf-8", "replace")


def send_signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Signal the child itself; one that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def kill_session(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the child's session, its own children among it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    # Each start would compile its modules anew: seconds for every child.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment | {"PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}


def _before_exec(account: Account | None, orphan_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def prepare_child() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        if _LIBC is not None:
            # After setuid, which would clear it again.
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(125)

    return prepare_child
