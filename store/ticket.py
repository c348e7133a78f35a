"""Tickets as they change: opened once for a hand-over, moved and solved by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from kernel.message import Json
from store.cipher import Cipher
from store.engine import Connection
from store.ticket_view import PROMISE, SEEN, Viewer, viewer_parameters


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket to be opened; `handover` rests sealed."""

    number: str
    conversation_id: UUID
    source_event: UUID
    kind: str
    title: str
    priority: str
    reason: str
    handover: Mapping[str, Json]
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket that was opened, and the older one that it goes on with, with its state."""

    id: UUID
    superseded: tuple[UUID, str] | None


async def open_once(connection: Connection, cipher: Cipher, ticket: NewTicket) -> Opened | None:
    """Open a ticket; None if its happening has opened one before.

    An older open ticket of the same conversation is resolved: the new one goes on with it.
    """
    ticket_id = new_id()
    parameters = {
        "id": ticket_id,
        "number": ticket.number,
        "conversation": ticket.conversation_id,
        "source": ticket.source_event,
        "kind": ticket.kind,
        "title": ticket.title,
        "priority": ticket.priority,
        "reason": ticket.reason,
        "promised_at": ticket.promised_at,
        "handover": cipher.seal_json(
            dict(ticket.handover), table="ticket", column="handover_enc", row=ticket_id
        ),
    }
    known = await connection.execute(_KNOWN, parameters)
    if known.first() is not None:
        return None
    await connection.execute(_HOLD_IDENTITY, parameters)
    older = (await connection.execute(_SUPERSEDE, parameters)).one_or_none()
    if (await connection.execute(_INSERT, parameters)).first() is None:
        return None
    return Opened(ticket_id, (older.id, older.before) if older else None)


async def lock(connection: Connection, viewer: Viewer, ticket_id: UUID) -> bool:
    """Hold a ticket until the commit, if this viewer may see it: moves of it queue up."""
    parameters = viewer_parameters(viewer) | {"id": ticket_id}
    return (await connection.execute(_LOCK, parameters)).first() is not None


async def record_move(
    connection: Connection, ticket_id: UUID, after: str, *, assignee_id: UUID | None
) -> None:
    """Write a ticket's state and holder; whether it may move is checked before (kernel/machine)."""
    parameters = {"id": ticket_id, "state": after, "assignee": assignee_id}
    await connection.execute(_MOVE, parameters)


async def record_note(connection: Connection, cipher: Cipher, ticket_id: UUID, note: str) -> None:
    """Keep how a ticket was solved, sealed."""
    sealed = cipher.seal_text(note, table="ticket", column="note_enc", row=ticket_id)
    await connection.execute(_NOTE, {"id": ticket_id, "note": sealed})


async def record_answered(connection: Connection, conversation_id: UUID) -> bool:
    """Note that a person has answered the open ticket; False if one had, or there is none."""
    found = await connection.execute(_ANSWERED, {"conversation": conversation_id})
    return found.first() is not None


async def find_waiting(connection: Connection, conversation_id: UUID) -> tuple[UUID, str] | None:
    """Return the open ticket that nobody has taken yet and its state, or None."""
    row = (await connection.execute(_WAITING, {"conversation": conversation_id})).one_or_none()
    return (row.id, row.state) if row else None


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far a ticket is; the promise as long as it is open."""

    number: str
    title: str
    state: str
    opened_at: datetime
    promised_at: datetime | None


async def find_progress(
    connection: Connection,
    conversation_id: UUID,
    *,
    client_id: UUID | None,
    number: str | None,
) -> list[ProgressRow]:
    """Return the newest five tickets of a conversation or of a proved client.

    A conversation that has passed to another client keeps the first one's tickets to itself.
    """
    parameters = {"conversation": conversation_id, "client": client_id, "number": number}
    rows = await connection.execute(_PROGRESS, parameters)
    return [ProgressRow(*row) for row in rows]


_LOCK = text(
    f"SELECT id FROM ticket WHERE id = :id AND {SEEN} FOR UPDATE"  # noqa: S608  (constant)
)
_KNOWN = text("SELECT id FROM ticket WHERE source_event = :source OR number = :number")
_HOLD_IDENTITY = text("""
SELECT 1 FROM identity JOIN conversation ON conversation.identity_id = identity.id
WHERE conversation.id = :conversation FOR KEY SHARE OF identity
""")
"""Whose the ticket is must not change until it is there: a binding that is undone finds it."""
_SUPERSEDE = text("""
WITH older AS (
  SELECT id, state AS before FROM ticket
  WHERE conversation_id = :conversation AND state NOT IN ('resolved','closed') FOR UPDATE
)
UPDATE ticket SET state = 'resolved', resolved_at = now() FROM older
WHERE ticket.id = older.id RETURNING ticket.id, older.before
""")
_INSERT = text("""
INSERT INTO ticket (id, number, conversation_id, client_id, source_event, kind, title, priority,
                    reason, promised_at, handover_enc)
SELECT :id, :number, conversation.id, COALESCE(identity.client_id, (
    SELECT verification.client_id FROM verification
    WHERE verification.conversation_id = conversation.id AND revoked_at IS NULL
      AND expires_at > now() ORDER BY expires_at DESC LIMIT 1)),
  :source, :kind, :title, :priority, :reason, :promised_at, :handover
FROM conversation JOIN identity ON identity.id = conversation.identity_id
WHERE conversation.id = :conversation
ON CONFLICT DO NOTHING RETURNING id
""")
_MOVE = text("""
UPDATE ticket SET state = :state, assignee_id = CAST(:assignee AS uuid),
  assigned_at = CASE WHEN assignee_id IS DISTINCT FROM CAST(:assignee AS uuid) THEN now()
    ELSE assigned_at END,
  resolved_at = CASE WHEN :state = 'resolved' THEN now() ELSE resolved_at END,
  closed_at = CASE WHEN :state = 'closed' THEN now() ELSE closed_at END
WHERE id = :id
""")
_NOTE = text("UPDATE ticket SET note_enc = :note WHERE id = :id")
_WAITING = text("""
SELECT id, state FROM ticket WHERE conversation_id = :conversation AND assignee_id IS NULL
  AND state NOT IN ('resolved','closed') FOR UPDATE
""")
_ANSWERED = text("""
UPDATE ticket SET answered_at = now() WHERE conversation_id = :conversation
  AND state NOT IN ('resolved','closed') AND answered_at IS NULL RETURNING id
""")
_PROGRESS = text(f"""
WITH present AS (
  SELECT COALESCE(CAST(:client AS uuid), identity.client_id) AS client_id
  FROM conversation JOIN identity ON identity.id = identity_id
  WHERE conversation.id = :conversation
)
SELECT number, title, state, opened_at, {PROMISE} FROM ticket
WHERE (client_id = CAST(:client AS uuid) OR (conversation_id = :conversation
    AND COALESCE(client_id = (SELECT client_id FROM present), true)))
  AND (CAST(:number AS text) IS NULL OR number = :number)
ORDER BY opened_at DESC, id DESC LIMIT 5
""")  # noqa: S608  (constants)
