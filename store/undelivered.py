"""Messages of people that did not reach their client: who must hear of it, and who has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from kernel.happening import OUTBOX_MOVED
from store.engine import Connection

LOST_STATES = "'rejected','failed','expired'"
"""A message in one of these did not reach its client; `unknown` may still turn out well."""

LOST = f"""outbox.conversation_id = ticket.conversation_id AND outbox.author_kind = 'agent'
  AND outbox.state IN ({LOST_STATES}) AND outbox.seq > ticket.looked_seq
  AND outbox.created_at BETWEEN ticket.opened_at AND
    CASE WHEN ticket.state IN ('resolved','closed') THEN ticket.resolved_at ELSE 'infinity' END"""
"""Whether a row of `outbox` is a lost reply of this `ticket` that its holder has not seen yet."""

_STATES = ("unknown", "rejected", "failed", "expired")


@dataclass(frozen=True, slots=True)
class News:
    """How far a message is that is in trouble, or was."""

    conversation_id: UUID
    seq: int
    state: str
    reason: str | None


async def find_position(connection: Connection) -> int:
    """Return where the stream of happenings ends now."""
    position: int = (await connection.execute(_POSITION)).scalar_one()
    return position


async def find_news(
    connection: Connection, *, after: int, until: int, limit: int = 1000
) -> Sequence[News]:
    """Return the messages that got into trouble between two positions, as they stand now."""
    parameters = {
        "verb": OUTBOX_MOVED,
        "after": after,
        "until": until,
        "states": list(_STATES),
        "limit": limit,
    }
    rows = await connection.execute(_NEWS, parameters)
    return [News(*row) for row in rows]


async def record_looked(connection: Connection, person_id: UUID, conversation_id: UUID) -> bool:
    """Note that a holder has seen what was lost in a conversation; False if there was nothing.

    What comes after a message whose outcome is still unknown stays unseen until that is known.
    """
    parameters = {"person": person_id, "conversation": conversation_id}
    return (await connection.execute(_LOOKED, parameters)).first() is not None


_POSITION = text("SELECT COALESCE(max(position), 0) FROM event")
_NEWS = text("""
SELECT DISTINCT outbox.conversation_id, outbox.seq, outbox.state, outbox.reason
FROM event JOIN outbox ON outbox.id = CAST(event.subject_id AS uuid)
WHERE event.verb = :verb AND event.position > :after AND event.position <= :until
  AND event.after->>'state' = ANY(:states) AND outbox.seq IS NOT NULL LIMIT :limit
""")
_LOOKED = text(f"""
WITH lost AS (
  SELECT ticket.id, max(outbox.seq) AS seq FROM ticket JOIN outbox ON {LOST}
  WHERE ticket.conversation_id = :conversation AND ticket.assignee_id = :person
    AND NOT EXISTS (
      SELECT 1 FROM outbox AS open WHERE open.conversation_id = ticket.conversation_id
        AND open.state = 'unknown' AND open.seq < outbox.seq)
  GROUP BY ticket.id
)
UPDATE ticket SET looked_seq = lost.seq FROM lost WHERE ticket.id = lost.id RETURNING ticket.id
""")  # noqa: S608  (constants of this file)
