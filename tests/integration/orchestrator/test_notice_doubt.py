"""What nobody knows the end of, what is stuck, and what is too late."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from kernel.message import Unknown
from store.cipher import Cipher
from store.engine import Database
from tests.tower import Tower, make_tower


@pytest.fixture
async def tower(database: Database, cipher: Cipher) -> Tower:
    return await make_tower(database, cipher)


async def test_what_is_in_doubt_is_sent_again_where_silence_is_worse(tower: Tower) -> None:
    who = await tower.client("sms")
    critical = await tower.raise_(who, "critical")
    high = await tower.raise_(who, "high", content_key="drawdown_alert", topic="d")
    await tower.climb()
    tower.ledgers["sms"].script = lambda _: Unknown("timeout")
    await tower.deliver()
    assert {state for one in (critical, high) for *_, state in await tower.sent(one)} == {"unknown"}
    assert await tower.worker.mend() == 0  # an answer may still be under way
    await tower.rows("UPDATE outbox SET sending_at = sending_at - interval '4 seconds'")
    assert await tower.worker.mend() == 1
    assert await tower.rows("SELECT lane FROM queue") == [{"lane": "critical"}]
    for _ in range(5):
        await tower.deliver()
        await tower.rows("UPDATE outbox SET sending_at = sending_at - interval '4 seconds'")
        await tower.worker.mend()
    tries = await tower.one(
        "SELECT count(*) AS n FROM attempt JOIN outbox ON outbox.id = outbox_id "
        "WHERE notice_id = :id",
        id=critical,
    )
    assert tries["n"] == 3


async def test_a_critical_message_passes_what_waits_in_its_conversation(tower: Tower) -> None:
    who = await tower.client("sms")
    high = await tower.raise_(who, "high", content_key="drawdown_alert", topic="d")
    await tower.climb()
    await tower.rows("UPDATE queue SET not_before = now() + interval '1 hour'")
    critical = await tower.raise_(who, "critical")
    await tower.climb()
    await tower.deliverer._round()
    await asyncio.gather(*tower.deliverer._calls)
    assert [state for *_, state in await tower.sent(critical)] == ["accepted"]
    assert [state for *_, state in await tower.sent(high)] == ["queued"]


async def test_what_is_too_late_is_not_sent(tower: Tower) -> None:
    who = await tower.client("sms")
    one = await tower.raise_(who, "critical")
    await tower.climb()
    await tower.rows("UPDATE outbox SET not_after = now() - interval '1 second'")
    await tower.deliverer._round()
    assert tower.ledgers["sms"].ledger == []
    await tower.worker.mend()
    assert await tower.sent(one) == [("sms", "0", "expired")]
    await tower.hear()
    assert (await tower.sent(one))[-1] == ("voice", "1", "queued")


async def test_what_nobody_can_read_keeps_nobody_else_waiting(tower: Tower) -> None:
    broken = await tower.raise_(await tower.client("sms"), "critical")
    whole = await tower.raise_(await tower.client("sms"), "critical")
    await tower.climb()
    await damage(tower, broken)
    await tower.deliver()
    assert [state for *_, state in await tower.sent(broken)] == ["rejected"]
    assert [state for *_, state in await tower.sent(whole)] == ["accepted"]
    said = await tower.one("SELECT reason FROM outbox WHERE notice_id = :id", id=broken)
    assert said == {"reason": "content:unwritten"}
    await damage(tower, whole)
    await tower.tell(await tower.outbox(whole, "sms"), "delivered")
    await tower.hear()
    called = await tower.one(
        "SELECT detail->>'content' AS hash FROM proof WHERE notice_id = :id AND what = 'called'",
        id=whole,
    )
    assert called == {"hash": "damaged"}
    other = await tower.raise_(await tower.client("sms"), "critical")
    await tower.climb()
    await tower.deliver()
    assert [state for *_, state in await tower.sent(other)] == ["accepted"]


async def damage(tower: Tower, notice_id: UUID) -> None:
    """Change a bit of what a notice's messages say."""
    await tower.rows(
        "UPDATE message SET body_enc = set_bit(body_enc, 200, 1 - get_bit(body_enc, 200)) "
        "FROM outbox WHERE message.id = outbox.message_id AND outbox.notice_id = :id",
        id=notice_id,
    )
