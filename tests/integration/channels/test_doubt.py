"""What becomes of a push or a call whose outcome nobody knows: once on the phone, never twice."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.message import Address, Author, Content
from store import conversation, outbox
from store.cipher import Cipher
from store.engine import Database
from store.outbox import Draft
from tests.push import REGISTRATION, jpush_account, running_push_door, running_push_lab
from tests.stage import Stage, make_stage, running
from tests.voice import NUMBER, running_voice_door, running_voice_lab
from tests.wechat import free_port


async def send(stage: Stage, address: Address) -> UUID:
    async with stage.database.transaction() as connection:
        talk = await conversation.open_for(connection, address)
        draft = Draft(talk.id, Author.SYSTEM, Content(text="您好"))
        return (await outbox.post(connection, stage.cipher, draft)).outbox_id


async def until(stage: Stage, outbox_id: UUID, *states: str) -> None:
    async with asyncio.timeout(30):
        while True:
            async with stage.database.transaction() as connection:
                row = await connection.execute(
                    text("SELECT state FROM outbox WHERE id = :id"), {"id": outbox_id}
                )
                if row.scalar_one() in states:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("mode", ["reset_after", "http_500_after", "half", "html_200"])
async def test_push_in_doubt_is_sent_again_under_the_same_cid(
    database: Database, cipher: Cipher, mode: str
) -> None:
    stage = make_stage(database, cipher, settle=0.3)
    async with (
        running_push_lab() as lab,
        running_push_door(stage, jpush_account(lab.api)),
        running(stage),
    ):
        await lab.fault(mode, times=1)
        outbox_id = await send(stage, Address("push", "jpush", REGISTRATION))
        await until(stage, outbox_id, "accepted")
        assert [one["outbox"] for one in lab.ledger] == [str(outbox_id)]


async def test_doubt_outlives_a_call_that_provably_did_nothing(
    database: Database, cipher: Cipher
) -> None:
    """The first call arrived and its answer did not; the second was too many at once."""
    stage = make_stage(database, cipher, settle=0.3)
    async with (
        running_push_lab() as lab,
        running_push_door(stage, jpush_account(lab.api)),
        running(stage),
    ):
        await lab.fault("reset_after", times=1, target="jpush.push")
        await lab.fault("http_429", times=1, target="jpush.push")
        outbox_id = await send(stage, Address("push", "jpush", REGISTRATION))
        await until(stage, outbox_id, "accepted")
        assert [one["outbox"] for one in lab.ledger] == [str(outbox_id)]
        async with stage.database.transaction() as connection:
            row = await connection.execute(
                text("SELECT count(*) FROM event WHERE after ->> 'code' = 'unknown:http_429'")
            )
            assert row.scalar_one() == 1


async def test_call_in_doubt_is_settled_by_its_own_reports(
    database: Database, cipher: Cipher
) -> None:
    port = free_port()
    stage = make_stage(database, cipher)
    async with (
        running_voice_lab(f"http://127.0.0.1:{port}") as lab,
        running_voice_door(stage, port=port, api=f"{lab.url}/twilio-api"),
        running(stage),
    ):
        await lab.fault("reset_after", times=1)
        await lab.habit("confirm")
        outbox_id = await send(stage, Address("voice", "demo", NUMBER))
        await until(stage, outbox_id, "read")
        assert [one["outbox"] for one in lab.ledger] == [str(outbox_id)]
