"""What every fault test stands on: real PostgreSQL, Valkey and lab, a scripted assistant."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from service.bench.instance import PORTS, free_ports
from service.child import Child, launch
from service.crew import list_crew, python_command
from service.postgres import Postgres
from service.probe import http_probe
from service.settings import ROOT, Settings
from service.source import load_settings
from store.cipher import Cipher
from store.migration import migrate
from tests.wechat import AES_KEY, APPID, SECRET, TOKEN

START_SECONDS = 60.0
ACCOUNT = "demo"


@dataclass
class Ground:
    """The parts that outlive the product's own processes, each of which a test may kill."""

    folder: Path
    settings: Settings
    crew: dict[str, Child]
    session: aiohttp.ClientSession
    nursery: asyncio.subprocess.Process
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    drains: list[asyncio.Task[None]] = field(default_factory=list)
    databases: int = 0

    @property
    def ledger(self) -> Path:
        """The lab's file of what reached a phone."""
        return self.folder / "ledger.jsonl"

    @property
    def cipher(self) -> Cipher:
        return Cipher(keys=self.settings.cipher_keys, index_key=self.settings.cipher_index_key)

    def url(self, database: str) -> str:
        """Return the address of a database for SQLAlchemy."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.sockets}"

    @property
    def sockets(self) -> Path:
        return self.settings.runtime_dir / "postgres"

    async def start(self, name: str) -> None:
        """Start a part and wait until it works."""
        child = self.crew[name]
        await child.prepare()
        process = self.running[name] = await launch(child)
        self.drains.append(asyncio.create_task(_drain(process, self.folder / f"{name}.log")))
        async with asyncio.timeout(START_SECONDS):
            while not await child.probe():
                if process.returncode is not None:
                    raise RuntimeError((self.folder / f"{name}.log").read_text()[-2000:])
                await asyncio.sleep(0.05)

    async def kill(self, name: str) -> None:
        """Kill a part with all its children, as a power cut would."""
        for one in self.family(name):
            with suppress(psutil.NoSuchProcess):
                one.kill()
        await self.running.pop(name).wait()

    def freeze(self, name: str) -> None:
        """Stop every process of a part without ending it."""
        for one in self.family(name):
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let a frozen part go on."""
        for one in self.family(name):
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGCONT)

    def family(self, name: str) -> list[psutil.Process]:
        """Return a part's own processes, by pid."""
        try:
            parent = psutil.Process(self.running[name].pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    async def fork(self, words: list[str], env: dict[str, str], log: Path) -> int:
        """Begin a life of the product and return its pid."""
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        order = {"words": words, "env": env, "log": str(log)}
        self.nursery.stdin.write(json.dumps(order).encode() + b"\n")
        await self.nursery.stdin.drain()
        return int(await self.nursery.stdout.readline())

    async def make_database(self, tablespace: str = "pg_default") -> str:
        """Make an empty migrated database and return its name."""
        self.databases += 1
        name = f"fault_{self.databases}"
        where = f"TEMPLATE template_zhida TABLESPACE {tablespace}"
        await self.admin(f"CREATE DATABASE {name} {where}")
        return name

    async def admin(self, statement: str) -> None:
        """Run one statement outside every database of a test."""
        engine = create_async_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(statement))
        await engine.dispose()

    async def script(self, mode: str = "echo", seconds: float = 0.0) -> None:
        """Tell the assistant what to do with questions."""
        url = f"{self.settings.assistant_urls[0]}/script"
        async with self.session.post(url, json={"mode": mode, "seconds": seconds}) as answer:
            assert answer.status == 200

    async def fault(self, mode: str, **more: Any) -> None:
        """Switch a fault of the lab on, or all off with `none`."""
        url = f"{self.settings.lab_url}/lab/faults"
        async with self.session.post(url, json={"mode": mode} | more) as answer:
            assert answer.status == 200, await answer.text()

    async def read_faults(self) -> list[dict[str, Any]]:
        """Return the faults that no call has suffered yet."""
        async with self.session.get(f"{self.settings.lab_url}/lab/faults") as answer:
            faults: list[dict[str, Any]] = (await answer.json())["faults"]
            return faults


@asynccontextmanager
async def standing() -> AsyncIterator[Ground]:
    """Start every part on free ports and an empty folder; end them all afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="zhida-fault-"))
    folder.chmod(0o755)
    settings = load_settings(_environ(folder))
    crew = _crew(settings, folder)
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    ground = Ground(folder, settings, crew, session, await _open_nursery(folder))
    try:
        await asyncio.gather(*map(ground.start, ("postgres", "valkey", "lab", "assistant")))
        await _make_template(ground)
        assert ground.nursery.stdout is not None
        assert await ground.nursery.stdout.readline() == b"ready\n", "see nursery.log"
        yield ground
    finally:
        await session.close()
        await _close_nursery(ground.nursery)
        for name in tuple(ground.running):
            await ground.kill(name)
        await asyncio.gather(*ground.drains, return_exceptions=True)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(settings.runtime_dir, ignore_errors=True)


def _environ(folder: Path) -> dict[str, str]:
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    account = {
        "appid": APPID,
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "api_base": f"http://127.0.0.1:{ports['LAB_PORT']}/wechat-api",
    }
    scripted = f"http://127.0.0.1:{ports['RASA_PORT']}"
    return {
        "ZHIDA_DATA_DIR": str(folder / "var"),
        "ZHIDA_DEMO": "true",
        "ZHIDA_RASA_URLS": scripted,
        "ZHIDA_ENCODER": scripted,
        "ZHIDA_CORE_URL": scripted,
        "ZHIDA_WECHAT_ACCOUNTS": json.dumps({ACCOUNT: account}),
        **{f"ZHIDA_{name}": str(port) for name, port in ports.items()},
    }


def _crew(settings: Settings, folder: Path) -> dict[str, Child]:
    crew = {child.name: child for child in list_crew(settings)}
    lab = crew["lab"]
    crew["lab"] = replace(lab, argv=(*lab.argv, "--ledger", str(folder / "ledger.jsonl")))
    crew["postgres"] = Postgres(
        settings.data_dir / "postgres", settings.runtime_dir / "postgres"
    ).child()
    crew["assistant"] = Child(
        name="assistant",
        title="assistant",
        argv=python_command("tests.faults.assistant", str(settings.rasa_port)),
        cwd=ROOT,
        probe=http_probe(settings.rasa_port, "/healthz"),
    )
    return crew


async def _make_template(ground: Ground) -> None:
    await ground.admin("CREATE DATABASE template_zhida")
    engine = create_async_engine(ground.url("template_zhida"))
    await migrate(engine)
    await engine.dispose()


async def _open_nursery(folder: Path) -> asyncio.subprocess.Process:
    with (folder / "nursery.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.nursery",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=ROOT,
        )  # fmt: skip


async def _close_nursery(nursery: asyncio.subprocess.Process) -> None:
    assert nursery.stdin is not None
    nursery.stdin.close()
    await nursery.wait()


async def _drain(process: asyncio.subprocess.Process, log: Path) -> None:
    assert process.stdout is not None
    with log.open("ab") as file:
        while piece := await process.stdout.read(65536):
            file.write(piece)
