"""Workers that send a test's campaign, and waiting for what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from channels.fetched import Poster
from channels.live import Hub
from channels.resend import Resender
from store.cipher import Cipher
from store.engine import Database
from tests.campaign import Firm, add_campaign, add_client, fetch


@asynccontextmanager
async def sending(firm: Firm, *workers: str) -> AsyncIterator[None]:
    """Let workers send within the block."""
    running = [asyncio.create_task(firm.sender(name, loops=2).run()) for name in workers or ("w",)]
    try:
        yield
    finally:
        for one in running:
            one.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), ended


async def await_state(database: Database, campaign: UUID, state: str = "done") -> None:
    """Wait until a campaign has come to a state."""
    async with asyncio.timeout(20):
        while True:
            row = await fetch(database, "SELECT state FROM campaign WHERE id = :c", c=campaign)
            if row[0].state == state:
                return
            await asyncio.sleep(0.02)


async def make(database: Database, n: int, **campaign: object) -> tuple[UUID, list[UUID]]:
    """Add `n` clients who agree to everything, and a campaign to them."""
    async with database.transaction() as connection:
        clients = [await add_client(connection) for _ in range(n)]
        return await add_campaign(connection, **campaign), clients  # type: ignore[arg-type]


async def deliver_retries(firm: Firm, cipher: Cipher, campaign: UUID) -> None:
    resender = Resender(
        firm.database, cipher, firm.channels, Hub(None), firm.writer, Poster(cipher), "r"
    )
    running = asyncio.create_task(resender.run())
    async with asyncio.timeout(10):
        while (await firm.read_outbox(campaign))["sms", "queued"]:
            await asyncio.sleep(0.05)
        while (await firm.read_outbox(campaign))["sms", "sending"]:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
