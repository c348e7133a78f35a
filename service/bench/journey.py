"""How fast clients enter journeys, by events and by an audience, and take their first steps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from kernel.clock import FakeClock
from kernel.ids import new_id
from orchestrator.advance import Advance
from orchestrator.entry import SWEEP_SECONDS, Entries, Sweeps
from orchestrator.event import BATCH
from orchestrator.journey_book import Book
from orchestrator.journey_lint import parse_journey
from store import audience, journey
from store.cipher import Cipher
from store.client_event import ClientEvent
from store.engine import Database

EVERYBODY: Final = {"kind": "profile", "field": "risk_level", "is": "known"}
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
trigger: {audience: {kind: profile, field: risk_level, is: known}, daily_at: "00:30"}
reentry: once
steps:
  - id: settle
    wait: 2h
  - id: done
    exit: done
"""


async def measure_entries(n: int, database: Database, cipher: Cipher) -> dict[str, float]:
    """Return the seconds for `n` entries; the database has a crowd of at least `n` clients.

    `entries_s`: events handed over as the worker of events does, a transaction a batch.
    `sweep_s`: the whole crowd, which may be more than `n`, in one sweep; `swept` says how many.
    `steps_s`: those who entered by events take their first steps and come to rest.
    """
    clock = FakeClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    async with database.transaction(within=SWEEP_SECONDS) as connection:
        for text in (BY_EVENT, BY_AUDIENCE):
            key = parse_journey(text).key
            row = await journey.record_draft(
                connection, key=key, title=key, definition=text, author_id=None
            )
            await journey.record_moved(connection, row.id, "active", None)
        counted = await audience.count(connection, EVERYBODY, seconds=SWEEP_SECONDS)
        ids = await audience.find_sample(
            connection, EVERYBODY, counted, limit=n, seconds=SWEEP_SECONDS
        )
    book = Book()
    entries_s = await _enter(Entries(book, clock), database, ids, clock.now())
    started = time.perf_counter()
    swept = await Sweeps(database, book, clock).sweep_due()
    sweep_s = time.perf_counter() - started
    started = time.perf_counter()
    advance = Advance(database, cipher, book, clock=clock)
    walked = 0
    while moved := await advance.advance_next():
        walked += moved
    steps_s = time.perf_counter() - started
    return {
        "entries": float(len(ids)),
        "entries_s": entries_s,
        "swept": float(swept),
        "sweep_s": sweep_s,
        "walked": float(walked),
        "steps_s": steps_s,
    }


async def _enter(entries: Entries, database: Database, ids: Sequence[UUID], at: datetime) -> float:
    events = [
        ClientEvent(new_id(), one, "margin_usage", {"ratio": 0.9}, at, "bench", str(n))
        for n, one in enumerate(ids)
    ]
    started = time.perf_counter()
    for first in range(0, len(events), BATCH):
        async with database.transaction() as connection:
            await entries.enter_for(connection, events[first : first + BATCH])
    return time.perf_counter() - started
