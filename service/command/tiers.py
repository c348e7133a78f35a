"""Compute the tiers of all clients now, by the rules that hold, and print what came of it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence

from service.loan import borrow
from service.parser import make_parser
from service.settings import Settings
from service.source import load_settings

_STEPS = {
    "count": "重新统计90天 · counting the last 90 days",
    "lines": "求五等分线 · finding the fifths",
    "score": "逐户评分 · scoring everybody",
    "write": "写入变化 · writing what changed",
}


def run(words: Sequence[str]) -> int:
    """Compute, telling each step as it begins."""
    make_parser("tiers", __doc__).parse_args(words)
    asyncio.run(_compute(load_settings()))
    return 0


async def _compute(settings: Settings) -> None:
    from clients.tier import Tiers
    from kernel.clock import SystemClock
    from store.engine import Database

    begun = time.perf_counter()

    def tell(step: str) -> None:
        if step in _STEPS:
            _say(f"{time.perf_counter() - begun:6.1f} s  {_STEPS[step]}")

    async with borrow(settings, database=True) as lent:
        database = Database(lent.store_url)
        try:
            tiers = Tiers(database, SystemClock())
            titles = {one.name: one.zh for one in (await tiers.find_rules()).rules.layers}
            outcome = await tiers.compute(actor="command", tell=tell)
        finally:
            await database.close()
    _say(f"{time.perf_counter() - begun:6.1f} s  完成 · done")
    _say(f"客户 {outcome.clients} · clients；变化 {outcome.changed} · changed")
    for name, count in outcome.layers.items():
        _say(f"  {titles.get(name, name)} {name}: {count}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
