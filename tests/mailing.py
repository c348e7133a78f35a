"""Workers that send a test's campaign, and waiting for what comes of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from channels.contract import Capabilities
from kernel.message import Outbound, Retryable, SendResult
from store import again
from store.cipher import Cipher
from store.engine import Database
from tests.campaign import Firm, add_campaign, add_client, fetch, provider
from tests.ledger import LedgerChannel

Judge = Callable[[Outbound], SendResult]
KEYED = Capabilities(has_key=True)
SMS = ("sms", "main")


class Provider:
    """Fails every first call, then does what `later` says; counts the calls of each address."""

    def __init__(self, later: Judge, first: SendResult | None = None) -> None:
        self.later, self.first = later, first or Retryable("busy")
        self.calls: Counter[str] = Counter()
        self.channel: LedgerChannel = provider(script=self.answer)

    def answer(self, outbound: Outbound) -> SendResult:
        self.calls[outbound.address.address] += 1
        is_first = self.calls[outbound.address.address] == 1
        return self.first if is_first else self.later(outbound)


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
    running = asyncio.create_task(firm.resender(cipher).run())
    async with asyncio.timeout(10):
        while (await firm.read_outbox(campaign))["sms", "queued"]:
            await asyncio.sleep(0.05)
        while (await firm.read_outbox(campaign))["sms", "sending"]:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def fail_first(
    database: Database, sms: Provider, n: int, **columns: object
) -> tuple[Firm, UUID]:
    """Return a campaign of which everybody was called for once, in vain."""
    firm = Firm.open(database, sms.channel)
    campaign, _ = await make(database, n, **columns)
    await firm.plan()
    async with sending(firm):
        await await_state(database, campaign)
        while (await firm.read_outbox(campaign))["sms", "queued"] < n:
            await asyncio.sleep(0.02)
    return firm, campaign


@asynccontextmanager
async def resending(firm: Firm, cipher: Cipher) -> AsyncIterator[None]:
    """Let a worker send again within the block."""
    task = asyncio.create_task(firm.resender(cipher).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def await_end(firm: Firm, campaign: UUID) -> dict[str, int]:
    """Wait until nothing is under way, and return how many ended in which state."""
    async with asyncio.timeout(20):
        while True:
            states = await firm.read_outbox(campaign)
            if not states["sms", "queued"] and not states["sms", "sending"]:
                return {name: n for (_, name), n in states.items() if n}
            await asyncio.sleep(0.02)


async def claim_again(firm: Firm, cipher: Cipher, *, limit: int = 9) -> list[Outbound]:
    """Claim what is due again, as a worker does, and leave it."""
    going: list[Outbound] = []
    async with firm.database.transaction() as connection:
        for waiting in await again.find_waiting(connection):
            pace = await firm.pacer.find(connection, waiting.terms.category)
            claimed = await again.claim(connection, cipher, "r", waiting, pace, limit=limit)
            going += claimed.going
    return going
