"""How much a source has had written: notices with their further causes, and tasks."""

from __future__ import annotations

from sqlalchemy import text

from store.engine import Connection


async def count_written(connection: Connection, source: str) -> dict[str, int]:
    """Return how many `sends` and `tasks` a source had; a send may have gone into a live notice."""
    row = (await connection.execute(_COUNT, {"source": source})).one()
    return {"sends": row.sends, "tasks": row.tasks}


_COUNT = text("""
SELECT (SELECT count(*) FROM notice WHERE source = :source)
  + (SELECT count(*) FROM notice_cause WHERE source = :source) AS sends,
  (SELECT count(*) FROM task WHERE source = :source) AS tasks
""")
