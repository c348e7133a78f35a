"""All that happened with one client, newest first, from every table at once, paged by keyset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, TextualSelect, text
from sqlalchemy.dialects.postgresql import JSONB

from kernel.masking import show_text
from kernel.message import Json
from store.body import open_content
from store.cipher import Cipher
from store.engine import Connection
from store.merge import FAMILY
from store.ticket_view import SEEN, Viewer, viewer_parameters

KINDS = "event message notice campaign ticket task consent tier journey merge".split()
"""What a timeline is made of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `text` is what was said, masked, of a message alone."""

    kind: str
    id: str
    at: datetime
    detail: Mapping[str, Json]
    text: str | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: the moment and the key of its last entry."""

    at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Look:
    """Which part of whose timeline is wanted: what was before `after`, of these kinds."""

    client_id: UUID
    limit: int
    kinds: Sequence[str] = tuple(KINDS)
    after: Mark | None = None


async def may_see(connection: Connection, viewer: Viewer, client_id: UUID) -> bool:
    """Tell whether a viewer may see this client: by role, by a ticket, or by a task of theirs."""
    parameters = viewer_parameters(viewer) | {"client": client_id}
    return (await connection.execute(_MAY, parameters)).first() is not None


async def find_page(
    connection: Connection, cipher: Cipher, viewer: Viewer, look: Look
) -> list[Entry]:
    """Return what happened, as far as the viewer may see it, newest first.

    Who may not see the client gets nothing; messages and tickets are those of conversations and
    tickets that the viewer may see.
    """
    parameters = viewer_parameters(viewer) | {
        "client": look.client_id,
        "limit": look.limit,
        "at": look.after.at if look.after else None,
        "key": look.after.key if look.after else None,
    }
    rows = (await connection.execute(_make_page(look.kinds), parameters)).mappings().all()
    return [_to_entry(cipher, row) for row in rows]


def to_mark(entry: Entry) -> Mark:
    """Return the mark at which the next page begins."""
    return Mark(entry.at, f"{entry.kind}:{entry.id}")


def _to_entry(cipher: Cipher, row: RowMapping) -> Entry:
    said: str | None = None
    if row["sealed"] is not None:
        said = show_text(open_content(cipher, row["sealed"], UUID(row["id"])).text)
    return Entry(row["kind"], row["id"], row["at"], row["detail"], said)


_TICKET = f"""EXISTS (SELECT 1 FROM ticket WHERE ticket.conversation_id = conversation.id
  AND {SEEN})"""  # noqa: S608  (constants)
VISIBLE = f"""EXISTS (SELECT 1 FROM client WHERE client.id = :client AND (:sees_all
  OR EXISTS (SELECT 1 FROM ticket WHERE ticket.client_id = :client AND {SEEN})
  OR EXISTS (SELECT 1 FROM identity JOIN conversation ON conversation.identity_id = identity.id
    JOIN ticket ON ticket.conversation_id = conversation.id
    WHERE identity.client_id = :client AND ticket.client_id IS NULL AND {SEEN})
  OR EXISTS (SELECT 1 FROM task JOIN person AS me ON me.id = CAST(:person AS uuid)
    WHERE task.client_id = :client AND (task.assignee_id = me.id OR (task.state = 'open'
      AND task.assignee_id IS NULL AND task.manager IN (me.name, me.login))))))"""  # noqa: S608  (constants)
"""Who may see a client: by role, by a ticket, or by a task of theirs, taken or waiting for them."""
_MAY = text(f"SELECT 1 WHERE {VISIBLE}")

_BRANCHES: Mapping[str, tuple[str, str, str, str]] = {
    "event": (
        "CAST(client_event.id AS text)",
        "client_event.at",
        "jsonb_build_object('type', type, 'figures', figures, 'source', source)",
        f"client_event WHERE client_event.client_id {FAMILY}",
    ),
    "message": (
        "CAST(message.id AS text)",
        "message.received_at",
        "jsonb_build_object('channel', message.channel, 'direction', direction, "
        "'author', message.author_kind, 'state', outbox.state)",
        "identity JOIN conversation ON conversation.identity_id = identity.id "
        "JOIN message ON message.conversation_id = conversation.id "
        "LEFT JOIN outbox ON outbox.message_id = message.id "
        f"WHERE identity.client_id {FAMILY} AND (:sees_all OR {_TICKET})",
    ),
    "notice": (
        "CAST(notice.id AS text)",
        "notice.created_at",
        "jsonb_build_object('category', category, 'urgency', urgency, 'state', state, "
        "'topic', topic, 'content', content_key, 'how', reached_how)",
        f"notice WHERE notice.client_id {FAMILY}",
    ),
    "campaign": (
        "campaign.id || '/' || campaign_recipient.client_id",
        "COALESCE(outbox.sending_at, outbox.created_at, due_at, campaign.started_at, "
        "campaign.created_at)",
        "jsonb_build_object('name', campaign.name, 'channel', outbox.channel, "
        "'state', COALESCE(outbox.state, campaign_recipient.state), "
        "'reason', COALESCE(outbox.reason, campaign_recipient.reason))",
        "campaign JOIN campaign_recipient ON campaign_recipient.campaign_id = campaign.id "
        "LEFT JOIN outbox ON outbox.campaign_id = campaign.id "
        "AND outbox.client_id = campaign_recipient.client_id "
        f"WHERE campaign_recipient.client_id {FAMILY}",
    ),
    "ticket": (
        "CAST(ticket.id AS text)",
        "ticket.opened_at",
        "jsonb_build_object('number', number, 'title', title, 'state', state, "
        "'priority', priority)",
        f"ticket WHERE ticket.client_id {FAMILY} AND {SEEN}",
    ),
    "task": (
        "CAST(task.id AS text)",
        "task.created_at",
        "jsonb_build_object('kind', kind, 'title', title, 'state', state, 'outcome', outcome)",
        f"task WHERE task.client_id {FAMILY}",
    ),
    "consent": (
        "CAST(consent.id AS text)",
        "consent.at",
        "jsonb_build_object('channel', channel, 'category', category, 'state', state, "
        "'source', source)",
        "identity JOIN consent ON consent.identity_id = identity.id "
        f"WHERE identity.client_id {FAMILY}",
    ),
    "tier": (
        "tier_change.client_id || '/' || EXTRACT(epoch FROM tier_change.at)",
        "tier_change.at",
        "jsonb_build_object('before', before, 'after', after)",
        f"tier_change WHERE tier_change.client_id {FAMILY}",
    ),
    "journey": (
        "journey.id || '/' || journey_run.client_id || '/' || entry_key",
        "journey_run.entered_at",
        "jsonb_build_object('title', title, 'version', version, 'state', journey_run.state, "
        "'step', step, 'outcome', outcome)",
        "journey JOIN journey_run ON journey_run.journey_id = journey.id "
        f"WHERE journey_run.client_id {FAMILY}",
    ),
    "merge": (
        "CAST(client_merge.id AS text)",
        "client_merge.at",
        "jsonb_build_object('reason', reason, 'undone', undone_at IS NOT NULL)",
        "client_merge WHERE client_merge.kept_id = :client OR client_merge.gone_id = :client",
    ),
}
"""Of each kind: the id, the moment, what is shown, and where it is; every one has an index."""


def _make_branch(kind: str) -> str:
    id_, at, detail, source = _BRANCHES[kind]
    sealed = "message.body_enc" if kind == "message" else "CAST(NULL AS bytea)"
    key = f"('{kind}:' || {id_}) COLLATE \"C\""
    return (
        f"(SELECT '{kind}' AS kind, {id_} AS id, {at} AS at, {detail} AS detail, "  # noqa: S608
        f"{sealed} AS sealed FROM {source.replace(' WHERE ', ' WHERE (', 1)}) "
        f"AND (CAST(:at AS timestamptz) IS NULL OR ({at}, {key}) "
        "< (CAST(:at AS timestamptz), CAST(:key AS text))) "
        f"ORDER BY 3 DESC, {key} DESC LIMIT :limit)"
    )


def _make_page(kinds: Sequence[str]) -> TextualSelect:
    branches = " UNION ALL ".join(_make_branch(one) for one in KINDS if one in kinds)
    return text(
        f"SELECT * FROM ({branches}) AS entry WHERE {VISIBLE} "  # noqa: S608  (constants)
        "ORDER BY at DESC, (kind || ':' || id) COLLATE \"C\" DESC LIMIT :limit"
    ).columns(detail=JSONB)
