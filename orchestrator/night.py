"""What is done for all clients by itself: responses counted by day, tiers computed by night."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from clients.tier import SECONDS, Tiers
from kernel.clock import CHINA, Clock
from kernel.errors import Conflict, ServiceError
from store import book_address, response, tier, tier_run
from store.book_address import Told
from store.cipher import Cipher
from store.engine import Database

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 60.0
CHUNK: Final = 1_000
HOUR: Final = time(2, 30)
"""When the night's work begins, in China: the last night session ends at that time."""


@dataclass(frozen=True, slots=True)
class Night:
    """Keeps responses, learnt preferences and tiers up to date; several may run."""

    database: Database
    cipher: Cipher
    tiers: Tiers
    clock: Clock

    async def run(self) -> None:
        """Look every minute what is to be done, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.count_responses()
                await self.work_if_due()
            except ServiceError as error:
                log.warning("The night's work waits: %s", error)

    async def count_responses(self) -> timedelta:
        """Count what is not counted yet of clients' answers; return how much time it covers."""
        counted = timedelta()
        while True:
            async with self.database.transaction(within=SECONDS) as connection:
                await tier.prepare(connection)
                step = await response.record_next(connection)
            counted += step
            if not step:
                return counted

    async def work_if_due(self) -> bool:
        """Learn preferences and compute tiers once a night; False if it was done already."""
        async with self.database.transaction() as connection:
            last = await tier_run.find_last_end(connection)
        if not is_due(last, self.clock.now()):
            return False
        await self.work()
        return True

    async def reach_by_book(self) -> int:
        """Let clients be reached at the numbers of the book; return how many had no address.

        Their core or their file told us before an account for SMS was set up.
        """
        found: list[Told] = []
        seen = 0
        while True:
            async with self.database.transaction(within=SECONDS) as connection:
                after = found[-1].client_id if found else None
                found = await book_address.find_unreached(
                    connection, self.cipher, after=after, limit=CHUNK
                )
                await book_address.record(connection, found)
            seen += len(found)
            if len(found) < CHUNK:
                return seen

    async def work(self, actor: str = "night") -> None:
        """Do the night's work now."""
        await self.reach_by_book()
        async with self.database.transaction(within=SECONDS) as connection:
            await tier.prepare(connection)
            learnt = await response.learn(connection)
        try:
            outcome = await self.tiers.compute(actor=actor)
        except Conflict:
            return  # another worker is at it
        log.info(
            "%d preferences learnt, %d of %d tiers changed.",
            learnt,
            outcome.changed,
            outcome.clients,
        )


def is_due(last: datetime | None, now: datetime) -> bool:
    """Tell whether a night began since the last computation; one that was missed is made up."""
    local = now.astimezone(CHINA)
    begun = local.replace(hour=HOUR.hour, minute=HOUR.minute, second=0, microsecond=0)
    if begun > local:
        begun -= timedelta(days=1)
    return last is None or last < begun
