"""An encoder for the time of one task: the one that runs, or one started for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from service.crew import encoder_child
from service.journal import Journal
from service.probe import find_free_port, get_status
from service.settings import Settings
from service.supervise import Supervisor


@asynccontextmanager
async def borrow_encoder(settings: Settings) -> AsyncIterator[str]:
    """Give the address of an encoder that answers until the end of the block.

    Raises:
        CannotStart: none runs, and none could be started.
    """
    running = await get_status(settings.encoder_port, "/healthz") == 200
    if running or not settings.has_own_encoder:
        yield settings.encoder_url
        return
    own = replace(settings, encoder_port=find_free_port())
    journal = Journal(sys.stderr, lambda: datetime.now(UTC), level="warning")
    supervisor = Supervisor([replace(encoder_child(own), essential=True)], journal)
    keeping = asyncio.create_task(supervisor.run(), name="encoder")
    ready = asyncio.create_task(supervisor.wait_ready(), name="ready")
    try:
        await asyncio.wait([keeping, ready], return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            await keeping
        yield own.encoder_url
    finally:
        ready.cancel()
        supervisor.stop()
        await keeping
