"""Words that describe a client: set by a person, a journey or an import, for a time or for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a client, and who set it."""

    tag: str
    source: str
    at: datetime
    expires_at: datetime | None


async def find(connection: Connection, client_id: UUID) -> list[Tag]:
    """Return a client's tags that have not expired."""
    return [Tag(*row) for row in await connection.execute(_FIND, {"client": client_id})]


async def record(
    connection: Connection, client_id: UUID, tags: Sequence[str], *, source: str
) -> None:
    """Set a person's tags: those of this source that are not among them are taken off."""
    parameters = {"client": client_id, "tags": list(tags), "source": source}
    await connection.execute(_DROP, parameters)
    await connection.execute(_RECORD, parameters)


_FIND = text("""
SELECT tag, source, at, expires_at FROM client_tag
WHERE client_id = :client AND (expires_at IS NULL OR expires_at > now()) ORDER BY tag
""")
_DROP = text("""
DELETE FROM client_tag WHERE client_id = :client AND source = :source
  AND tag <> ALL(CAST(:tags AS text[]))
""")
_RECORD = text("""
INSERT INTO client_tag (client_id, tag, source)
SELECT :client, tag, :source FROM unnest(CAST(:tags AS text[])) AS tag
ON CONFLICT (client_id, tag) DO UPDATE SET source = EXCLUDED.source, at = now(), expires_at = NULL
WHERE client_tag.expires_at < now()
""")
