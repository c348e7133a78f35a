"""Embedded parts for the time of one task: those that run already, or ones started for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from service.child import Child
from service.crew import encoder_child, postgres_child
from service.journal import Journal
from service.probe import find_free_port, get_status
from service.settings import Settings
from service.supervise import Supervisor


@asynccontextmanager
async def borrow(
    settings: Settings, *, database: bool = False, encoder: bool = False
) -> AsyncIterator[Settings]:
    """Give settings under which the wanted parts answer until the end of the block.

    Raises:
        CannotStart: a part does not run, and could not be started.
    """
    crew: list[Child] = []
    if database and not settings.database_url:
        child = postgres_child(settings)
        crew += [] if await child.probe() else [child]
    wants_encoder = encoder and settings.has_own_encoder
    if wants_encoder and await get_status(settings.encoder_port, "/healthz") != 200:
        settings = replace(settings, encoder_port=find_free_port())
        crew.append(replace(encoder_child(settings), essential=True))
    async with _running(crew):
        yield settings


@asynccontextmanager
async def _running(crew: list[Child]) -> AsyncIterator[None]:
    if not crew:
        yield
        return
    journal = Journal(sys.stderr, lambda: datetime.now(UTC), level="warning")
    supervisor = Supervisor(crew, journal)
    keeping = asyncio.create_task(supervisor.run(), name="borrowed")
    ready = asyncio.create_task(supervisor.wait_ready(), name="ready")
    try:
        await asyncio.wait([keeping, ready], return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            await keeping
        yield
    finally:
        ready.cancel()
        supervisor.stop()
        await keeping
