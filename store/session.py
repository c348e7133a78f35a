"""Closes the stretches of conversations that have gone quiet, and says who solved them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from store.engine import Connection

QUIET = timedelta(minutes=30)


async def close_quiet(connection: Connection, *, quiet: timedelta = QUIET) -> int:
    """Close open sessions in which nothing was said for `quiet`; return how many.

    A session that waits for a person stays open. Its outcome is `person` if a ticket was
    opened in it, otherwise `assistant`.
    """
    return len((await connection.execute(_CLOSE, {"quiet": quiet})).all())


_CLOSE = text("""
UPDATE session SET closed_at = now(), outcome = CASE WHEN EXISTS (
    SELECT 1 FROM ticket WHERE ticket.conversation_id = session.conversation_id
      AND ticket.opened_at >= session.opened_at) THEN 'person' ELSE 'assistant' END
FROM conversation WHERE conversation.id = session.conversation_id AND closed_at IS NULL
  AND floor IN ('bot', 'none') AND last_at < now() - CAST(:quiet AS interval)
RETURNING session.id
""")
