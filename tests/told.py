"""A system that is to be told, and what happens in the house that it is told of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from sqlalchemy import text

from channels.live import Hub
from channels.system.call import Caller
from channels.system.follow import Follower
from channels.system.guard import Guard
from channels.system.send import SystemSender
from kernel.ids import new_id
from kernel.webhook import KINDS
from store import audit, notice, outcome, webhook, webhook_delivery
from store.cipher import Cipher
from store.engine import Database
from store.notice import NoticeDraft
from store.webhook import Target
from tests.book import add_client
from tests.receiver import Receiver, check_told, running_receiver

HERE = (ip_network("127.0.0.0/8"),)
ROUNDS = 20


def make_sender(database: Database, cipher: Cipher, worker: str = "test") -> SystemSender:
    return SystemSender(database, cipher, Hub(), Caller(Guard(HERE), seconds=2.0), worker)


@dataclass
class Scene:
    database: Database
    cipher: Cipher
    receiver: Receiver
    follower: Follower
    sender: SystemSender
    webhook_id: UUID

    async def run(self, statement: str, **values: object) -> Any:
        async with self.database.transaction() as connection:
            return await connection.execute(text(statement), values)

    async def order(self, key: str, *, source: str = "risk", client: str = "8600") -> UUID:
        """Raise a notice as a system orders it."""
        async with self.database.transaction() as connection:
            who = await add_client(connection, self.cipher, client)
            draft = NoticeDraft(who, "risk", "critical", f"system:{source}", key, "margin_call")
            [made] = await notice.raise_many(connection, self.cipher, [draft])
        return made

    async def send(self, notice_id: UUID | None, campaign_id: UUID | None = None) -> UUID:
        """Write a message that is being sent."""
        outbox_id = new_id()
        await self.run(
            "INSERT INTO outbox (id, notice_id, campaign_id, client_id, channel, account, address, "
            "author_kind, state, rung) SELECT :id, :notice, :campaign, id, 'sms', 'demo', "
            "'13800000000', 'system', 'sending', '0' FROM client LIMIT 1",
            id=outbox_id,
            notice=notice_id,
            campaign=campaign_id,
        )
        return outbox_id

    async def move(self, outbox_id: UUID, *states: str, code: str | None = None) -> None:
        async with self.database.transaction() as connection:
            for state in states:
                if state in {"accepted", "rejected"}:
                    await outcome.record_moved(connection, outbox_id, state, code=code)
                else:
                    await outcome.advance(connection, outbox_id, state)

    async def follow(self) -> None:
        async with self.database.transaction() as connection:
            await audit.seal(connection)
        while await self.follower.take_next():
            pass

    async def tell(self, *, hurry: bool = False) -> int:
        """Make deliveries of what happened, and call until nothing is due; return how many."""
        await self.follow()
        if hurry:
            await self.run("UPDATE webhook_delivery SET due_at = now() - interval '1 second'")
            await self.run("UPDATE throttle SET open_until = NULL")
        called = 0
        for _ in range(ROUNDS):
            async with self.database.transaction() as connection:
                due = await webhook_delivery.find_due(connection)
            now = [await self.sender.send_to(one) for one in due]
            called += sum(now)
            if not sum(now):
                break
        return called

    async def states(self) -> list[str]:
        return [
            row.state
            for row in await self.run("SELECT state FROM webhook_delivery ORDER BY position, id")
        ]

    async def add(self, kinds: Sequence[str], *, url: str = "", source: str | None = None) -> UUID:
        target = Target(url or self.receiver.url, kinds, source)
        async with self.database.transaction() as connection:
            return await webhook.add(
                connection, self.cipher, target, self.receiver.secret, actor="person:test"
            )


@asynccontextmanager
async def open_scene(database: Database, cipher: Cipher) -> AsyncIterator[Scene]:
    """Set up a webhook for everything that `risk` may hear; what it heard is as documented."""
    async with running_receiver() as receiver:
        receiver.secret = "secret-of-this-test"
        sender = make_sender(database, cipher)
        scene = Scene(database, cipher, receiver, Follower(database, Hub()), sender, new_id())
        scene.webhook_id = await scene.add(list(KINDS), source="system:risk")
        yield scene
        await sender.caller.close()
        for told in receiver.ledger:
            check_told(told)


async def make_campaign(scene: Scene) -> UUID:
    content, campaign = new_id(), new_id()
    await scene.run(
        "INSERT INTO content (id, key, version, title, category) VALUES (:id, 'k', 1, 't', 'c')",
        id=content,
    )
    await scene.run(
        "INSERT INTO campaign (id, name, content_id, expression, category, channels) "
        "VALUES (:id, '季报', :content, '{}', 'c', '{}')",
        id=campaign,
        content=content,
    )
    return campaign


async def make_happenings(scene: Scene, campaign: UUID) -> None:
    """Write what a campaign and a ticket tell at their ends; that a batch begins is not told on."""
    talk, identity, ticket = new_id(), new_id(), new_id()
    await scene.run(
        "INSERT INTO identity (id, channel, account, address) VALUES (:id, 'chat', 'app', 'x')",
        id=identity,
    )
    await scene.run(
        "INSERT INTO conversation (id, identity_id) VALUES (:id, :identity)",
        id=talk,
        identity=identity,
    )
    await scene.run(
        "INSERT INTO ticket (id, number, conversation_id, title, reason) "
        "VALUES (:id, 'T-1', :talk, 't', 'unsure')",
        id=ticket,
        talk=talk,
    )
    for verb, kind, subject, after in (
        ("campaign_sent", "campaign", campaign, '{"sending": 4, "refused": 0}'),
        ("campaign_sent", "campaign", campaign, '{"accepted": 3, "rejected": 1}'),
        ("campaign_moved", "campaign", campaign, '{"state": "running"}'),
        ("campaign_ended", "campaign", campaign, '{"state": "done"}'),
        ("ticket_moved", "ticket", ticket, '{"state": "resolved"}'),
        ("ticket_moved", "ticket", ticket, '{"state": "closed"}'),
    ):
        await scene.run(
            "INSERT INTO event (id, actor, verb, subject_kind, subject_id, after) "
            "VALUES (row_id(), 'test', :verb, :kind, :subject, CAST(:after AS jsonb))",
            verb=verb,
            kind=kind,
            subject=str(subject),
            after=after,
        )
