"""Why a notice whose rung is due is not told yet: quiet hours, days of rest, caps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.cipher import Cipher
from store.engine import Database
from tests.tower import Tower, make_tower


@pytest.fixture
async def tower(database: Database, cipher: Cipher) -> Tower:
    return await make_tower(database, cipher)


async def test_quiet_hours_hold_normal_and_not_critical(tower: Tower) -> None:
    who = await tower.client("sms", "push")
    normal = await tower.raise_(who, "normal", category="account", content_key="deposit_settled")
    critical = await tower.raise_(who, "critical")
    midnight = _at_noon(tower.clock.at) + timedelta(hours=12)
    await tower.rows("UPDATE notice SET created_at = :at", at=midnight)
    tower.clock.at = midnight
    await tower.climb()
    assert await tower.sent(normal) == []
    assert len(await tower.sent(critical)) == 2
    row = await tower.one("SELECT due_at FROM notice WHERE id = :id", id=normal)
    assert row["due_at"] == midnight + timedelta(hours=8)
    tower.clock.advance(hours=8)
    await tower.climb()
    assert len(await tower.sent(normal)) == 1


async def test_on_days_without_trading_other_hours_are_quiet(tower: Tower) -> None:
    who = await tower.client("sms", "push")
    ahead = tower.clock.at + timedelta(days=12 - tower.clock.at.weekday())
    saturday = ahead.replace(hour=1, minute=30, second=0, microsecond=0)  # 09:30 in Shanghai
    low = await tower.raise_(who, "low", category="account", content_key="deposit_settled")
    begun = saturday - timedelta(hours=1)
    await tower.rows("UPDATE notice SET created_at = :at, due_at = :at", at=begun)
    tower.clock.at = saturday
    await tower.climb()
    row = await tower.one("SELECT due_at FROM notice WHERE id = :id", id=low)
    assert row["due_at"] == saturday + timedelta(minutes=30)
    tower.clock.advance(minutes=31)
    await tower.climb()
    assert len(await tower.sent(low)) == 1


async def test_the_cap_holds_until_tomorrow(tower: Tower) -> None:
    who = await tower.client("sms", "push")
    tower.clock.at = _at_noon(tower.clock.at)
    notices = [
        await tower.raise_(who, "normal", category="account", content_key="deposit_settled")
        for _ in range(7)
    ]
    await tower.rows("UPDATE notice SET created_at = :at", at=tower.clock.at)
    await tower.climb()
    assert len([one for one in notices if await tower.sent(one)]) == 5
    await tower.rows("UPDATE notice SET state = 'reached', due_at = NULL WHERE next_rung = 1")
    tower.clock.advance(hours=20)
    await tower.climb()
    assert len([one for one in notices if await tower.sent(one)]) == 7


def _at_noon(at: datetime) -> datetime:
    """Return noon in Shanghai on the next day."""
    return (
        (at + timedelta(days=1)).astimezone(UTC).replace(hour=4, minute=0, second=0, microsecond=0)
    )
