"""Words that describe clients: set and taken away by journeys and people, until they expire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection


@dataclass(frozen=True, slots=True)
class TagChange:
    """A tag that a client gets, or loses with `is_gone`."""

    client_id: UUID
    tag: str
    source: str
    expires_at: datetime | None = None
    is_gone: bool = False


async def record_changed(connection: Connection, changes: Sequence[TagChange]) -> None:
    """Set and take away tags; of several about one tag of a client the last one counts."""
    last = {(one.client_id, one.tag): one for one in changes}
    ordered = [last[key] for key in sorted(last)]
    new = [one for one in ordered if not one.is_gone]
    gone = [one for one in ordered if one.is_gone]
    if new:
        parameters = {
            "clients": [one.client_id for one in new],
            "tags": [one.tag for one in new],
            "sources": [one.source for one in new],
            "expires": [one.expires_at for one in new],
        }
        await connection.execute(_SET, parameters)
    if gone:
        parameters = {
            "clients": [one.client_id for one in gone],
            "tags": [one.tag for one in gone],
        }
        await connection.execute(_TAKE, parameters)


_SET = text("""
INSERT INTO client_tag (client_id, tag, source, expires_at)
SELECT * FROM unnest(CAST(:clients AS uuid[]), CAST(:tags AS text[]), CAST(:sources AS text[]),
  CAST(:expires AS timestamptz[]))
ON CONFLICT (client_id, tag) DO UPDATE SET source = EXCLUDED.source, at = now(),
  expires_at = EXCLUDED.expires_at
""")
_TAKE = text("""
DELETE FROM client_tag USING unnest(CAST(:clients AS uuid[]), CAST(:tags AS text[]))
  AS gone (client_id, tag)
WHERE client_tag.client_id = gone.client_id AND client_tag.tag = gone.tag
""")
