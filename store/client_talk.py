"""The conversations of one client on every channel, as far as a person may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection
from store.ticket_view import SEEN, Viewer, viewer_parameters

LIMIT = 20


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One of a client's conversations; `ticket_id` is the one through which it is opened."""

    id: UUID
    channel: str
    account: str
    floor: str
    last_at: datetime
    open_tickets: int
    ticket_id: UUID


async def find_of_client(connection: Connection, viewer: Viewer, client_id: UUID) -> list[TalkRow]:
    """Return the client's conversations in which the viewer may see a ticket, newest first.

    The same predicate as for tickets. A conversation that is bound to another client by now is
    not there, whoever's its older tickets are.
    """
    parameters = viewer_parameters(viewer) | {"client": client_id, "limit": LIMIT}
    rows = await connection.execute(_OF_CLIENT, parameters)
    return [TalkRow(*row) for row in rows]


_OPEN = "ticket.state NOT IN ('resolved','closed')"
_OF_CLIENT = text(f"""
WITH ticket AS (
  SELECT ticket.* FROM ticket WHERE client_id = :client
  UNION ALL
  SELECT ticket.* FROM identity
  JOIN conversation ON conversation.identity_id = identity.id
  JOIN ticket ON ticket.conversation_id = conversation.id
  WHERE identity.client_id = :client AND ticket.client_id IS NULL
)
SELECT conversation.id, identity.channel, identity.account, conversation.floor,
  conversation.last_at, count(*) FILTER (WHERE {_OPEN}) AS open_tickets,
  (array_agg(ticket.id ORDER BY {_OPEN} DESC, ticket.opened_at DESC))[1] AS ticket_id
FROM ticket
JOIN conversation ON conversation.id = ticket.conversation_id
JOIN identity ON identity.id = conversation.identity_id
WHERE {SEEN} AND COALESCE(identity.client_id, :client) = :client
GROUP BY conversation.id, identity.id
ORDER BY conversation.last_at DESC, conversation.id LIMIT :limit
""")  # noqa: S608  (constants)
