"""How long the tiers of so many clients take, from the first of them on an empty table."""

from __future__ import annotations

import time

from clients.tier import Tiers
from kernel.clock import SystemClock
from service.bench.crowd import make_crowd
from store.engine import Database


async def measure_tiers(database: Database, n: int) -> float:
    """Return the seconds that the tiers of a crowd of `n` take which has none yet.

    That is the longest: afterwards only what has changed is written. The crowd is made first.
    """
    await make_crowd(database, n, has_tiers=False)
    begun = time.perf_counter()
    await Tiers(database, SystemClock()).compute(actor="bench")
    return time.perf_counter() - begun
