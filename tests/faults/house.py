"""The product on a database of a test's own: lives that are killed and begun again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from service.crew import export
from store.cipher import Cipher
from store.engine import Database
from tests.faults.ground import Ground

READY_SECONDS = 30.0
POLL = 0.02


@dataclass
class House:
    """`zhida serve`, and `zhida worker` where a test wants one, on one database."""

    ground: Ground
    name: str
    database: Database
    cipher: Cipher
    env: dict[str, str]
    lives: dict[str, int] = field(default_factory=dict)
    deaths: int = 0

    @property
    def url(self) -> str:
        """The public site."""
        return self.ground.settings.site_url

    @property
    def log(self) -> Path:
        return self.ground.folder / f"{self.name}.log"

    async def start(self, role: str = "serve", *, crash: str = "", data: str = "") -> None:
        """Begin a life; with `crash` it ends itself at that point (kernel/crash.py).

        `role` are the words of the command line: `serve`, `worker --roles plan,bulk`. With a
        folder `data` of its own it is another machine, which shares the database alone.
        """
        env = self.env | {"ZHIDA_CRASH_AT": crash}
        if data:
            env |= {"ZHIDA_DATA_DIR": data}
        self.lives[role] = await self.ground.fork(role.split(), env, self.log)

    async def open(self, *, crash: str = "") -> None:
        """Begin to serve, and wait until the site answers."""
        await self.start(crash=crash)
        await self.await_ready()

    async def await_ready(self) -> None:
        """Wait until the site answers anything at all."""
        async with asyncio.timeout(READY_SECONDS):
            while True:
                with suppress(aiohttp.ClientError, OSError):
                    async with self.ground.session.get(f"{self.url}/healthz"):
                        return
                await asyncio.sleep(POLL)

    def is_alive(self, role: str = "serve") -> bool:
        """Tell whether a life still goes on."""
        return is_running(self.lives[role])

    async def kill(self, role: str = "serve", number: signal.Signals = signal.SIGKILL) -> None:
        """End a life, and wait until it is over."""
        pid = self.lives[role]  # another may have begun before we look again
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        async with asyncio.timeout(30):
            while is_running(pid):
                await asyncio.sleep(POLL)

    async def keep(self) -> None:
        """Begin a life anew whenever one has ended, as the supervisor does, until cancelled."""
        while True:
            for role in tuple(self.lives):
                if not self.is_alive(role):
                    self.deaths += 1
                    await self.start(role)
            await asyncio.sleep(POLL)


def is_running(pid: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def open_house(
    ground: Ground, *, tablespace: str = "pg_default", **settings: str
) -> AsyncIterator[House]:
    """Give a house on a fresh database, nothing started yet; end its lives afterwards."""
    name = await ground.make_database(tablespace)
    env = export(ground.settings)
    env["ZHIDA_DATABASE_URL"] = ground.url(name).replace("+asyncpg", "")
    env["ZHIDA_DEMO"] = "false"  # no demo people to be greeted at each of many starts
    env |= {f"ZHIDA_{key.upper()}": value for key, value in settings.items()}
    database = Database(ground.url(name), pool_size=4)
    house = House(ground, name, database, ground.cipher, env)
    await ground.script()
    try:
        yield house
    except BaseException:
        sys.stdout.write(house.log.read_text()[-6000:])
        raise
    finally:
        for role in house.lives:
            await house.kill(role)
        await database.close()
        await ground.fault("none")


@asynccontextmanager
async def kept(house: House) -> AsyncIterator[House]:
    """Begin every life anew that ends within the block."""
    keeping = asyncio.create_task(house.keep())
    try:
        yield house
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
