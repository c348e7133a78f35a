"""Tasks as people see them: each person their own, supervisors and admins all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping, text

from store.cipher import Cipher
from store.engine import Connection
from store.staff import Person


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in clear, with the name of the client and of whoever holds it."""

    id: UUID
    kind: str
    title: str
    detail: str
    priority: str
    state: str
    outcome: str | None
    client_id: UUID
    client_name: str | None
    manager: str | None
    assignee_id: UUID | None
    assignee_name: str | None
    notice_id: UUID | None
    due_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


VIEWS = ("open", "late", "ended")


async def find_page(
    connection: Connection,
    cipher: Cipher,
    person: Person,
    *,
    view: str = "open",
    after: UUID | None = None,
    limit: int = 50,
) -> list[TaskRow]:
    """Return a page of the tasks that this person may see, after the one that is named.

    `open` and `late`: the most urgent first, then what is due first; `ended`: the newest first.
    """
    parameters = _viewer(person) | {"after": after, "limit": limit}
    rows = (await connection.execute(_PAGES[view], parameters)).mappings().all()
    return [_to_row(cipher, row) for row in rows]


async def count_open(connection: Connection, person: Person) -> tuple[int, int]:
    """Return how many tasks of this person's are open, and how many of them are late."""
    row = (await connection.execute(_COUNT, _viewer(person))).one()
    return row.open, row.late


async def find(
    connection: Connection, cipher: Cipher, person: Person, task_id: UUID
) -> TaskRow | None:
    """Return a task that this person may see, or None."""
    parameters = _viewer(person) | {"task": task_id}
    row = (await connection.execute(_ONE, parameters)).mappings().one_or_none()
    return _to_row(cipher, row) if row else None


async def lock(connection: Connection, person: Person, task_id: UUID) -> bool:
    """Hold a task that this person may see, its notice before it; False if there is none.

    A cure holds a notice, then its tasks; in the same order nobody waits in a circle.
    """
    parameters = _viewer(person) | {"task": task_id}
    await connection.execute(_LOCK_NOTICE, {"task": task_id})
    return (await connection.execute(_LOCK, parameters)).first() is not None


def _viewer(person: Person) -> dict[str, object]:
    return {
        "person": person.id,
        "sees_all": person.sees_all,
        "names": [person.login, person.name],
    }


def _to_row(cipher: Cipher, row: RowMapping) -> TaskRow:
    detail, name = row["detail_enc"], row["name_enc"]
    return TaskRow(
        **{column: row[column] for column in _PLAIN},
        detail=cipher.open_text(detail, table="task", column="detail_enc", row=row["id"])
        if detail
        else "",
        client_name=cipher.open_text(name, table="client", column="name_enc", row=row["client_id"])
        if name
        else None,
    )


_PLAIN = (
    "id kind title priority state outcome client_id manager assignee_id assignee_name notice_id "
    "due_at created_at ended_at"
).split()

SEEN = """(:sees_all OR task.assignee_id = CAST(:person AS uuid)
  OR (task.assignee_id IS NULL AND (task.manager = ANY(CAST(:names AS text[]))
    OR NOT EXISTS (SELECT 1 FROM person WHERE is_active
      AND task.manager IN (person.name, person.login)))))"""
"""Who may see a task: who holds it, else the client's manager; everybody, where the manager is
nobody who works here."""

_SELECT = f"""
SELECT task.*, client.name_enc, person.name AS assignee_name
FROM task JOIN client ON client.id = task.client_id
LEFT JOIN person ON person.id = task.assignee_id WHERE {SEEN}
"""  # noqa: S608  (constants of this file)
_RANK = "array_position(ARRAY['critical','high','normal','low'], task.priority)"
_DUE = "COALESCE(task.due_at, 'infinity')"
_PLACE = f"{_RANK}, {_DUE}, task.id"
_WHERE = {
    "open": "task.state = 'open'",
    "late": "task.state = 'open' AND task.due_at < now()",
    "ended": "task.state <> 'open'",
}
_FORWARD = f"""AND (CAST(:after AS uuid) IS NULL OR ({_PLACE}) >
  (SELECT {_PLACE} FROM task WHERE id = CAST(:after AS uuid)))
  ORDER BY {_PLACE} LIMIT :limit"""  # noqa: S608
_BACKWARD = """AND (CAST(:after AS uuid) IS NULL OR (task.ended_at, task.id) <
  (SELECT ended_at, id FROM task WHERE id = CAST(:after AS uuid)))
  ORDER BY task.ended_at DESC, task.id DESC LIMIT :limit"""
_PAGES = {
    view: text(f"{_SELECT} AND {where} {_BACKWARD if view == 'ended' else _FORWARD}")
    for view, where in _WHERE.items()
}
_COUNT = text(f"""
SELECT count(*) AS open, count(*) FILTER (WHERE task.due_at < now()) AS late
FROM task WHERE task.state = 'open' AND {SEEN}
""")  # noqa: S608
_ONE = text(f"{_SELECT} AND task.id = :task")
_LOCK_NOTICE = text(
    "SELECT id FROM notice WHERE id = (SELECT notice_id FROM task WHERE id = :task) "
    "FOR NO KEY UPDATE"
)
_LOCK = text(f"SELECT id FROM task WHERE id = :task AND {SEEN} FOR NO KEY UPDATE")  # noqa: S608
