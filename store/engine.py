"""The way to the database: one pool, short transactions, and a bell that rings after a commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kernel.errors import Transient

Connection: TypeAlias = AsyncConnection
"""An open transaction, as the other rooms call it: they do not know SQLAlchemy."""


class StoreDown(Transient):
    """The database does not answer; nothing was saved, please try again."""

    code = "store_down"
    message_zh = "数据库暂时不可用，内容未保存，请稍后再试。"


class Database:
    """A pool of connections; `transaction()` is the only way to use one."""

    def __init__(self, url: str, *, pool_size: int = 12, statement_timeout: float = 10.0) -> None:
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

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction; commit at the end of the block, roll back on any error.

        Raises:
            StoreDown: the database cannot be reached or went away in the middle.
        """
        try:
            async with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, OSError, TimeoutError) as error:
            raise StoreDown from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise StoreDown from error
            raise

    async def ping(self, seconds: float = 2.0) -> bool:
        """Tell whether the database answers within `seconds`."""
        try:
            async with asyncio.timeout(seconds), self.transaction() as connection:
                await connection.execute(text("SELECT 1"))
        except (StoreDown, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
