"""Brings the database's schema to this version of the house, step by step, once."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

FOLDER = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x7A68_6D67
"""The advisory lock under which one process migrates while the others wait."""


async def migrate(engine: AsyncEngine) -> str | None:
    """Apply every migration that is missing, all in one transaction; return the revision."""
    async with engine.begin() as connection:
        await connection.execute(
            text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}
        )
        await connection.run_sync(_upgrade)
        return await connection.run_sync(_revision)


async def create_database(url: str, name: str) -> None:
    """Create an empty database on the server of `url`; `name` is a plain word of ours."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no name for a database.")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()


async def find_pending(engine: AsyncEngine) -> list[str]:
    """Return the migrations that this database still lacks, oldest first."""
    async with engine.connect() as connection:
        present = await connection.run_sync(_revision)
    script = ScriptDirectory.from_config(_config())
    steps = [step.revision for step in script.iterate_revisions("heads", present or "base")]
    return steps[::-1]


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
