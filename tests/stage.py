"""The middle of the house on a real database, with ledgers where the outside would be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from channels.chat.channel import ChatChannel
from channels.contract import Channels
from channels.deliver import Deliverer
from channels.live import Hub
from channels.passive import PassiveLines
from channels.receive import Receiver
from conversations.reply import Replier
from conversations.turn import TurnWorker
from store import conversation
from store.cipher import Cipher
from store.conversation import Said
from store.engine import Database
from tests.ledger import LedgerAssistant, LedgerChannel


@dataclass
class Stage:
    database: Database
    cipher: Cipher
    hub: Hub
    receiver: Receiver
    deliverer: Deliverer
    worker: TurnWorker
    lines: PassiveLines
    channel: LedgerChannel
    assistant: LedgerAssistant

    async def transcript(self, talk: UUID) -> list[Said]:
        async with self.database.transaction() as connection:
            return await conversation.read_transcript(connection, self.cipher, talk)

    async def until(self, talk: UUID, count: int, state: str | None = None) -> list[Said]:
        async with asyncio.timeout(20):
            while True:
                page = await self.transcript(talk)
                if len(page) >= count and (state is None or page[-1].state == state):
                    return page
                await asyncio.sleep(0.02)


def make_stage(database: Database, cipher: Cipher, *, settle: float = 15.0) -> Stage:
    hub, channels, lines = Hub(), Channels(), PassiveLines()
    channel, assistant = LedgerChannel(), LedgerAssistant()
    channels.add(channel)
    channels.add(ChatChannel())
    replier = Replier(assistant, "智达")
    return Stage(
        database,
        cipher,
        hub,
        Receiver(database, cipher, channels, hub),
        Deliverer(database, cipher, channels, hub, "test", settle=settle),
        TurnWorker(database, cipher, channels, hub, lines, replier, "test"),
        lines,
        channel,
        assistant,
    )


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[Stage]:
    tasks = [asyncio.create_task(one.run()) for one in (stage.worker, stage.deliverer)]
    try:
        yield stage
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
