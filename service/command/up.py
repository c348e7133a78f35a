"""Start the product with all its parts; Ctrl-C or SIGTERM stops all and leaves none behind."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kernel.errors import ServiceError
from service.crew import BOT_PYTHON, MODEL, list_crew
from service.journal import Journal
from service.parser import make_parser
from service.probe import find_owner, is_free
from service.screen import Screen
from service.settings import Settings
from service.source import list_unknown, load_settings
from service.supervise import Supervisor


class AlreadyUp(ServiceError):
    """Zhida is already running with this data folder."""

    code = "already_up"
    message_zh = "使用该数据目录的智达已在运行。"


class PortTaken(ServiceError):
    """A port that is needed is taken by another program."""

    code = "port_taken"
    message_zh = "所需端口已被其他程序占用。"


class NotSetUp(ServiceError):
    """Something that `make setup` brings is missing."""

    code = "not_set_up"
    message_zh = "环境尚未准备好，请先运行 make setup。"


def run(words: Sequence[str]) -> int:
    """Start everything and stay until told to stop."""
    parser = make_parser("up", __doc__)
    parser.add_argument(
        "-q", "--quiet", action="store_true", help="show only warnings and errors of the parts"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="show debug lines too")
    arguments = parser.parse_args(words)
    settings = load_settings()
    level = "warning" if arguments.quiet else "debug" if arguments.verbose else settings.log_level
    with _only_one(settings.data_dir):
        check_ready(settings)
        return asyncio.run(_supervise(settings, level))


def check_ready(settings: Settings) -> None:
    """See that every child can be started at all, before the first one is.

    Raises:
        NotSetUp: the assistant's environment or its model is missing.
        PortTaken: with the program that has the port, and the setting for another one.
    """
    if not settings.rasa_urls:
        for needed, remedy in ((BOT_PYTHON, "make setup"), (MODEL, "zhida train")):
            if not needed.exists():
                raise NotSetUp(
                    f"{needed} is missing: run `{remedy}`.", zh=f"缺少 {needed}：请运行 {remedy}。"
                )
    wanted = [(c.port, c.port_setting) for c in list_crew(settings) if c.port is not None]
    wanted.append((settings.internal_port, "ZHIDA_INTERNAL_PORT"))
    if settings.demo:
        wanted.append((settings.lab_smtp_port, "ZHIDA_LAB_SMTP_PORT"))
    for port, name in wanted:
        if not is_free(port):
            owner = find_owner(port) or "another program"
            raise PortTaken(
                f"Port {port} is taken by {owner}. Stop it, or choose another port: "
                f"{name}={port + 100} zhida up",
                zh=f"端口 {port} 已被占用（{owner}）。请停止该程序，或设置 {name} 换一个端口。",
            )


async def _supervise(settings: Settings, level: str) -> int:
    journal = Journal(
        sys.stdout,
        lambda: datetime.now(UTC),
        level=level,
        form=settings.log_format,
        file=settings.data_dir / "log" / "zhida.log",
    )
    for unknown in list_unknown():
        journal.write("zhida", f"no such setting: {unknown}", level="warning")
    supervisor = Supervisor(list_crew(settings), journal)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    began = time.monotonic()
    announce = asyncio.create_task(_announce(supervisor, settings, began), name="announce")
    try:
        await supervisor.run()
    finally:
        announce.cancel()
        journal.write("zhida", f"stopped after {time.monotonic() - began:.0f} s")
        journal.close()
    return 0


async def _announce(supervisor: Supervisor, settings: Settings, began: float) -> None:
    await supervisor.wait_ready()
    seconds = time.monotonic() - began
    posts = list(supervisor.posts.values())
    sys.stdout.write(Screen(settings, posts, seconds).format())
    sys.stdout.flush()


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyUp(
                f"Zhida (pid {lock.read().strip()}) already runs with {data_dir.resolve()}. "
                "Stop it, or choose another ZHIDA_DATA_DIR and other ports."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
