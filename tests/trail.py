"""A stage for journeys: one clock, four clients, and the two who move people along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import yaml
from sqlalchemy import text

from kernel.clock import FakeClock
from kernel.ids import new_id
from orchestrator.advance import Advance
from orchestrator.entry import Entries
from orchestrator.journey_book import Book
from store import journey
from store.cipher import Cipher
from store.client_event import ClientEvent
from store.engine import Database
from tests.book import add_client, count

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

WELCOME = """
key: welcome
title: 欢迎 · Welcome
trigger: {event: account_opened}
reentry: once
goal: {event: deposit_settled, when: event.amount_fen > 100}
exits: [{event: complaint}]
steps:
  - id: hello
    send: {content: welcome, category: service}
  - id: hope
    wait_for:
      event: first_deposit
      when: event.amount_fen >= 10
      timeout: 3d
      then: call
      otherwise: guide
  - id: guide
    send: {content: deposit_tutorial, category: service, topic: guide}
  - id: mark
    tag: {add: [慢热], expires: 30d}
  - id: rest
    wait: 2d
  - id: kind
    branch:
      ways:
        - {when: figure.assets > 1000, go: call}
      otherwise: over
  - id: call
    open_task: {title: 请致电 · please call, due: {exchange: SSE, days: 1, at: "17:00"}}
  - id: over
    exit: done
"""


@dataclass(slots=True)
class Stage:
    """One journey, one clock, and the two who move people on it."""

    database: Database
    cipher: Cipher
    clock: FakeClock
    entries: Entries
    advance: Advance
    ids: list[UUID]

    async def play(self, definition: str) -> UUID:
        async with self.database.transaction() as connection:
            key = yaml.safe_load(definition)["key"]
            row = await journey.record_draft(
                connection, key=key, title=key, definition=definition, author_id=None
            )
            await journey.record_moved(connection, row.id, "active", None)
        return row.id

    async def tell(self, type_: str, who: int = 0, **figures: float) -> ClientEvent:
        event = ClientEvent(
            new_id(), self.ids[who], type_, figures, self.clock.now(), "test", str(new_id())
        )
        async with self.database.transaction() as connection:
            await self.entries.enter_for(connection, [event])
        return event

    async def go(self, **parts: float) -> int:
        """Let time pass, and do what is due."""
        self.clock.advance(**parts)
        done = 0
        while moved := await self.advance.advance_next():
            done += moved
        return done

    async def order(self, statement: str) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(text(statement))

    async def results(self) -> list[str]:
        async with self.database.transaction() as connection:
            rows = await connection.execute(
                text("SELECT step || ' ' || result FROM journey_step ORDER BY id")
            )
            return [str(row[0]) for row in rows]

    async def count(self, table: str, where: str = "true") -> int:
        async with self.database.transaction() as connection:
            return await count(connection, table, where)


async def open_stage(database: Database, cipher: Cipher) -> Stage:
    """Return a stage on a Monday morning, with nothing played yet."""
    clock = FakeClock(MONDAY)
    async with database.transaction() as connection:
        ids = [await add_client(connection, cipher, f"90{n}") for n in range(4)]
    book = Book()
    return Stage(
        database,
        cipher,
        clock,
        Entries(book, clock),
        Advance(database, cipher, book, clock=clock),
        ids,
    )
