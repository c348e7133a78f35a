"""Plays a generated year through the journeys, on a fast clock, beside an oracle that counts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from channels.live import Hub
from kernel.clock import FakeClock
from orchestrator.advance import BATCH, Advance
from orchestrator.entry import Entries, Sweeps
from orchestrator.event import EventWorker, fold_figures
from orchestrator.journey_book import Book
from orchestrator.journey_shipped import ship_journeys
from service.year import FIRST, Fact, make_year
from service.year_oracle import Counts, count_year
from store import client, client_event, journey, journey_run, tally
from store.cipher import Cipher
from store.client_event import Report
from store.engine import Database

SWEEP: Final = timedelta(hours=9, minutes=30)
_SOURCE: Final = "year"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine and the oracle counted, and where they differ."""

    clients: int
    days: int
    events: int
    ours: Counts
    oracle: Counts
    seconds: float
    writes: Mapping[str, int]

    @property
    def differences(self) -> dict[tuple[str, str, str], tuple[int, int]]:
        """What was counted differently: ours, the oracle's."""
        keys = sorted(self.ours.keys() | self.oracle.keys())
        both = {key: (self.ours[key], self.oracle[key]) for key in keys}
        return {key: pair for key, pair in both.items() if pair[0] != pair[1]}

    @property
    def is_equal(self) -> bool:
        """Whether every count is equal, and what was written down is what was counted."""
        return not self.differences and self.writes == self.wanted

    @property
    def wanted(self) -> dict[str, int]:
        """The notices and tasks that the oracle's counts come to."""
        done = Counter[str]()
        for (_, _, result), n in self.oracle.items():
            done[result] += n
        return {"sends": done["sent"], "tasks": done["opened"]}

    def to_json(self) -> dict[str, object]:
        """Return the verdict as one JSON object."""
        return {
            "name": "journeys",
            "clients": self.clients,
            "days": self.days,
            "events": self.events,
            "seconds": round(self.seconds, 1),
            "is_equal": self.is_equal,
            "writes": dict(self.writes),
            "counts": [
                {"journey": key[0], "step": key[1], "result": key[2], "ours": n,
                 "oracle": self.oracle[key]}
                for key, n in sorted((self.ours | self.oracle).items())
            ],
            "differences": len(self.differences),
        }  # fmt: skip

    def to_text(self) -> str:
        """Return the verdict as a table."""
        heads = ("流程 · journey", "步骤 · step", "结果 · result")
        lines = [f"{heads[0]:<16}{heads[1]:<16}{heads[2]:<44}{'ours':>8}{'oracle':>8}"]
        for key in sorted(self.ours.keys() | self.oracle.keys()):
            ours, oracle = self.ours[key], self.oracle[key]
            sign = "" if ours == oracle else "  ✗"
            lines.append(f"{key[0]:<16}{key[1]:<16}{key[2]:<44}{ours:>8}{oracle:>8}{sign}")
        said = "一致 · equal" if self.is_equal else "不一致 · not equal"
        lines.append(
            f"{self.clients} clients, {self.days} days, {self.events} events, "
            f"{self.seconds:.0f} s; written: {dict(self.writes)}; {said}"
        )
        return "\n".join(lines)


async def play_year(
    database: Database, cipher: Cipher, *, clients: int, days: int, seed: int
) -> Verdict:
    """Play a year on an empty database and return the verdict."""
    facts = make_year(clients, days, seed)
    player = await _Player.open(database, cipher, clients)
    started = time.perf_counter()
    await player.play(facts, days)
    return Verdict(
        clients,
        days,
        len(facts),
        await player.count(),
        count_year(facts, FIRST, days),
        time.perf_counter() - started,
        await player.count_writes(),
    )


@dataclass(slots=True)
class _Player:
    """The engine with its own clock, driven from one moment at which something is due to the next.

    At each moment timers come first, then the sweep, then the events of the moment.
    """

    database: Database
    cipher: Cipher
    clock: FakeClock
    advance: Advance
    sweeps: Sweeps
    worker: EventWorker

    @classmethod
    async def open(cls, database: Database, cipher: Cipher, clients: int) -> _Player:
        async with database.transaction(within=600) as connection:
            await ship_journeys(connection, is_active=True)
            for number in range(clients):
                await client.record(connection, cipher, _number(number))
        clock, book = FakeClock(FIRST), Book()
        advance = Advance(database, cipher, book, clock=clock)
        handlers = (fold_figures, Entries(book, clock).enter_for)
        worker = EventWorker(database, Hub(), handlers)
        return cls(database, cipher, clock, advance, Sweeps(database, book, clock), worker)

    async def play(self, facts: Sequence[Fact], days: int) -> None:
        sweeps = [FIRST + timedelta(days=day) + SWEEP for day in range(days)]
        moments = groupby(
            sorted([*((one.at, one) for one in facts), *((at, None) for at in sweeps)],
                   key=lambda pair: pair[0]),
            key=lambda pair: pair[0],
        )  # fmt: skip
        for at, found in moments:
            await self._pass(at)
            facts_now = [one for _, one in found if one is not None]
            if not facts_now:
                await self.sweeps.sweep_due()
            await self._tell(facts_now)
            await self._advance()
        await self._pass(FIRST + timedelta(days=days))

    async def count(self) -> Counts:
        async with self.database.transaction(within=60) as connection:
            rows = await journey.find_all(connection)
            keys = {row.id: row.key for row in rows}
            counts: Counts = Counter()
            for done in await journey.count_done(connection, list(keys)):
                counts[keys[done.journey_id], done.step, done.result] += done.n
            for one in await journey.count_runs(connection, list(keys)):
                counts[keys[one.journey_id], "start", "entered"] += one.n
        return counts

    async def count_writes(self) -> dict[str, int]:
        async with self.database.transaction(within=60) as connection:
            return await tally.count_written(connection, "journey")

    async def _pass(self, until: datetime) -> None:
        """Let time pass, and stop at each timer on the way."""
        while True:
            async with self.database.transaction() as connection:
                due = await journey_run.find_next_due(connection)
            self.clock.at = until if due is None else min(until, max(due, self.clock.at))
            if due is None or due > until:
                return
            await self._advance()

    async def _advance(self) -> None:
        while await self.advance.advance_next() == BATCH:
            pass

    async def _tell(self, facts: Iterable[Fact]) -> None:
        reports = [
            Report(
                f"{one.client}:{one.at:%m%d%H}", _number(one.client), one.type, one.at, one.figures
            )
            for one in facts
        ]
        if reports:
            async with self.database.transaction() as connection:
                await client_event.record_many(connection, self.cipher, _SOURCE, reports)
            while await self.worker.handle_next():
                pass


def _number(client_no: int) -> str:
    return f"86{client_no:08}"
