"""Runs that stand because they could not be walked: what people do about them, on the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kernel.clock import Clock
from kernel.happening import RUNS_ENDED, RUNS_RETRIED, Happening
from store import audit, journey, journey_standing
from store.cipher import Cipher
from store.engine import Connection, Database
from store.journey_standing import Key, Standing

PAGE: Final = 100
ENDED: Final = "ended by a person"
"""How a run ended that somebody took off its journey."""


@dataclass(frozen=True, slots=True)
class StandingDesk:
    """Shows those who stand, has them tried again, and takes them off; web asks who may."""

    database: Database
    cipher: Cipher
    clock: Clock

    async def find(self, journey_id: UUID) -> tuple[list[Standing], int]:
        """Return the first page of a version's runs that stand, and how many there are.

        Raises:
            NotFound: there is no such version.
        """
        async with self.database.transaction() as connection:
            await journey.find(connection, journey_id)
            rows = await journey_standing.find(connection, self.cipher, journey_id, limit=PAGE)
            return rows, await journey_standing.count(connection, journey_id)

    async def retry(self, journey_id: UUID, keys: Sequence[Key], person_id: UUID) -> int:
        """Have runs that stand walked now; return how many. Raise NotFound."""
        async with self.database.transaction() as connection:
            await journey.find(connection, journey_id)
            count = await journey_standing.retry(connection, journey_id, keys, self.clock.now())
            await _tell(connection, journey_id, RUNS_RETRIED, count, person_id)
        return count

    async def end(self, journey_id: UUID, keys: Sequence[Key], person_id: UUID) -> int:
        """End runs that stand; return how many. Raise NotFound."""
        async with self.database.transaction() as connection:
            await journey.find(connection, journey_id)
            count = await journey_standing.end(
                connection, journey_id, keys, outcome=ENDED, now=self.clock.now()
            )
            await _tell(connection, journey_id, RUNS_ENDED, count, person_id)
        return count


async def _tell(
    connection: Connection, journey_id: UUID, verb: str, count: int, person_id: UUID
) -> None:
    if count:
        told = Happening(f"person:{person_id}", verb, "journey", journey_id, after={"runs": count})
        await audit.record(connection, [told])
