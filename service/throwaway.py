"""A database of one's own for a measurement or a trial: empty, migrated, gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from service.loan import borrow
from service.source import load_settings
from store.cipher import Cipher
from store.engine import Database
from store.migration import migrate

STATEMENT_S = 300.0


@asynccontextmanager
async def open_throwaway() -> AsyncIterator[tuple[Database, Cipher]]:
    """Give an empty database with all tables and a cipher of its own until the end of the block.

    It is the embedded PostgreSQL as the product runs it, in a temporary folder; a database that
    is set with ZHIDA_DATABASE_URL is not touched.

    Raises:
        CannotStart: it could not be started.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhida-own-"))
    folder.chmod(0o755)
    (folder / "zhida.toml").touch()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZHIDA_")}
    environ |= {"ZHIDA_DATA_DIR": str(folder / "var"), "ZHIDA_CONFIG": str(folder / "zhida.toml")}
    settings = load_settings({**environ, "ZHIDA_DEMO": "true"})
    try:
        async with borrow(settings, database=True) as lent:
            database = Database(lent.store_url, statement_timeout=STATEMENT_S)
            try:
                await migrate(database.engine)
                yield database, Cipher(lent.cipher_keys, lent.cipher_index_key)
            finally:
                await database.close()
    finally:
        shutil.rmtree(settings.runtime_dir, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
