"""Tickets as they are seen: lists and single ones, the permission inside every query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from kernel.masking import show_text
from store.body import open_content
from store.cipher import Cipher
from store.engine import Connection
from store.undelivered import LOST


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: everything, or the queue's tickets and one's own, or one's own alone."""

    person_id: UUID
    sees_all: bool
    sees_queue: bool = True


@dataclass(frozen=True, slots=True)
class LastMessage:
    """What was said last in the conversation; `kind` tells what it is where there is no text."""

    text: str
    kind: str
    at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as the list shows it, with where its conversation stands."""

    id: UUID
    number: str
    title: str
    state: str
    priority: str
    channel: str
    reason: str
    opened_at: datetime
    promised_at: datetime | None
    conversation_id: UUID
    floor: str
    floor_epoch: int
    floor_holder: UUID | None
    client_id: UUID | None
    client_name: str | None
    assignee_id: UUID | None
    assignee_name: str | None
    last_message: LastMessage | None
    unread: int
    undelivered: int

    @property
    def is_over(self) -> bool:
        """Tell whether the ticket is resolved or closed."""
        return self.state in {"resolved", "closed"}


async def find_page(
    connection: Connection,
    cipher: Cipher,
    viewer: Viewer,
    *,
    view: str,
    limit: int,
    before: UUID | None = None,
) -> list[TicketRow]:
    """Return a page of `queue`, `mine`, `all` or `resolved`, after the ticket `before`.

    Most urgent first, then who has waited longest; what is resolved comes newest first.
    """
    parameters = viewer_parameters(viewer) | {"limit": limit, "before": before}
    rows = (await connection.execute(_PAGES[view], parameters)).mappings().all()
    return [_to_row(cipher, row) for row in rows]


async def count(connection: Connection, viewer: Viewer) -> tuple[int, int]:
    """Return how many tickets wait in the queue, and how many this person has."""
    row = (await connection.execute(_COUNT, {"person": viewer.person_id})).one()
    return row.queue if viewer.sees_queue else 0, row.mine


async def find(
    connection: Connection, cipher: Cipher, viewer: Viewer, ticket_id: UUID
) -> TicketRow | None:
    """Return a ticket if this viewer may see it, else None."""
    parameters = viewer_parameters(viewer) | {"id": ticket_id}
    row = (await connection.execute(_ONE, parameters)).mappings().one_or_none()
    return _to_row(cipher, row) if row else None


async def find_of_conversations(
    connection: Connection, cipher: Cipher, conversation_ids: Sequence[UUID]
) -> list[TicketRow]:
    """Return the newest ticket of each of these conversations, whoever may see it."""
    parameters = {"ids": list(conversation_ids)}
    rows = (await connection.execute(_OF_CONVERSATIONS, parameters)).mappings().all()
    return [_to_row(cipher, row) for row in rows]


async def find_handover(
    connection: Connection, cipher: Cipher, ticket_id: UUID
) -> Mapping[str, object]:
    """Return why the ticket came to people."""
    cell = (await connection.execute(_HANDOVER, {"id": ticket_id})).scalar_one_or_none()
    if cell is None:
        return {}
    opened = cipher.open_json(cell, table="ticket", column="handover_enc", row=ticket_id)
    return opened if isinstance(opened, dict) else {}


async def may_see_conversation(
    connection: Connection, viewer: Viewer, conversation_id: UUID
) -> bool:
    """Tell whether a ticket that the viewer may see belongs to this conversation."""
    parameters = viewer_parameters(viewer) | {"conversation": conversation_id}
    return (await connection.execute(_SEES_CONVERSATION, parameters)).first() is not None


async def find_of_client(
    connection: Connection, cipher: Cipher, viewer: Viewer, client_id: UUID
) -> list[TicketRow]:
    """Return ten of the client's tickets that the viewer may see, on whatever channel.

    What is open comes first, then what is newest.
    """
    parameters = viewer_parameters(viewer) | {"client": client_id}
    rows = (await connection.execute(_OF_CLIENT, parameters)).mappings().all()
    return [_to_row(cipher, row) for row in rows]


def viewer_parameters(viewer: Viewer) -> dict[str, object]:
    """Return what SEEN needs to know of a viewer."""
    return {
        "person": viewer.person_id,
        "sees_all": viewer.sees_all,
        "sees_queue": viewer.sees_queue,
    }


def _to_row(cipher: Cipher, row: RowMapping) -> TicketRow:
    name = row["name_enc"] and cipher.open_text(
        row["name_enc"], table="client", column="name_enc", row=row["client_id"]
    )
    return TicketRow(
        **{column: row[column] for column in _PLAIN},
        client_name=name,
        last_message=_to_last(cipher, row),
    )


def _to_last(cipher: Cipher, row: RowMapping) -> LastMessage | None:
    if row["last_id"] is None:
        return None
    content = open_content(cipher, row["last_body"], row["last_id"])
    said = show_text(content.text) if row["last_author"] == "client" else content.text
    return LastMessage(said, content.kind, row["last_at"], row["last_author"])


_PLAIN = (
    "id number title state priority channel reason opened_at promised_at conversation_id floor "
    "floor_epoch floor_holder client_id assignee_id assignee_name unread undelivered"
).split()

SEEN = """(:sees_all OR ticket.assignee_id = CAST(:person AS uuid)
  OR (:sees_queue AND ticket.assignee_id IS NULL AND ticket.state NOT IN ('resolved','closed')))"""
"""Who may see a ticket: the one predicate of every list, look-up, search and socket."""
PROMISE = """CASE WHEN ticket.answered_at IS NULL AND ticket.state NOT IN ('resolved','closed')
  THEN ticket.promised_at END AS promised_at"""
"""The promise as long as it is open: until a person has answered."""
_RANK = """CASE ticket.priority WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2
  ELSE 3 END"""
_SELECT = f"""
SELECT ticket.id, ticket.number, ticket.title, ticket.state, ticket.priority, ticket.reason,
  ticket.opened_at, {PROMISE}, ticket.conversation_id, client.id AS client_id,
  ticket.assignee_id, person.name AS assignee_name, client.name_enc, identity.channel,
  conversation.floor, conversation.floor_epoch, conversation.floor_holder,
  latest.id AS last_id, latest.body_enc AS last_body, latest.received_at AS last_at,
  latest.author_kind AS last_author, waiting.unread, failure.undelivered
FROM ticket
JOIN conversation ON conversation.id = ticket.conversation_id
JOIN identity ON identity.id = conversation.identity_id
LEFT JOIN client ON client.id = COALESCE(ticket.client_id, identity.client_id)
LEFT JOIN person ON person.id = ticket.assignee_id
LEFT JOIN LATERAL (
  SELECT id, body_enc, received_at, author_kind FROM message
  WHERE message.conversation_id = conversation.id ORDER BY seq DESC LIMIT 1
) latest ON true
CROSS JOIN LATERAL (
  SELECT count(*) AS unread FROM (
    SELECT 1 FROM message WHERE message.conversation_id = conversation.id
      AND seq > conversation.staff_read_seq AND direction = 'in' LIMIT 100) unread_rows
) waiting
CROSS JOIN LATERAL (SELECT count(*) AS undelivered FROM outbox WHERE {LOST}) failure
"""  # noqa: S608  (constants)
_MINE = f"""ticket.assignee_id = CAST(:person AS uuid) AND (
  ticket.state NOT IN ('resolved','closed') OR (ticket.resolved_at > now() - interval '7 days'
    AND EXISTS (SELECT 1 FROM outbox WHERE {LOST})))"""  # noqa: S608  (constants)
"""A person's work: what is open, and what is over but for a reply that did not arrive."""
_VIEWS = {
    "queue": "ticket.assignee_id IS NULL AND ticket.state NOT IN ('resolved','closed')",
    "mine": _MINE,
    "all": "ticket.state NOT IN ('resolved','closed')",
    "resolved": "ticket.state IN ('resolved','closed')",
}
_BEFORE = dict.fromkeys(
    ("queue", "mine", "all"),
    f"(CAST(:before AS uuid) IS NULL OR ({_RANK}, ticket.opened_at, ticket.id) > "  # noqa: S608
    f"(SELECT {_RANK}, opened_at, id FROM ticket WHERE id = CAST(:before AS uuid)))",
) | {
    "resolved": "(CAST(:before AS uuid) IS NULL OR (ticket.opened_at, ticket.id) < "
    "(SELECT opened_at, id FROM ticket WHERE id = CAST(:before AS uuid)))"
}
_ORDER = dict.fromkeys(("queue", "mine", "all"), f"{_RANK}, ticket.opened_at, ticket.id") | {
    "resolved": "ticket.opened_at DESC, ticket.id DESC"
}
_PAGES = {
    view: text(
        f"WITH page AS MATERIALIZED (SELECT ticket.* FROM ticket WHERE {SEEN} AND {where} "  # noqa: S608
        f"AND {_BEFORE[view]} ORDER BY {_ORDER[view]} LIMIT :limit) "
        f"{_SELECT.replace('FROM ticket', 'FROM page AS ticket')} ORDER BY {_ORDER[view]}"
    )
    for view, where in _VIEWS.items()
}
"""The page is chosen first, so that names and last messages are looked up for its rows alone."""
_COUNT = text(f"""
SELECT
  (SELECT count(*) FROM ticket WHERE {_VIEWS["queue"]}) AS queue,
  (SELECT count(*) FROM ticket WHERE {_VIEWS["mine"]}) AS mine
""")  # noqa: S608  (constants)
_ONE = text(f"{_SELECT} WHERE ticket.id = :id AND {SEEN}")
_OF_CONVERSATIONS = text(
    f"SELECT DISTINCT ON (conversation_id) * FROM ({_SELECT} "  # noqa: S608
    "WHERE ticket.conversation_id = ANY(CAST(:ids AS uuid[]))) AS found "
    "ORDER BY conversation_id, opened_at DESC, id DESC"
)
_OF_CLIENT = text(
    f"{_SELECT} WHERE client.id = :client AND {SEEN} "
    "ORDER BY ticket.state IN ('resolved','closed'), ticket.opened_at DESC, ticket.id DESC LIMIT 10"
)
_HANDOVER = text("SELECT handover_enc FROM ticket WHERE id = :id")
_SEES_CONVERSATION = text(
    f"SELECT 1 FROM ticket WHERE conversation_id = :conversation AND {SEEN} LIMIT 1"  # noqa: S608
)
