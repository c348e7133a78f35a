"""What a provider tells of a message later, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.message import Receipt
from store import outbox, outcome, receipt, stream
from store.cipher import Cipher
from store.engine import Database
from tests.integration.store.path import claim_out, draft, keep
from tests.ledger import said
from tests.stage import Stage, make_stage, running

WORD = Receipt("wechat", "demo", "provider-id", "failed", "e1", datetime.now(UTC), "user block")


@pytest.fixture
async def stage(database: Database, cipher: Cipher) -> AsyncIterator[Stage]:
    async with running(make_stage(database, cipher)) as stage:
        yield stage


async def hear(stage: Stage, word: Receipt) -> bool:
    async with stage.database.transaction() as connection:
        return await receipt.record(connection, word)


async def state_of(stage: Stage, talk: UUID) -> str | None:
    return (await stage.transcript(talk))[-1].state


async def test_receipts_move_a_message_forward_only(stage: Stage) -> None:
    talk = (await stage.receiver.receive(said("a"))).conversation_id
    await stage.until(talk, 2, "accepted")
    assert await hear(stage, WORD)
    assert await state_of(stage, talk) == "failed"
    assert await hear(stage, replace(WORD, event_id="e2", status="delivered"))
    assert await state_of(stage, talk) == "delivered"
    assert await hear(stage, replace(WORD, event_id="e3"))
    assert await state_of(stage, talk) == "delivered"


async def test_repeated_receipt_is_kept_once(stage: Stage) -> None:
    talk = (await stage.receiver.receive(said("a"))).conversation_id
    await stage.until(talk, 2, "accepted")
    assert [await hear(stage, WORD), await hear(stage, WORD)] == [True, False]
    async with stage.database.transaction() as connection:
        told = await stream.read_next(connection, "test", ["outbox_moved"])
    assert len([one for one in told if one.after["state"] == "failed"]) <= 1


async def test_receipt_of_an_unknown_message_is_kept_and_moves_nothing(stage: Stage) -> None:
    talk = (await stage.receiver.receive(said("a"))).conversation_id
    await stage.until(talk, 2, "accepted")
    assert await hear(stage, replace(WORD, provider_id="another"))
    assert await hear(stage, replace(WORD, account="other", event_id="e9"))
    assert await state_of(stage, talk) == "accepted"


async def test_receipt_that_beats_the_providers_answer_is_applied_afterwards(
    stage: Stage,
) -> None:
    assert await hear(stage, replace(WORD, event_id="e1", status="delivered"))
    talk = (await stage.receiver.receive(said("a"))).conversation_id
    await stage.until(talk, 2, "delivered")


async def test_receipt_that_crosses_the_recording_of_the_answer_is_applied_by_the_sweep(
    database: Database, cipher: Cipher
) -> None:
    stage = make_stage(database, cipher)
    talk = (await keep(database, cipher, said("a"))).conversation_id
    async with database.transaction() as connection:
        await outbox.post(connection, cipher, draft(talk))
    [sent] = await claim_out(database, cipher)
    async with database.transaction() as answering:
        await outcome.record_moved(answering, sent.outbox_id, "accepted", provider_id="provider-id")
        assert await hear(stage, replace(WORD, status="delivered"))  # sees no such message yet
    assert await state_of(stage, talk) == "accepted"
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE receipt SET received_at = now() - interval '2 s'"))
    await stage.deliverer._sweeper.sweep()
    assert await state_of(stage, talk) == "delivered"
