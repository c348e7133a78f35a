"""Notices as people see them: supervisors and admins all, managers those of their clients."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from store.cipher import Cipher
from store.engine import Connection
from store.staff import Person


@dataclass(frozen=True, slots=True)
class Filter:
    """Which notices: everything that is None holds for all."""

    state: str | None = None
    urgency: str | None = None
    category: str | None = None
    source: str | None = None
    topic: str | None = None
    client_id: UUID | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice in a list, with its client's name and its content's title in clear."""

    id: UUID
    client_id: UUID
    client_name: str | None
    category: str
    urgency: str
    source: str
    topic: str | None
    content_key: str | None
    title: str | None
    exposure: float
    reach_by: datetime | None
    due_at: datetime | None
    next_rung: int | None
    revision: int
    state: str
    reason: str | None
    reached_how: str | None
    reached_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message that was written for a notice."""

    id: UUID
    rung: str
    channel: str
    account: str
    state: str
    reason: str | None
    created_at: datetime
    sending_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A notice as the system sees it that ordered it: `keys` are its own names of its orders."""

    id: UUID
    keys: list[str]
    urgency: str
    state: str
    reason: str | None
    reached_how: str | None
    reached_at: datetime | None
    reach_by: datetime | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many clients were to know, how many do, and where each notice stands."""

    total: int
    reached: int
    by_state: dict[str, int]


async def find_page(
    connection: Connection,
    cipher: Cipher,
    person: Person,
    wanted: Filter,
    *,
    after: UUID | None = None,
    limit: int = 50,
) -> list[NoticeRow]:
    """Return a page of the notices that this person may see, newest first."""
    parameters = _viewer(person) | asdict(wanted) | {"after": after, "limit": limit}
    rows = (await connection.execute(_PAGE, parameters)).mappings().all()
    return [_to_row(cipher, row) for row in rows]


async def count_coverage(connection: Connection, person: Person, wanted: Filter) -> Coverage:
    """Count notices by where they stand; what was cancelled need not be known any more."""
    rows = (await connection.execute(_COUNT, _viewer(person) | asdict(wanted))).all()
    by_state: dict[str, int] = {}
    for row in rows:
        by_state[row.state] = by_state.get(row.state, 0) + row.n
    total = sum(n for state, n in by_state.items() if state != "cancelled")
    return Coverage(total, sum(row.n for row in rows if row.is_known), by_state)


async def find(
    connection: Connection, cipher: Cipher, person: Person, notice_id: UUID
) -> NoticeRow | None:
    """Return a notice that this person may see, or None."""
    parameters = _viewer(person) | {"notice": notice_id}
    row = (await connection.execute(_ONE, parameters)).mappings().one_or_none()
    return _to_row(cipher, row) if row else None


async def find_messages(connection: Connection, notice_id: UUID) -> list[MessageRow]:
    """Return what was written for a notice, or carries it, in order of time."""
    rows = await connection.execute(_MESSAGES, {"notice": notice_id})
    return [MessageRow(*row) for row in rows]


async def find_ordered(connection: Connection, source: str, notice_id: UUID) -> OrderRow | None:
    """Return a notice that this source ordered, or an order of it went into; None otherwise."""
    parameters = {"source": source, "notice": notice_id}
    row = (await connection.execute(_ORDERED, parameters)).one_or_none()
    return OrderRow(*row) if row else None


def _viewer(person: Person) -> dict[str, object]:
    return {"sees_all": person.sees_all, "names": [person.login, person.name]}


def _to_row(cipher: Cipher, row: RowMapping) -> NoticeRow:
    name = row["name_enc"]
    plain = {part: row[part] for part in NoticeRow.__slots__ if part != "client_name"}
    return NoticeRow(
        **plain,
        client_name=cipher.open_text(name, table="client", column="name_enc", row=row["client_id"])
        if name
        else None,
    )


SEEN = "(:sees_all OR client.manager = ANY(CAST(:names AS text[])))"
"""Who may see a notice: the one predicate of every list, look-up and count."""
_WANTED = """(CAST(:state AS text) IS NULL OR notice.state = :state)
  AND (CAST(:urgency AS text) IS NULL OR notice.urgency = :urgency)
  AND (CAST(:category AS text) IS NULL OR notice.category = :category)
  AND (CAST(:source AS text) IS NULL OR notice.source = :source)
  AND (CAST(:topic AS text) IS NULL OR notice.topic = :topic)
  AND (CAST(:client_id AS uuid) IS NULL OR notice.client_id = :client_id)
  AND (CAST(:since AS timestamptz) IS NULL OR notice.created_at >= :since)"""
_SELECT = f"""
SELECT notice.*, client.name_enc,
  (SELECT title FROM content WHERE content.key = notice.content_key
    ORDER BY version DESC LIMIT 1) AS title
FROM notice JOIN client ON client.id = notice.client_id WHERE {SEEN}
"""  # noqa: S608  (constants of this file)
_PAGE = text(
    f"{_SELECT} AND {_WANTED} AND (CAST(:after AS uuid) IS NULL OR notice.id < :after) "
    "ORDER BY notice.id DESC LIMIT :limit"
)
_ONE = text(f"{_SELECT} AND notice.id = :notice")
_COUNT = text(f"""
SELECT notice.state, notice.reached_how IS NOT NULL AS is_known, count(*) AS n
FROM notice JOIN client ON client.id = notice.client_id WHERE {SEEN} AND {_WANTED}
GROUP BY 1, 2
""")  # noqa: S608
_MESSAGES = text("""
SELECT outbox.id, outbox.rung, outbox.channel, outbox.account, outbox.state, outbox.reason,
  outbox.created_at, outbox.sending_at, outbox.ended_at
FROM notice JOIN outbox ON outbox.notice_id IN (notice.id, notice.carrier_id)
WHERE notice.id = :notice ORDER BY outbox.created_at, outbox.id LIMIT 200
""")
ORDERED_KEYS = """SELECT array_agg(own.source_key ORDER BY own.source_key) AS keys FROM (
    SELECT source_key FROM notice AS first WHERE first.id = {notice} AND first.source = {source}
    UNION SELECT source_key FROM notice_cause AS later WHERE later.notice_id = {notice}
      AND later.source = {source}) AS own"""
"""The keys under which a source ordered a notice: NULL, where it is another's."""
_KEYS = ORDERED_KEYS.format(notice="notice.id", source=":source")
_ORDERED = text(f"""
SELECT notice.id, ordered.keys, notice.urgency, notice.state, notice.reason, notice.reached_how,
  notice.reached_at, notice.reach_by, notice.created_at, notice.ended_at
FROM notice CROSS JOIN LATERAL ({_KEYS}) AS ordered
WHERE notice.id = :notice AND ordered.keys IS NOT NULL
""")  # noqa: S608
