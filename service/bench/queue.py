"""The same job a recipient with Celery, Procrastinate and DBOS, as they are usually set up.

Each is installed on demand into an environment of its own. The recipients are those whom our plan
would send to, a few thousand of them: a rate does not need more, and a million would take hours.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from kernel.ids import new_id
from service.bench.cluster import Url, await_ready, open_database, read_away
from service.bench.crowd import make_crowd
from service.bench.stock import PeerFailed
from service.child import launch, run_once
from service.settings import ROOT
from service.valkey import valkey_child
from store import crowd_campaign
from store.crowd import PLACES
from store.engine import Database
from store.migration import create_database

PEERS: Final = {"celery": 4000, "procrastinate": 2000, "dbos": 1000}
"""How many recipients each gets."""
WANTED: Final = (
    "celery[redis]>=5.4,<6",
    "procrastinate>=3,<4",
    "dbos>=3,<4",
    "psycopg[binary,pool]>=3.2,<4",
)
SCRIPTS: Final = ROOT / "service" / "bench" / "peer"
UV: Final = ROOT / ".tools" / "bin" / "uv"
PATIENCE_SECONDS: Final = 300.0
WARM_SECONDS: Final = 5.0
"""After which a worker that was started has connected and waits for jobs."""
INSTALL_SECONDS: Final = 600.0
LOOK_SECONDS: Final = 0.1


async def measure_peers(url: Url, folder: Path) -> dict[str, dict[str, float]]:
    """Return each peer's recipients a second, from the first enqueued to the last recorded."""
    await _install(folder)
    found = {}
    for name, n in PEERS.items():
        await create_database(url("postgres"), f"peer_{name}")
        async with open_database(url(f"peer_{name}")) as database:
            await make_crowd(database, 3 * n, places=PLACES[1:2])
            found[name] = await _measure(name, n, url, folder)
    return found


async def _measure(name: str, n: int, url: Url, folder: Path) -> dict[str, float]:
    campaign = new_id()
    async with open_database(url(f"peer_{name}")) as database, _valkey(folder) as broker:
        async with database.transaction() as connection:
            recipients = await crowd_campaign.find_recipients(connection, n)
        lines = [f"{campaign} {client} {identity}" for client, identity in recipients]
        orders = folder / f"{name}.txt"
        orders.write_text("\n".join(lines))
        environ = {
            "PEER_DATABASE": url(f"peer_{name}").replace("+asyncpg", ""),
            "PEER_SYSTEM": url(f"peer_{name}").replace("+asyncpg", ""),
            "PEER_BROKER": broker,
            "PYTHONWARNINGS": "ignore",
        }
        script = SCRIPTS / f"{name}_peer.py"
        if name == "procrastinate":
            await _run(folder, environ, [str(script), "schema"])
        async with _peer(folder, environ, script, orders) as begin:
            began = time.perf_counter()
            begin()
            await _await_all(database, campaign, len(lines))
            seconds = time.perf_counter() - began
    count = float(len(lines))
    return {"null_per_s": count / seconds, "n": count}


@asynccontextmanager
async def _peer(
    folder: Path, environ: Mapping[str, str], script: Path, orders: Path
) -> AsyncIterator[Callable[[], None]]:
    """Run a peer's worker and who enqueues; gives what lets the latter begin."""
    processes = []
    try:
        if script.name != "dbos_peer.py":
            processes.append(await _start(folder, environ, [str(script), "worker"]))
        enqueuing = await _start(folder, environ, [str(script), "enqueue", str(orders)])
        processes.append(enqueuing)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await _pipe(enqueuing.stdout).readline() != b"ready\n":
                if _pipe(enqueuing.stdout).at_eof():
                    raise PeerFailed((folder / "peer.log").read_text()[-2000:])
        await asyncio.sleep(WARM_SECONDS)
        stdin = enqueuing.stdin
        assert stdin is not None  # noqa: S101  # made as a pipe
        yield lambda: stdin.write(b"\n")
    finally:
        for one in processes:
            if one.returncode is None:
                os.killpg(one.pid, signal.SIGKILL)
            await one.wait()


async def _start(
    folder: Path, environ: Mapping[str, str], words: Sequence[str]
) -> asyncio.subprocess.Process:
    with (folder / "peer.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            str(folder / "venv" / "bin" / "python"), *words,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
            env=dict(os.environ) | dict(environ), cwd=SCRIPTS, start_new_session=True,
        )  # fmt: skip


async def _run(folder: Path, environ: Mapping[str, str], words: Sequence[str]) -> None:
    process = await _start(folder, environ, words)
    await process.communicate()
    if process.returncode:
        raise PeerFailed((folder / "peer.log").read_text()[-2000:])


async def _await_all(database: Database, campaign: UUID, n: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with database.once() as connection:
                states = await crowd_campaign.count_states(connection, campaign)
            if states.get("accepted", 0) >= n:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def _install(folder: Path) -> None:
    """Make the peers' environment, once for what is wanted."""
    stamp = folder / "wanted.txt"
    if stamp.exists() and stamp.read_text() == "\n".join(WANTED):
        return
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "venv" / "bin" / "python"
    steps = (
        ("venv", "-q", "--clear", "--python", sys.executable, str(folder / "venv")),
        ("pip", "install", "-q", "--python", str(python), *WANTED),
    )
    for words in steps:
        status, output = await run_once((str(UV), *words), seconds=INSTALL_SECONDS)
        if status:
            raise PeerFailed(output[-2000:])
    stamp.write_text("\n".join(WANTED))


@asynccontextmanager
async def _valkey(folder: Path) -> AsyncIterator[str]:
    """Run a Valkey of the peers' own; gives its address for Celery."""
    child = valkey_child(folder / "valkey")
    await child.prepare()
    process = await launch(child)
    reading = asyncio.create_task(read_away(process), name="valkey-log")
    try:
        await await_ready(child)
        yield f"redis+socket://{folder / 'valkey' / 'valkey.sock'}"
    finally:
        process.terminate()
        await process.wait()
        await reading


def _pipe(stream: asyncio.StreamReader | None) -> asyncio.StreamReader:
    assert stream is not None  # noqa: S101  # made as a pipe
    return stream
