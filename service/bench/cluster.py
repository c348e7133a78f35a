"""A PostgreSQL of a benchmark's own: the embedded one, tuned as in the product, on empty data."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from service.child import Child, launch
from service.postgres import Postgres
from store.engine import Database
from store.migration import migrate

Url: TypeAlias = Callable[[str], str]
START_SECONDS = 60.0
LOOK_SECONDS = 0.05
PATIENCE = 120.0


@asynccontextmanager
async def run_cluster() -> AsyncIterator[Url]:
    """Start a server; gives what makes the URL of a database for SQLAlchemy."""
    folder = Path(tempfile.mkdtemp(prefix="zhida-bench-"))
    folder.chmod(0o755)
    child = Postgres(folder / "data", folder / "run").child()
    process = None
    try:
        await child.prepare()
        process = await launch(child)
        reading = asyncio.create_task(read_away(process), name="postgres-log")
        await await_ready(child)
        yield lambda name: f"postgresql+asyncpg://postgres@/{name}?host={folder / 'run'}"
    finally:
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(child.stop_signal)
            await process.wait()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """Open a database, and bring its tables up to date."""
    database = Database(url, statement_timeout=PATIENCE)
    try:
        await migrate(database.engine)
        yield database
    finally:
        await database.close()


async def await_ready(child: Child) -> None:
    """Wait until a child that was started works."""
    async with asyncio.timeout(START_SECONDS):
        while True:
            if await child.probe():
                return
            await asyncio.sleep(LOOK_SECONDS)


async def read_away(process: asyncio.subprocess.Process) -> None:
    """Read what a child says until it ends, so that it never waits for a reader."""
    assert process.stdout is not None  # noqa: S101  # launch() made it a pipe
    while await process.stdout.read(65536):
        pass
