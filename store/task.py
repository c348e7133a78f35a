"""Tasks: something that a person does for a client, a call or a visit, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from store.cipher import Cipher
from store.engine import Connection


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """What is to be done, and what made it so: `source` and `source_key` open it once.

    `title` names no client and no amount; `detail` may, and rests sealed. The client's manager
    gets it. With `notice_id` it is what became of a notice that reached nobody.
    """

    kind: str
    client_id: UUID
    source: str
    source_key: str
    title: str
    detail: str
    priority: str
    due_at: datetime | None = None
    notice_id: UUID | None = None


async def open_many(
    connection: Connection, cipher: Cipher, drafts: Sequence[TaskDraft]
) -> list[UUID]:
    """Open tasks, each once for its source and key; returns those that are new."""
    if not drafts:
        return []
    ids = [new_id() for _ in drafts]
    parameters = {
        "ids": ids,
        "kinds": [one.kind for one in drafts],
        "clients": [one.client_id for one in drafts],
        "notices": [one.notice_id for one in drafts],
        "sources": [one.source for one in drafts],
        "keys": [one.source_key for one in drafts],
        "titles": [one.title for one in drafts],
        "details": [
            cipher.seal_text(one.detail, table="task", column="detail_enc", row=id_)
            for id_, one in zip(ids, drafts, strict=True)
        ],
        "priorities": [one.priority for one in drafts],
        "dues": [one.due_at for one in drafts],
    }
    return [row.id for row in await connection.execute(_OPEN, parameters)]


async def record_ended(
    connection: Connection, task_id: UUID, state: str, outcome: str, *, actor: str
) -> UUID | None:
    """End an open task as `done` or `cancelled`; returns the notice that it was for, if any.

    The caller has made sure that the task is open and holds its row (store/task_view.py: lock).
    """
    parameters = {"task": task_id, "state": state, "outcome": outcome, "actor": actor}
    row = (await connection.execute(_END, parameters)).one_or_none()
    return row.notice_id if row else None


async def record_taken(connection: Connection, task_id: UUID, person_id: UUID) -> None:
    """Give an open task to a person."""
    await connection.execute(_TAKE, {"task": task_id, "person": person_id})


async def record_notices_over(
    connection: Connection, notice_ids: Sequence[UUID], why: str, *, actor: str
) -> None:
    """Cancel the open tasks of notices that are over: nobody needs to call any more."""
    if notice_ids:
        parameters = {"notices": list(notice_ids), "why": why, "actor": actor}
        await connection.execute(_OVER, parameters)


_OPEN = text("""
WITH made AS (
  INSERT INTO task (id, kind, client_id, notice_id, source, source_key, title, detail_enc,
    priority, due_at, manager)
  SELECT draft.id, kind, draft.client_id, notice_id, source, source_key, title, detail, priority,
    due_at, client.manager
  FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:clients AS uuid[]),
    CAST(:notices AS uuid[]), CAST(:sources AS text[]), CAST(:keys AS text[]),
    CAST(:titles AS text[]), CAST(:details AS bytea[]), CAST(:priorities AS text[]),
    CAST(:dues AS timestamptz[]))
    AS draft (id, kind, client_id, notice_id, source, source_key, title, detail, priority, due_at)
  JOIN client ON client.id = draft.client_id
  ON CONFLICT (source, source_key) DO NOTHING
  RETURNING id, kind, priority, client_id, notice_id
), told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, after)
  SELECT row_id(), 'task', 'task_opened', 'task', CAST(id AS text),
    jsonb_build_object('state', 'open', 'kind', kind, 'priority', priority,
      'client_id', client_id, 'notice_id', notice_id) FROM made
)
SELECT id FROM made
""")

_TELL = """told AS (
  INSERT INTO event (id, actor, verb, subject_kind, subject_id, before, after)
  SELECT row_id(), :actor, 'task_moved', 'task', CAST(id AS text), '{"state": "open"}',
    jsonb_build_object('state', state, 'outcome', outcome) FROM moved
)"""

_END = text(f"""
WITH moved AS (
  UPDATE task SET state = :state, outcome = :outcome, ended_at = now()
  WHERE id = :task AND state = 'open' RETURNING id, state, outcome, notice_id
), {_TELL}
SELECT notice_id FROM moved
""")  # noqa: S608  (constants of this file)

_TAKE = text("UPDATE task SET assignee_id = :person WHERE id = :task AND state = 'open'")

_OVER = text(f"""
WITH held AS (
  SELECT id FROM task WHERE notice_id = ANY(CAST(:notices AS uuid[])) AND state = 'open'
  ORDER BY id FOR NO KEY UPDATE
), moved AS (
  UPDATE task SET state = 'cancelled', outcome = :why, ended_at = now() FROM held
  WHERE task.id = held.id RETURNING task.id, task.state, task.outcome
), {_TELL}
SELECT id FROM moved
""")  # noqa: S608
