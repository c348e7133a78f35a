"""Children that start, die, hang and are stopped: real processes, tiny programs."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.child import Child
from service.journal import Journal
from service.supervise import CannotStart, State, Supervisor

SLEEP = "import time; time.sleep(60)"


def child(name: str, code: str, **options: object) -> Child:
    argv = (sys.executable, "-S", "-c", code)
    return Child(name=name, title=name, argv=argv, **options)  # type: ignore[arg-type]


def journal(screen: io.StringIO | None = None) -> Journal:
    return Journal(screen or io.StringIO(), lambda: datetime.now(UTC), level="debug")


@asynccontextmanager
async def running(*crew: Child, screen: io.StringIO | None = None) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(crew, journal(screen))
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        supervisor.stop()
        async with asyncio.timeout(20):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_child_waits_for_those_it_needs(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"

    async def is_there() -> bool:
        return first.exists()

    write = "import pathlib,sys,time; time.sleep(0.2); pathlib.Path({!r}).touch(); time.sleep(60)"
    tell = (
        "import pathlib,time; seen=pathlib.Path({!r}).exists(); "
        "pathlib.Path({!r}).write_text(str(seen)); time.sleep(60)"
    )
    crew = (
        child("late", tell.format(str(first), str(second)), after=("early",)),
        child("early", write.format(str(first)), probe=is_there),
    )
    async with running(*crew) as supervisor:
        await supervisor.wait_ready()
        await until(lambda: second.exists() and second.read_text() != "")
    assert second.read_text() == "True"


async def test_what_dies_is_started_again() -> None:
    async with running(child("mortal", SLEEP)) as supervisor:
        post = supervisor.posts["mortal"]
        await supervisor.wait_ready()
        assert post.process is not None
        first = post.process.pid
        os.kill(first, 9)
        await until(lambda: post.process is not None and post.process.pid != first)
        await until(lambda: post.state is State.READY)
        assert post.restarts == 1


async def test_a_job_runs_once_and_lets_others_go_on() -> None:
    crew = (child("job", "print('done')", once=True), child("next", SLEEP, after=("job",)))
    async with running(*crew) as supervisor:
        await supervisor.wait_ready()
        assert supervisor.posts["job"].state is State.DONE
        await asyncio.sleep(0.3)
        assert supervisor.posts["job"].restarts == 0


async def test_an_essential_child_that_never_starts_ends_all_with_its_last_words() -> None:
    crew = (
        child("vital", "print('no such table'); raise SystemExit(3)", once=True, essential=True),
        child("other", SLEEP),
    )
    supervisor = Supervisor(crew, journal())
    with pytest.raises(CannotStart, match="no such table"):
        async with asyncio.timeout(30):
            await supervisor.run()
    other = supervisor.posts["other"].process
    assert other is not None
    assert other.returncode is not None


async def test_stopping_leaves_no_grandchild_and_no_deaf_child(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, signal, sys, subprocess, time, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "grand = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(pids)!r}).write_text(f'{{os.getpid()}} {{grand.pid}}')\n"
        "time.sleep(60)\n"
    )
    async with running(child("deaf", code, stop_s=0.3)):
        await until(lambda: pids.exists() and len(pids.read_text().split()) == 2)
    await until(lambda: not any(is_alive(int(pid)) for pid in pids.read_text().split()))


async def test_the_needed_is_stopped_after_those_that_need_it() -> None:
    screen = io.StringIO()
    goodbye = (
        "import signal,sys,time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit(0)))\n"
        "print('hello', flush=True)\ntime.sleep(60)\n"
    )
    crew = (child("store", goodbye), child("web", goodbye, after=("store",)))
    async with running(*crew, screen=screen) as supervisor:
        await supervisor.wait_ready()
        await until(lambda: screen.getvalue().count("hello") == 2)
    byes = [line for line in screen.getvalue().splitlines() if line.endswith("bye")]
    assert ["web" in byes[0], "store" in byes[1]] == [True, True]


async def test_killing_the_supervisor_kills_its_children(tmp_path: Path) -> None:
    if sys.platform != "linux":
        return
    pid_file = tmp_path / "pid"
    code = f"""
import asyncio, io, sys
from datetime import UTC, datetime
from service.child import Child
from service.journal import Journal
from service.supervise import Supervisor
inner = (
    "import os,pathlib,time; "
    "pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid())); time.sleep(60)"
)
one = Child(name="c", title="c", argv=(sys.executable, "-S", "-c", inner))
asyncio.run(Supervisor([one], Journal(io.StringIO(), lambda: datetime.now(UTC))).run())
"""
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    await until(lambda: pid_file.exists() and pid_file.read_text() != "")
    supervisor.kill()
    await supervisor.wait()
    await until(lambda: not is_alive(int(pid_file.read_text())))
