"""What people do with a task: take it, end it with an outcome, cancel it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from channels.live import DESK, EVENT, Hub
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.machine import TASK
from store import task, task_view
from store.cipher import Cipher
from store.engine import Connection, Database
from store.staff import Person
from store.task import TaskDraft
from store.task_view import TaskRow

__all__ = ["OUTCOMES", "TaskDraft", "TaskPage", "Tasks", "show_task"]

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "reached": ("已联系上客户", "the client was reached"),
    "no_answer": ("无人接听", "nobody answered"),
    "wrong_number": ("号码有误", "the number is wrong"),
    "refused": ("客户拒绝沟通", "the client did not want to talk"),
    "done": ("已处理", "done"),
}
"""How a task may end; `reached` tells the notice that it was for that its client knows now."""

WHY_LIMIT: Final = 200

Ended: TypeAlias = Callable[[Connection, UUID, str, str], Awaitable[None]]
"""Hears, in the same transaction, that a notice's task ended: notice, outcome, actor."""


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of tasks, and how many are open and late in all."""

    rows: list[TaskRow]
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class Tasks:
    """Lists tasks to those who may see them, and ends them."""

    database: Database
    cipher: Cipher
    hub: Hub
    tell: Ended

    async def find_page(
        self, person: Person, view: str, *, after: UUID | None, limit: int
    ) -> TaskPage:
        """Return a page of what this person may see.

        Raises:
            InvalidInput: there is no such view, or the page is larger than may be.
        """
        if view not in task_view.VIEWS:
            raise InvalidInput(
                f"view is one of {', '.join(task_view.VIEWS)}.", zh="没有这个任务列表。"
            )
        if not 1 <= limit <= 200:
            raise InvalidInput("limit is from 1 to 200.", zh="每页条数应为 1 到 200。")
        async with self.database.transaction() as connection:
            rows = await task_view.find_page(
                connection, self.cipher, person, view=view, after=after, limit=limit
            )
            count, late = await task_view.count_open(connection, person)
        return TaskPage(rows, count, late)

    async def access_task_for(self, person: Person, task_id: UUID) -> TaskRow:
        """Return a task that this person may see, or raise NotFound."""
        async with self.database.transaction() as connection:
            return await self._find(connection, person, task_id)

    async def take(self, person: Person, task_id: UUID) -> TaskRow:
        """Give a task to this person; taking twice is taking once.

        Raises:
            Conflict: a colleague has it, or it is over.
        """
        async with self.database.transaction() as connection:
            row = await self._lock(connection, person, task_id)
            if row.state != "open":
                raise Conflict("The task is over.", zh="该任务已结束。")
            if row.assignee_id not in {None, person.id} and not person.sees_all:
                raise Conflict("A colleague has taken this task.", zh="该任务已由同事领取。")
            await task.record_taken(connection, task_id, person.id)
            row = await self._find(connection, person, task_id)
        self.hub.publish(DESK, {"type": "task", "id": str(task_id)})
        return row

    async def end(self, person: Person, task_id: UUID, outcome: str) -> TaskRow:
        """End a task with one of `OUTCOMES`; the notice that it was for hears of it.

        Raises:
            InvalidInput: there is no such outcome. Conflict: the task is over.
        """
        if outcome not in OUTCOMES:
            raise InvalidInput(f"outcome is one of {', '.join(OUTCOMES)}.", zh="请选择处理结果。")
        return await self._end(person, task_id, "done", outcome)

    async def cancel(self, person: Person, task_id: UUID, why: str) -> TaskRow:
        """Cancel a task, for a reason in a person's own words."""
        why = why.strip()
        if not 1 <= len(why) <= WHY_LIMIT:
            raise InvalidInput(
                f"why is a reason of at most {WHY_LIMIT} characters.",
                zh=f"请填写取消原因，最多 {WHY_LIMIT} 字。",
            )
        return await self._end(person, task_id, "cancelled", why)

    async def _end(self, person: Person, task_id: UUID, state: str, outcome: str) -> TaskRow:
        actor = f"person:{person.id}"
        async with self.database.transaction() as connection:
            row = await self._lock(connection, person, task_id)
            TASK.check_move(row.state, state)
            if row.assignee_id is None:
                await task.record_taken(connection, task_id, person.id)
            notice_id = await task.record_ended(connection, task_id, state, outcome, actor=actor)
            if notice_id is not None:
                await self.tell(connection, notice_id, outcome, actor)
            row = await self._find(connection, person, task_id)
        self.hub.publish(DESK, {"type": "task", "id": str(task_id)})
        self.hub.publish(EVENT, once=True)
        return row

    async def _lock(self, connection: Connection, person: Person, task_id: UUID) -> TaskRow:
        """Hold the task and read it as it stands under the lock."""
        await task_view.lock(connection, person, task_id)
        return await self._find(connection, person, task_id)

    async def _find(self, connection: Connection, person: Person, task_id: UUID) -> TaskRow:
        row = await task_view.find(connection, self.cipher, person, task_id)
        if row is None:
            raise NotFound("There is no such task.", zh="没有这项任务。")
        return row


def show_task(row: TaskRow) -> dict[str, object]:
    """Return a task as the API's JSON."""
    outcome_zh, outcome_en = OUTCOMES.get(row.outcome or "", (row.outcome, row.outcome))
    return {
        "id": str(row.id),
        "kind": row.kind,
        "title": row.title,
        "detail": row.detail,
        "priority": row.priority,
        "state": row.state,
        "outcome": row.outcome,
        "outcome_zh": outcome_zh,
        "outcome_en": outcome_en,
        "client": {"id": str(row.client_id), "name": row.client_name},
        "manager": row.manager,
        "assignee": {"id": str(row.assignee_id), "name": row.assignee_name}
        if row.assignee_id
        else None,
        "notice_id": str(row.notice_id) if row.notice_id else None,
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "created_at": row.created_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
    }
