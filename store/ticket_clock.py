"""The clock of resolved tickets: those of which nobody has heard again are closed, many at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection


async def record_closed(
    connection: Connection, *, quiet: timedelta, longest: timedelta, limit: int = 500
) -> list[UUID]:
    """Close resolved tickets whose conversation has been quiet for `quiet`, and note each move.

    What was resolved `longest` ago closes although its client goes on about other things.
    Returns the conversations of at most `limit` tickets; those that somebody holds wait.
    """
    parameters = {"quiet": quiet, "longest": longest, "limit": limit}
    rows = await connection.execute(_CLOSE, parameters)
    return [row.conversation_id for row in rows]


_CLOSE = text("""
WITH due AS (
  SELECT ticket.id FROM ticket JOIN conversation ON conversation.id = ticket.conversation_id
  WHERE ticket.state = 'resolved' AND ticket.resolved_at <= now() - CAST(:quiet AS interval)
    AND (COALESCE(conversation.last_at, ticket.resolved_at) <= now() - CAST(:quiet AS interval)
      OR ticket.resolved_at <= now() - CAST(:longest AS interval))
  ORDER BY ticket.resolved_at LIMIT :limit FOR UPDATE OF ticket SKIP LOCKED
), moved AS (
  UPDATE ticket SET state = 'closed', closed_at = now() FROM due WHERE ticket.id = due.id
  RETURNING ticket.id, ticket.conversation_id, ticket.assignee_id
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
  SELECT gen_random_uuid(), 'desk', 'ticket_moved', 'ticket', CAST(id AS text),
    jsonb_build_object('state', 'resolved'),
    jsonb_build_object('state', 'closed', 'holder', COALESCE(CAST(assignee_id AS text), ''))
  FROM moved
)
SELECT conversation_id FROM moved
""")
