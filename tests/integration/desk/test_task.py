"""Tasks: opened once, seen by those they are for, ended with an outcome that the notice hears."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from channels.live import Hub
from desk.task import TaskDraft, Tasks
from kernel.errors import Conflict, InvalidInput, NotFound
from store.cipher import Cipher
from store.engine import Connection, Database
from store.staff import Person
from store.task import open_many
from tests.book import add_client, count
from tests.integration.desk.conftest import PEOPLE


@dataclass
class Heard:
    calls: list[tuple[UUID, str]] = field(default_factory=list)

    async def __call__(
        self, connection: Connection, notice_id: UUID, outcome: str, actor: str
    ) -> None:
        self.calls.append((notice_id, outcome))


@dataclass
class Bench:
    database: Database
    cipher: Cipher
    tasks: Tasks
    heard: Heard
    people: dict[str, UUID]

    def person(self, login: str) -> Person:
        name, roles = PEOPLE[login]
        return Person(self.people[login], login, name, roles)

    async def open(self, key: str, manager: str, priority: str = "normal", hours: int = 1) -> UUID:
        async with self.database.transaction() as connection:
            who = await add_client(connection, self.cipher, f"c{key}", manager=manager)
            due = datetime.now(UTC) + timedelta(hours=hours)
            draft = TaskDraft("call", who, "test", key, "首次入金回访", "问候", priority, due)
            [made] = await open_many(connection, self.cipher, [draft])
            assert await open_many(connection, self.cipher, [draft]) == []
            return made

    async def seen(self, login: str, view: str = "open") -> list[UUID]:
        page = await self.tasks.find_page(self.person(login), view, after=None, limit=50)
        return [row.id for row in page.rows]


@pytest.fixture
def bench(database: Database, cipher: Cipher, people: dict[str, UUID]) -> Bench:
    heard = Heard()
    return Bench(database, cipher, Tasks(database, cipher, Hub(), heard), heard, people)


async def test_a_manager_sees_their_clients_tasks_and_everybody_those_of_nobody(
    bench: Bench,
) -> None:
    annas = await bench.open("1", "示例安娜")
    berts = await bench.open("2", "bert")
    nobodys = await bench.open("3", "离职员工")
    assert set(await bench.seen("anna")) == {annas, nobodys}
    assert set(await bench.seen("bert")) == {berts, nobodys}
    assert set(await bench.seen("super")) == {annas, berts, nobodys}
    with pytest.raises(NotFound):
        await bench.tasks.access_task_for(bench.person("bert"), annas)
    with pytest.raises(NotFound):
        await bench.tasks.end(bench.person("bert"), annas, "done")


async def test_who_takes_a_task_has_it(bench: Bench) -> None:
    nobodys = await bench.open("1", "离职员工")
    taken = await bench.tasks.take(bench.person("bert"), nobodys)
    assert taken.assignee_name == "示例伯特"
    assert await bench.seen("anna") == []
    assert await bench.tasks.take(bench.person("bert"), nobodys) == taken


async def test_the_most_urgent_comes_first_then_what_is_due(bench: Bench) -> None:
    later = await bench.open("1", "anna", "normal", 5)
    sooner = await bench.open("2", "anna", "normal", 1)
    critical = await bench.open("3", "anna", "critical", 9)
    late = await bench.open("4", "anna", "low", -1)
    assert await bench.seen("anna") == [critical, sooner, later, late]
    assert await bench.seen("anna", "late") == [late]
    page = await bench.tasks.find_page(bench.person("anna"), "open", after=sooner, limit=1)
    assert ([row.id for row in page.rows], page.open, page.late) == ([later], 4, 1)


async def test_a_task_ends_once_with_an_outcome_that_there_is(bench: Bench) -> None:
    one, anna = await bench.open("1", "anna"), bench.person("anna")
    with pytest.raises(InvalidInput):
        await bench.tasks.end(anna, one, "great")
    row = await bench.tasks.end(anna, one, "reached")
    assert (row.state, row.outcome, row.assignee_id) == ("done", "reached", anna.id)
    with pytest.raises(Conflict):
        await bench.tasks.cancel(anna, one, "旧任务")
    assert await bench.seen("anna", "ended") == [one]
    async with bench.database.transaction() as connection:
        assert await count(connection, "event", "verb = 'task_moved'") == 1
    assert bench.heard.calls == []


async def test_a_reason_is_asked_for_whoever_cancels(bench: Bench) -> None:
    one, anna = await bench.open("1", "anna"), bench.person("anna")
    with pytest.raises(InvalidInput):
        await bench.tasks.cancel(anna, one, "  ")
    assert (await bench.tasks.cancel(anna, one, "客户已销户")).state == "cancelled"
