"""How fast clients enter journeys, by events and by an audience, and take their first steps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from channels.live import Hub
from kernel.clock import FakeClock
from kernel.ids import new_id
from orchestrator.advance import Advance, JourneyWorker
from orchestrator.entry import SWEEP_SECONDS, Entries, Sweeps
from orchestrator.event import BATCH
from orchestrator.journey_book import Book
from orchestrator.journey_lint import parse_journey
from store import journey, journey_fact, journey_run
from store.cipher import Cipher
from store.client_event import ClientEvent
from store.engine import Database, commit_lazily
from store.journey_run import Door, Entry

BY_EVENT: Final = """
key: bench-by-event
title: 测量：事件 · Bench by event
trigger: {event: margin_usage, when: event.ratio > 80%}
steps:
  - id: settle
    wait: 2h
  - id: done
    exit: done
"""
BY_AUDIENCE: Final = """
key: bench-by-audience
title: 测量：人群 · Bench by audience
trigger:
  audience: {kind: profile, field: margin_usage, is: above, value: 0.5}
  daily_at: "00:30"
reentry: once
steps:
  - id: settle
    wait: 2h
  - id: done
    exit: done
"""

TIMER: Final = """
key: bench-timer
title: 测量：定时 · Bench of timers
trigger: {event: login}
steps:
  - id: mark
    tag: {add: [bench]}
  - id: done
    exit: done
"""
TIMER_EVERY: Final = timedelta(milliseconds=25)
TIMER_PATIENCE_S: Final = 4.0


async def measure_entries(
    n: int, database: Database, cipher: Cipher, *, with_steps: bool = False
) -> dict[str, float]:
    """Return the seconds for `n` entries; the database has a crowd of at least `n` clients.

    `entries_s`: events handed over as the worker of events does, a transaction a batch.
    `sweep_s`: one sweep of the whole crowd for margins above a half, about a fifth of it, by one
    statement; `swept` says how many it were. `steps_s`, if asked for: all who entered take their
    first steps and come to rest.
    """
    clock = FakeClock(datetime.now(UTC) + timedelta(days=1))
    async with database.transaction(within=SWEEP_SECONDS) as connection:
        for text in (BY_EVENT, BY_AUDIENCE):
            key = parse_journey(text).key
            row = await journey.record_draft(
                connection, key=key, title=key, definition=text, author_id=None
            )
            await journey.record_moved(connection, row.id, "active", None)
        ids = await journey_fact.find_some(connection, n)
    book = Book()
    entries_s = await _enter(Entries(book, clock), database, ids, clock.now())
    started = time.perf_counter()
    swept = await Sweeps(database, book, clock).sweep_due()
    sweep_s = time.perf_counter() - started
    figures = {
        "entries": float(len(ids)),
        "entries_s": entries_s,
        "swept": float(swept),
        "sweep_s": sweep_s,
    }
    if with_steps:
        figures |= await _walk(Advance(database, cipher, book, clock=clock))
    return figures


async def measure_timers(n: int, database: Database, cipher: Cipher) -> dict[str, float]:
    """Return how late `n` timers fire, 40 a second, beside all that waits in the database.

    `timer_late_p50_ms`, `_p99_ms` and `_max_ms`: from the moment at which a rest was over to the
    transaction that did the step after it. The worker runs as it does in the product.
    """
    async with database.transaction(within=SWEEP_SECONDS) as connection:
        row = await journey.record_draft(
            connection, key="bench-timer", title="T", definition=TIMER, author_id=None
        )
        await journey.record_moved(connection, row.id, "active", None)
        ids = await journey_fact.find_some(connection, n)
        begin = datetime.now(UTC) + timedelta(seconds=2)
        entries = [
            Entry(one, str(place), begin + place * TIMER_EVERY) for place, one in enumerate(ids)
        ]
        await journey_run.enter_many(connection, Door(row.id, [row.id], "always"), entries)
    book = Book()
    worker = JourneyWorker(Advance(database, cipher, book), Sweeps(database, book), Hub())
    working = asyncio.create_task(worker.run())
    try:
        last = entries[-1].at + timedelta(seconds=TIMER_PATIENCE_S)
        await asyncio.sleep((last - datetime.now(UTC)).total_seconds())
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    async with database.transaction() as connection:
        late = sorted(await journey_run.find_lateness(connection, row.id))
    return {
        "timers": float(len(late)),
        "timer_late_p50_ms": late[len(late) // 2] * 1000,
        "timer_late_p99_ms": late[int(len(late) * 0.99)] * 1000,
        "timer_late_max_ms": late[-1] * 1000,
    }


async def _walk(advance: Advance) -> dict[str, float]:
    started = time.perf_counter()
    walked = 0
    while moved := await advance.advance_next():
        walked += moved
    return {"walked": float(walked), "steps_s": time.perf_counter() - started}


async def _enter(entries: Entries, database: Database, ids: Sequence[UUID], at: datetime) -> float:
    events = [
        ClientEvent(new_id(), one, "margin_usage", {"ratio": 0.9}, at, "bench", str(n))
        for n, one in enumerate(ids)
    ]
    started = time.perf_counter()
    for first in range(0, len(events), BATCH):
        async with database.transaction() as connection:
            await commit_lazily(connection)
            await entries.enter_for(connection, events[first : first + BATCH])
    return time.perf_counter() - started
