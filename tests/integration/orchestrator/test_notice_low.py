"""A notice of low urgency goes out like any other: it is no message of a campaign."""

from __future__ import annotations

import asyncio

import pytest

from channels.live import Hub
from channels.resend import Resender
from store import again
from store.cipher import Cipher
from store.engine import Database
from tests.tower import Tower, make_tower


@pytest.fixture
async def tower(database: Database, cipher: Cipher) -> Tower:
    return await make_tower(database, cipher)


async def test_a_low_notice_is_delivered_and_campaigns_leave_it_alone(tower: Tower) -> None:
    who = await tower.client("sms")
    low = await tower.raise_(who, "low", category="account", content_key="deposit_settled")
    await tower.rows("UPDATE notice SET created_at = now() - interval '1 day'")
    for _ in range(48):
        await tower.climb()
        if await tower.sent(low):
            break
        tower.clock.advance(minutes=30)
    deliverer = tower.deliverer
    assert deliverer.writer is not None
    resender = Resender(
        deliverer.database, deliverer.cipher, deliverer.channels, Hub(None), deliverer.writer, "r"
    )
    assert not await resender.send_due()
    await asyncio.wait_for(tower.deliver(), 20)
    assert [(channel, state) for channel, _, state in await tower.sent(low)] == [
        ("sms", "accepted")
    ]


async def test_a_row_of_the_bulk_lane_without_a_campaign_is_nobody_s_of_campaigns(
    tower: Tower,
) -> None:
    who = await tower.client("sms")
    await tower.raise_(who, "high", category="account", content_key="deposit_settled")
    await tower.climb()
    await tower.rows("UPDATE queue SET lane = 'bulk'")
    assert len(await tower.rows("SELECT 1 FROM queue")) == 1
    async with tower.deliverer.database.once() as connection:
        assert await again.find_places(connection) == []
