"""A worker of campaigns in a process of its own, for benchmarks: `python -m service.bench.sender`.

Its one argument is JSON: `{"url", "roles", "account"}`. Without `account` every provider is a null
one in this process. It ends on SIGTERM and writes what it saw, as JSON, on its standard output.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import time as clock_time
from typing import Any

import uvloop

from channels.account import Account
from channels.bulk import BulkSender
from channels.contract import Alike, Capabilities, Channels
from channels.fetched import Poster
from channels.live import Hub
from channels.sms.aliyun.provider import build_aliyun
from kernel.clock import SystemClock
from kernel.message import Accepted, Outbound, SendResult
from orchestrator.letter import ContentWriter
from orchestrator.link import Filler, LinkSigner
from orchestrator.pacing import Pacer
from orchestrator.plan import Planner
from orchestrator.quiet import QuietHours
from service.calm import calm_collector
from service.role import NICENESS
from store.audience_sql import compile_where
from store.cipher import Cipher
from store.crowd import PLACES
from store.engine import Database

ALWAYS = QuietHours(clock_time(0), clock_time(0))
"""Quiet hours that never are, so that a benchmark does not depend on the time of day."""


@dataclass(slots=True)
class NullChannel(Alike):
    """A provider in this very process that takes everything at once."""

    name: str
    account: str
    seen: Seen
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(has_key=True))

    async def send(self, outbound: Outbound) -> SendResult:
        """Take a message."""
        self.seen.count()
        return Accepted(str(outbound.outbox_id))

    async def close(self) -> None:
        """Close nothing."""


@dataclass(slots=True)
class Seen:
    """How many calls there were, and when the first and last were, in seconds since the epoch."""

    calls: int = 0
    first_at: float = 0.0
    last_at: float = 0.0

    def count(self) -> None:
        """Count a call."""
        self.last_at = time.time()
        if not self.calls:
            self.first_at = self.last_at
            os.write(1, f'{{"first_at": {self.first_at}}}\n'.encode())
        self.calls += 1


def main() -> None:
    """Work until told to stop, as patiently as `zhida worker --roles plan,bulk` does."""
    os.nice(NICENESS)
    uvloop.run(_work(json.loads(sys.argv[1])))


async def _work(order: Mapping[str, Any]) -> None:
    database, hub, seen = Database(order["url"]), Hub(None), Seen()
    channels = Channels()
    if order.get("account"):
        channels.add(build_aliyun(Account(**order["account"])))
    else:
        for place in PLACES:
            channels.add(NullChannel(place.channel, place.account, seen))
    pacer = Pacer(SystemClock(), ALWAYS)
    signer = LinkSigner("https://bench.invalid", b"k" * 32)
    house = {"brand": "智达期货"}
    writer = ContentWriter(Filler(signer, house), house)
    workers: list[Coroutine[Any, Any, None]] = []
    if "plan" in order["roles"]:
        workers.append(Planner(database, channels, hub, pacer, compile_where).run())
    if "bulk" in order["roles"]:
        poster = Poster(Cipher(keys={1: b"k" * 32}, index_key=b"i" * 32))
        sender = BulkSender(database, channels, hub, writer, poster, pacer, "bench")
        workers.append(sender.run())
    calm_collector()
    await _until_told(workers)
    for one in channels:
        await one.close()
    await database.close()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    report = {
        "calls": seen.calls,
        "first_at": seen.first_at,
        "last_at": seen.last_at,
        "rss_mb": spent.ru_maxrss / 1024,
        "cpu_s": spent.ru_utime + spent.ru_stime,
    }
    os.write(1, json.dumps(report).encode() + b"\n")


async def _until_told(workers: list[Coroutine[Any, Any, None]]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tasks = [asyncio.create_task(one) for one in workers]
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
    for one in (*tasks, waiting):
        one.cancel()
    await asyncio.gather(*tasks, waiting, return_exceptions=True)
    for ended in done:
        if not ended.cancelled():
            ended.result()


if __name__ == "__main__":
    main()
