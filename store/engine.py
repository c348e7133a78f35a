"""The way to the database: one pool, short transactions, and a bell that rings after a commit."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias, cast

import orjson
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from kernel.errors import Transient

Connection: TypeAlias = AsyncConnection
"""An open transaction, as the other rooms call it: they do not know SQLAlchemy."""


DOOR_SECONDS = 2.0
"""What somebody who waits at one of our doors may wait for the database; WeChat waits for five."""

READY = 6
"""Connections for single statements that are kept at hand."""

CLOSE_TRIES = 100
"""How often closing looks, every 20 ms, whether the last statements have come back."""

_PASSING = ("08", "40", "53", "55P03", "57")
"""SQLSTATEs that say: not now. No connection, a conflict, no room, a lock, starting or stopping.

Source: PostgreSQL documentation, appendix A.
"""


class StoreDown(Transient):
    """The database does not answer; nothing was saved, please try again."""

    code = "store_down"
    message_zh = "数据库暂时不可用，内容未保存，请稍后再试。"


class Database:
    """A pool of connections; `transaction()` and `once()` are the only ways to use one."""

    def __init__(self, url: str, *, pool_size: int = 16, statement_timeout: float = 10.0) -> None:
        # A server that is frozen keeps no time itself, so we do.
        self._patience = statement_timeout + 2.0
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=4,
            pool_timeout=3.0,
            pool_recycle=1800,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "timeout": 3.0,
                "server_settings": {
                    "statement_timeout": str(int(statement_timeout * 1000)),
                    "idle_in_transaction_session_timeout": "15000",
                    "application_name": "zhida",
                    "jit": "off",
                },
            },
        )
        if str(self.engine.url.query.get("host", "")).startswith("/"):
            event.listen(self.engine.sync_engine, "connect", _share_niceness)
        self._single = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._ready: list[AsyncConnection] = []
        self._keep = READY

    @asynccontextmanager
    async def transaction(self, *, within: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open a transaction; commit at the end of the block, roll back on any error.

        `within` bounds the whole of it in seconds; letting go of a server that does not answer
        takes two more.

        Raises:
            StoreDown: the database cannot be reached, went away in the middle, or takes too long.
        """
        async with _explained(within or self._patience), self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def once(self, *, within: float | None = None) -> AsyncIterator[AsyncConnection]:
        """Open a connection for a single statement, which commits by itself.

        A statement alone needs no transaction around it, and is spared two round trips; the
        connection is kept at hand, for taking one out of the pool costs more than the statement.
        `within` bounds the whole of it in seconds, as for a transaction.

        Raises:
            StoreDown: the database cannot be reached, went away in the middle, or takes too long.
        """
        async with _explained(within or self._patience):
            connection = self._ready.pop() if self._ready else await self._single.connect()
            try:
                yield connection
            except BaseException:
                await self._let_go(connection, *self._ready)
                raise
            if len(self._ready) < self._keep:
                self._ready.append(connection)
            else:
                await self._let_go(connection)

    async def _let_go(self, *connections: AsyncConnection) -> None:
        """Hand connections back to the pool, which finds out whether they are still good."""
        self._ready = [one for one in self._ready if one not in connections]
        closing = [asyncio.create_task(one.close()) for one in connections]
        await asyncio.shield(asyncio.gather(*closing, return_exceptions=True))

    async def ping(self, seconds: float = 2.0) -> bool:
        """Tell whether the database answers within `seconds`."""
        try:
            async with asyncio.timeout(seconds), self.once() as connection:
                await connection.execute(text("SELECT 1"))
        except (StoreDown, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Close every connection, and wait a little for those that are on their way back."""
        self._keep = 0
        await self._let_go(*self._ready)
        pool = cast("AsyncAdaptedQueuePool", self.engine.pool)
        for _ in range(CLOSE_TRIES):
            if not pool.checkedout():
                break
            await asyncio.sleep(0.02)
        await self.engine.dispose()


async def commit_lazily(connection: Connection) -> None:
    """Let this transaction's commit return before it is on disk.

    For a step between two that are not lazy, of which nobody outside has heard: the write-ahead
    log keeps its order, so the next step's commit brings this one to disk first; and what a crash
    before that takes away is done anew from what the step before has committed.

    Source: PostgreSQL documentation, section 28.4, asynchronous commit.
    """
    await connection.execute(_LAZILY)


_LAZILY = text("SET LOCAL synchronous_commit = off")


def _share_niceness(connection: DBAPIConnection, _: object) -> None:
    """Let a server process on this machine hurry no more than the one it works for.

    Work by the thousand runs at a low priority, and most of it is done by PostgreSQL. Where we
    may not ask for it, nothing is lost.
    """
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    if niceness > 0:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, connection.driver_connection.get_server_pid(), niceness)


@asynccontextmanager
async def _explained(seconds: float) -> AsyncIterator[None]:
    """Say StoreDown where driver, pool and server have a dozen words for it."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (OperationalError, InterfaceError, PoolExhausted, OSError, TimeoutError) as error:
        raise StoreDown from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_passing(error):
            raise StoreDown from error
        raise


def _is_passing(error: DBAPIError) -> bool:
    return str(getattr(error.orig, "sqlstate", None) or "").startswith(_PASSING)
