"""What waits for a worker at this moment: one look at everything, for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from store.engine import Connection
from store.webhook_delivery import DUE as WEBHOOK


@dataclass(frozen=True, slots=True)
class Due:
    """Which kinds of work wait, and up to where happenings are sealed."""

    kinds: frozenset[str]
    position: int


async def find_due(connection: Connection) -> Due:
    """Return what somebody could begin with now; each kind costs one probe of an index."""
    row = (await connection.execute(_DUE)).one()
    return Due(frozenset(row.kinds or ()), row.position)


_DUE = text(f"""
SELECT (SELECT array_agg(kind) FROM (VALUES
    ('turn', EXISTS (SELECT 1 FROM inbox WHERE state = 'new' AND due_at <= now())),
    ('deliver', EXISTS (SELECT 1 FROM queue WHERE lane IN ('critical', 'normal', 'bulk')
      AND not_before <= now() AND lease_until IS NULL)),
    ('open', EXISTS (SELECT 1 FROM queue) OR EXISTS (SELECT 1 FROM campaign_slice)
      OR EXISTS (SELECT 1 FROM receipt WHERE outbox_id IS NULL
        AND received_at > now() - interval '1 minute')
      OR EXISTS (SELECT 1 FROM outbox WHERE state IN ('sending', 'unknown'))),
    ('event', EXISTS (SELECT 1 FROM event WHERE position IS NULL)),
    ('client_event', EXISTS (SELECT 1 FROM client_event WHERE state = 'new')),
    ('campaign', EXISTS (SELECT 1 FROM campaign WHERE state = 'running')
      OR EXISTS (SELECT 1 FROM campaign WHERE state = 'scheduled' AND starts_at <= now())),
    ('journey', EXISTS (SELECT 1 FROM journey_run WHERE state = 'waiting' AND due_at <= now())),
    ('notice', EXISTS (SELECT 1 FROM notice WHERE urgency IN ('critical', 'high', 'normal', 'low')
      AND due_at <= now())),
    ('staff', EXISTS (SELECT 1 FROM staff_notice WHERE batch_id IS NULL)
      OR EXISTS (SELECT 1 FROM staff_batch WHERE state IN ('waiting', 'sending'))),
    ('webhook', EXISTS ({WEBHOOK}))
  ) AS look (kind, is_due) WHERE is_due) AS kinds,
  COALESCE((SELECT position FROM event WHERE position IS NOT NULL
    ORDER BY position DESC LIMIT 1), 0) AS position
""")  # noqa: S608  (constants)
