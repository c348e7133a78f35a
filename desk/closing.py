"""Closes what was resolved and of which nobody has heard again.

Usual times: four days, 28 at the longest, also where the client goes on writing (Zendesk,
"About the standard Support automations", support.zendesk.com/hc/en-us/articles/4408835051546).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from channels.live import DESK, EVENT, Hub
from kernel.errors import ServiceError
from store import ticket_clock
from store.engine import Database

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 60.0
LONGEST: Final = timedelta(days=28)
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Closing:
    """Closes resolved tickets after `quiet`; several may run, each takes what is free."""

    database: Database
    hub: Hub
    quiet: timedelta

    async def run(self) -> None:
        """Look and close until cancelled."""
        while True:
            try:
                while await self.close_next() == BATCH:
                    pass
            except ServiceError as error:
                log.warning("Closing tickets waits: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def close_next(self) -> int:
        """Close the next batch and tell open desks; return how many tickets it were."""
        longest = max(self.quiet, LONGEST)
        async with self.database.transaction() as connection:
            closed = await ticket_clock.record_closed(
                connection, quiet=self.quiet, longest=longest, limit=BATCH
            )
        for conversation_id in closed:
            self.hub.publish(DESK, {"type": "moved", "conversation_id": str(conversation_id)})
        if closed:
            self.hub.publish(EVENT, once=True)
        return len(closed)
