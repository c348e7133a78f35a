"""A crowd of generated clients for the benchmarks: nobody in it exists."""

from __future__ import annotations

from collections.abc import Sequence

from clients.tier import Tiers
from kernel.clock import SystemClock
from store import crowd
from store.crowd import PLACES, Place
from store.engine import Database


async def make_crowd(
    database: Database, n: int, *, places: Sequence[Place] = PLACES, has_tiers: bool = True
) -> None:
    """Make the generated clients number 1 to `n`, with what is missing of them.

    Each has figures, most have identities at `places` and consent to marketing, some a
    preference, and with `has_tiers` all have tiers by the rules in force. It takes a database of
    one's own, where we are superuser.
    """
    async with database.transaction() as connection:
        there = await crowd.count(connection)
    for first in range(there + 1, n + 1, crowd.CHUNK):
        last = min(n, first + crowd.CHUNK - 1)
        async with database.transaction(within=crowd.SECONDS) as connection:
            await crowd.record_crowd(connection, first=first, last=last, places=places)
    await crowd.settle(database)
    if has_tiers and there < n:
        await Tiers(database, SystemClock()).compute(actor="bench")
