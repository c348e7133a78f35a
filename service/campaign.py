"""Contents, audiences and campaigns, put together: what is brought in, and who serves them."""

from __future__ import annotations

import logging

from orchestrator.shipped import ship_contents
from store.engine import Database

log = logging.getLogger(__name__)


async def prepare_contents(database: Database) -> None:
    """Bring in the house's own contents; doing it again changes nothing."""
    async with database.transaction() as connection:
        count = await ship_contents(connection)
    log.info("%d contents of the house brought in", count)
