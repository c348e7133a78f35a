"""A message on its way through the store, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kernel.message import Address, Author, Content, Inbound, InboundKind, Outbound
from store import (
    answer,
    inbox,
    outbox,
    turn,
)
from store.cipher import Cipher
from store.engine import Database

RULE = inbox.WindowRule("message", 5, timedelta(hours=48))


def said(key: str, words: str = "怎么出金", *, who: str = "openid-1") -> Inbound:
    return Inbound(
        address=Address("wechat", "demo", who),
        dedup_key=key,
        kind=InboundKind.MESSAGE,
        content=Content(text=words),
        received_at=datetime.now(UTC),
        external_id=key,
        verified_by="test",
        raw=words.encode(),
    )


async def keep(database: Database, cipher: Cipher, inbound: Inbound) -> inbox.Kept:
    async with database.once() as connection:
        return await inbox.record(connection, cipher, inbound, opens=RULE)


def draft(
    talk: UUID, *, words: str = "好的", epoch: int | None = None, state: str = "queued"
) -> outbox.Draft:
    return outbox.Draft(talk, Author.BOT, Content(text=words), floor_epoch=epoch, state=state)


async def claim(database: Database, cipher: Cipher, worker: str, talk: UUID) -> turn.Turn | None:
    async with database.transaction() as connection:
        return await turn.claim(connection, cipher, worker, talk)


async def claim_out(database: Database, cipher: Cipher) -> list[Outbound]:
    async with database.transaction() as connection:
        return await outbox.claim(connection, cipher, "w1", lane="normal", limit=10)


async def reply_to(database: Database, cipher: Cipher, mine: turn.Turn) -> answer.Answered | None:
    words = replace(draft(mine.conversation_id, epoch=mine.floor_epoch), reply_to=mine.message_id)
    async with database.once() as connection:
        return await answer.record(connection, cipher, mine, words, {"slots": {}}, language="zh")
