"""A ladder on a real database, with ledgers where the providers would be, and a clock to turn."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from channels.chat.channel import ChatChannel
from channels.contract import Capabilities, Channels
from channels.deliver import Deliverer
from channels.live import Hub
from kernel.clock import FakeClock
from kernel.ids import new_id
from kernel.message import Accepted, Outbound, Receipt
from orchestrator.ladder import Ladder
from orchestrator.notice import NoticeWorker
from orchestrator.shipped import ship_contents
from store import audit, notice, receipt
from store.cipher import Cipher
from store.engine import Database
from store.notice import NoticeDraft
from tests.book import add_client
from tests.ledger import LedgerChannel

CAN: Mapping[str, Capabilities] = {
    "push": Capabilities(
        takes_free_text=False, has_key=True, notice="generic_only", receipts=frozenset({"read"})
    ),
    "sms": Capabilities(takes_free_text=False, receipts=frozenset({"delivered", "failed"})),
    "voice": Capabilities(takes_replies=False, receipts=frozenset({"delivered", "read"})),
    "wechat": Capabilities(has_windows=True, reserve=1),
    "email": Capabilities(receipts=frozenset({"failed"})),
}


@dataclass
class Tower:
    database: Database
    cipher: Cipher
    hub: Hub
    channels: Channels
    ledgers: dict[str, LedgerChannel]
    ladder: Ladder
    worker: NoticeWorker
    deliverer: Deliverer
    clock: FakeClock
    _numbers: int = 0

    async def client(self, *channels: str, **more: str) -> UUID:
        """Add a client who is reached on these channels."""
        self._numbers += 1
        places = {one: f"{one}-address-{self._numbers:05}" for one in channels}
        async with self.database.transaction() as connection:
            return await add_client(
                connection, self.cipher, f"9{self._numbers:05}", places=places, **more
            )

    async def raise_(self, client_id: UUID, urgency: str, **more: Any) -> UUID:
        draft = NoticeDraft(
            client_id,
            more.pop("category", "risk"),
            urgency,
            "test",
            more.pop("source_key", str(new_id())),
            more.pop("content_key", "margin_call"),
            **more,
        )
        async with self.database.transaction() as connection:
            [made] = await notice.raise_many(connection, self.cipher, [draft])
        return made

    async def cure(self, client_id: UUID, topic: str) -> list[UUID]:
        async with self.database.transaction() as connection:
            return await notice.cancel_topic(connection, [client_id], topic, "cured")

    async def climb(self, *urgencies: str) -> None:
        """Look until nothing is due; what was raised just now is, by the database's clock."""
        self.clock.at = max(self.clock.at, datetime.now(UTC) + timedelta(seconds=1))
        for urgency in urgencies or notice.URGENCIES:
            while await self.ladder.climb(urgency):
                pass

    async def deliver(self) -> None:
        """Send all that is queued, and wait until it is recorded."""
        while await self.rows("SELECT 1 FROM queue WHERE lease_until IS NULL"):
            await self.deliverer._round()
            await asyncio.gather(*self.deliverer._calls)

    async def hear(self) -> None:
        """Seal what happened, take it into the notices, and look at them."""
        async with self.database.transaction() as connection:
            while await audit.seal(connection):
                pass
        await self.worker.hear_next()
        await self.climb()

    async def tell(self, outbox_id: UUID, status: str) -> None:
        """Let the provider say what became of a message."""
        row = await self.one("SELECT channel, account FROM outbox WHERE id = :id", id=outbox_id)
        told = Receipt(
            row["channel"], row["account"], str(outbox_id), status, str(new_id()),
            datetime.now(UTC), outbox_id=outbox_id,
        )  # fmt: skip
        async with self.database.transaction() as connection:
            await receipt.record(connection, told)

    async def rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        async with self.database.transaction() as connection:
            found = await connection.execute(text(statement), parameters)
            return [dict(row) for row in found.mappings()] if found.returns_rows else []

    async def one(self, statement: str, **parameters: object) -> dict[str, Any]:
        [row] = await self.rows(statement, **parameters)
        return row

    async def state(self, notice_id: UUID) -> str:
        row = await self.one("SELECT state FROM notice WHERE id = :id", id=notice_id)
        return str(row["state"])

    async def sent(self, notice_id: UUID) -> list[tuple[str, str, str]]:
        """Return channel, rung and state of each message of a notice, in order."""
        rows = await self.rows(
            "SELECT channel, rung, state FROM outbox WHERE notice_id = :id "
            "ORDER BY created_at, channel, rung",
            id=notice_id,
        )
        return [(row["channel"], row["rung"], row["state"]) for row in rows]

    async def outbox(self, notice_id: UUID, channel: str) -> UUID:
        row = await self.one(
            "SELECT id FROM outbox WHERE notice_id = :id AND channel = :channel "
            "ORDER BY created_at DESC LIMIT 1",
            id=notice_id,
            channel=channel,
        )
        return UUID(str(row["id"]))


def _accept(outbound: Outbound) -> Accepted:
    return Accepted(str(outbound.outbox_id))


async def make_tower(
    database: Database, cipher: Cipher, *, channels: Sequence[str] = tuple(CAN)
) -> Tower:
    hub, book, ledgers = Hub(), Channels(), {}
    for name in channels:
        ledgers[name] = LedgerChannel(name, "demo", CAN[name], script=_accept)
        book.add(ledgers[name])
    book.add(ChatChannel("demo"))
    clock = FakeClock(datetime.now(UTC) + timedelta(seconds=1))
    ladder = Ladder(database, cipher, book, hub, clock=clock)
    worker = NoticeWorker(ladder, database, cipher, hub)
    deliverer = Deliverer(database, cipher, book, hub, "test")
    async with database.transaction() as connection:
        await ship_contents(connection)
    return Tower(database, cipher, hub, book, ledgers, ladder, worker, deliverer, clock)
