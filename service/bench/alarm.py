"""Margin calls in a process of its own, for a benchmark: `python -m service.bench.alarm`.

Like a site with its workers: it keeps reported events, handles them, climbs and calls. Its one
argument is JSON: `{"url", "count", "per_s"}`. It writes the milliseconds from each event's commit
to the first call to a provider, as JSON, on its standard output.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import uvloop

from channels.contract import Alike, Capabilities, Channels
from channels.deliver import Deliverer
from channels.live import CLIENT_EVENT, Hub
from channels.lookout import Lookout
from clients.report import Reports
from kernel.clock import SystemClock
from kernel.ids import new_id
from kernel.message import Accepted, Address, Outbound, SendResult
from orchestrator.event import EventWorker, fold_figures
from orchestrator.ladder import Ladder
from orchestrator.notice import NoticeWorker
from orchestrator.occasion import Occasions
from orchestrator.shipped import ship_contents
from store import client, conversation
from store.cipher import Cipher
from store.engine import Database

ACCOUNT = "alarm"
PLACES = ("push", "sms")
PATIENCE_SECONDS = 60.0
WARM_UP = 20


@dataclass(slots=True)
class Bells:
    """When each address was first called, in seconds."""

    first: dict[str, float] = field(default_factory=dict)
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self, address: str) -> None:
        """Note a call."""
        self.first.setdefault(address, time.perf_counter())
        self.rung.set()


@dataclass(slots=True)
class BellChannel(Alike):
    """A provider in this very process that takes everything at once and notes when."""

    name: str
    bells: Bells
    account: str = ACCOUNT
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def send(self, outbound: Outbound) -> SendResult:
        """Take a message."""
        self.bells.ring(outbound.address.address.partition(":")[2])
        return Accepted(str(outbound.outbox_id))

    async def close(self) -> None:
        """Close nothing."""


def main() -> None:
    """Measure, and write what was found."""
    found = uvloop.run(measure_alarms(json.loads(sys.argv[1])))
    os.write(1, json.dumps(found).encode() + b"\n")


async def measure_alarms(order: Mapping[str, Any]) -> list[float]:
    """Return the milliseconds of each margin call; the first ones, of a cold start, are left out.

    Raises:
        TimeoutError: somebody was not called at all.
    """
    database, hub, bells = Database(order["url"]), Hub(None), Bells()
    cipher = Cipher(keys={1: os.urandom(32)}, index_key=os.urandom(32))
    channels = Channels()
    for name in (*PLACES, "voice"):
        channels.add(BellChannel(name, bells))
    numbers = [f"alarm{new_id().hex[-12:]}" for _ in range(int(order["count"]) + WARM_UP)]
    await _prepare(database, cipher, numbers)
    ladder = Ladder(database, cipher, channels, hub)
    workers = [
        Lookout(database, hub).run(),
        EventWorker(database, hub, (fold_figures, Occasions(cipher).raise_for)).run(),
        NoticeWorker(ladder, database, cipher, hub).run(),
        Deliverer(database, cipher, channels, hub, ACCOUNT, lanes=("critical",)).run(),
    ]
    tasks = [asyncio.create_task(one) for one in workers]
    try:
        committed = await _report(Reports(database, cipher, SystemClock()), hub, numbers, order)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while committed.keys() - bells.first.keys():
                bells.rung.clear()
                await bells.rung.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()
    return [(bells.first[one] - committed[one]) * 1000 for one in numbers[WARM_UP:]]


async def _prepare(database: Database, cipher: Cipher, numbers: list[str]) -> None:
    """Bring in the contents, and clients who are reached by push and SMS."""
    async with database.transaction() as connection:
        await ship_contents(connection)
    for number in numbers:
        async with database.transaction() as connection:
            client_id = await client.record(connection, cipher, number)
            for channel in PLACES:
                address = Address(channel, ACCOUNT, f"{channel}:{number}")
                talk = await conversation.open_for(connection, address)
                await client.bind(connection, talk.id, client_id, actor="bench")


async def _report(
    reports: Reports, hub: Hub, numbers: list[str], order: Mapping[str, Any]
) -> dict[str, float]:
    """Report a breach of each client, at a steady rate; return when each was committed."""
    committed: dict[str, float] = {}
    begun = time.perf_counter()
    for place, number in enumerate(numbers):
        await asyncio.sleep(max(0.0, begun + place / float(order["per_s"]) - time.perf_counter()))
        event = {
            "key": number,
            "client_no": number,
            "type": "risk_ratio",
            "at": datetime.now(UTC).isoformat(),
            "figures": {"ratio": 1.08, "shortfall_fen": 12_000_000, "minutes_left": 90},
        }
        await reports.take({"source": "bench", "events": [event]})
        committed[number] = time.perf_counter()
        hub.publish(CLIENT_EVENT, once=True)
    return committed


if __name__ == "__main__":
    main()
