"""Notices climb their ladders until somebody knows: the client, or a person who calls them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from kernel.message import Refusal, Rejected
from store import conversation, proof
from store.cipher import Cipher
from store.engine import Database
from tests.tower import Tower, make_tower


@pytest.fixture
async def tower(database: Database, cipher: Cipher) -> Tower:
    return await make_tower(database, cipher)


async def test_a_critical_notice_goes_out_on_push_and_sms_at_once_then_by_voice_then_to_a_person(
    tower: Tower,
) -> None:
    who = await tower.client("push", "sms", manager="示例经理")
    one = await tower.raise_(who, "critical", topic="margin:")
    await tower.climb()
    assert await tower.sent(one) == [("push", "0", "queued"), ("sms", "0", "queued")]
    lanes = await tower.rows("SELECT DISTINCT lane FROM queue")
    assert lanes == [{"lane": "critical"}]
    await tower.deliver()
    await tower.tell(await tower.outbox(one, "sms"), "delivered")
    await tower.hear()
    assert await tower.state(one) == "in_progress"  # delivered is not known
    tower.clock.advance(minutes=4, seconds=50)
    await tower.climb()
    assert len(await tower.sent(one)) == 2
    tower.clock.advance(seconds=15)
    await tower.climb()
    assert (await tower.sent(one))[-1] == ("voice", "1", "queued")
    await tower.deliver()
    await tower.hear()
    tower.clock.advance(minutes=5, seconds=5)
    await tower.climb()
    assert await tower.state(one) == "escalated"
    task = await tower.one("SELECT * FROM task WHERE notice_id = :id", id=one)
    assert (task["state"], task["priority"], task["manager"]) == ("open", "critical", "示例经理")
    # The client opens the push late: known all the same, and nobody needs to call.
    await tower.tell(await tower.outbox(one, "push"), "read")
    await tower.hear()
    assert await tower.state(one) == "reached"
    assert (await tower.one("SELECT state, outcome FROM task"))["state"] == "cancelled"


async def test_press_1_ends_it(tower: Tower) -> None:
    who = await tower.client("sms")
    one = await tower.raise_(who, "critical")
    await tower.climb()
    await tower.deliver()
    tower.clock.advance(minutes=6)
    await tower.climb()
    await tower.deliver()
    await tower.tell(await tower.outbox(one, "voice"), "delivered")
    await tower.hear()
    assert await tower.state(one) == "in_progress"
    await tower.tell(await tower.outbox(one, "voice"), "read")
    await tower.hear()
    row = await tower.one("SELECT state, reached_how FROM notice WHERE id = :id", id=one)
    assert row == {"state": "reached", "reached_how": "press1"}


async def test_a_cure_takes_back_what_is_queued_and_stops_the_rest(tower: Tower) -> None:
    who = await tower.client("push", "sms")
    one = await tower.raise_(who, "critical", topic="margin:")
    await tower.climb()
    assert await tower.cure(who, "margin:") == [one]
    assert await tower.rows("SELECT 1 FROM queue") == []
    assert {state for *_, state in await tower.sent(one)} == {"cancelled"}
    tower.clock.advance(hours=1)
    await tower.climb()
    await tower.deliver()
    assert tower.ledgers["push"].ledger == tower.ledgers["sms"].ledger == []
    assert await tower.rows("SELECT 1 FROM task") == []


async def test_newer_figures_replace_what_is_queued_and_nothing_that_was_sent(
    tower: Tower,
) -> None:
    who = await tower.client("push", "sms", "chat")
    one = await tower.raise_(who, "critical", topic="m", vars={"shortfall": 100})
    await tower.climb()
    await tower.rows("UPDATE outbox SET state = 'accepted' WHERE channel = 'push'; ")
    await tower.rows("DELETE FROM queue USING outbox WHERE outbox_id = id AND channel = 'push'")
    same = await tower.raise_(who, "critical", topic="m", vars={"shortfall": 900})
    assert same == one
    await tower.climb()
    assert await tower.sent(one) == [
        ("push", "0", "accepted"),
        ("sms", "0", "cancelled"),
        ("sms", "0.1", "queued"),
    ]
    await tower.deliver()
    assert len(tower.ledgers["sms"].ledger) == 1
    # The next rung carries the newest figures.
    tower.clock.advance(minutes=6)
    await tower.climb()
    assert (await tower.sent(one))[-1] == ("voice", "1.1", "queued")


async def test_a_rung_that_all_providers_refuse_is_left_at_once(tower: Tower) -> None:
    who = await tower.client("push", "sms")
    for name in ("push", "sms"):
        tower.ledgers[name].script = lambda _: Rejected(Refusal.RECIPIENT, "gone")
    one = await tower.raise_(who, "critical")
    await tower.climb()
    await tower.deliver()
    await tower.hear()
    assert (await tower.sent(one))[-1] == ("voice", "1", "queued")


async def test_a_client_without_any_address_is_a_persons_task_at_once(tower: Tower) -> None:
    one = await tower.raise_(await tower.client(), "critical")
    await tower.climb()
    assert await tower.state(one) == "escalated"


async def test_high_takes_one_channel_after_the_other(tower: Tower) -> None:
    who = await tower.client("push", "sms", "email")
    one = await tower.raise_(who, "high", content_key="permission_expiring", category="service")
    await tower.climb()
    first = await tower.sent(one)
    assert len(first) == 1
    tower.clock.advance(minutes=16)
    await tower.climb()
    tower.clock.advance(minutes=16)
    await tower.climb()
    sent = await tower.sent(one)
    assert len({channel for channel, *_ in sent}) == 3
    tower.clock.advance(minutes=16)
    await tower.climb()
    assert await tower.state(one) == "unreached"
    assert await tower.rows("SELECT 1 FROM task") == []


async def test_channels_that_are_named_come_first_and_all_at_once(tower: Tower) -> None:
    who = await tower.client("push", "sms", "email")
    said = {"content_key": "permission_expiring", "category": "service"}
    one = await tower.raise_(who, "high", channels=("push", "sms"), **said)
    alone = await tower.raise_(await tower.client("email"), "high", channels=("sms",), **said)
    await tower.climb()
    assert await tower.sent(one) == [("push", "0", "queued"), ("sms", "0", "queued")]
    assert await tower.sent(alone) == [("email", "1", "queued")]  # the ladder goes on
    tower.clock.advance(minutes=16)
    await tower.climb()
    assert (await tower.sent(one))[2:] == [("email", "1", "queued")]


async def test_what_gives_no_receipts_delivers_what_it_accepts(tower: Tower) -> None:
    who = await tower.client("wechat")
    one = await tower.raise_(who, "high", content_key="permission_expiring", category="service")
    await tower.climb()
    await tower.deliver()
    await tower.hear()
    assert await tower.state(one) == "reached"


async def test_a_notice_that_is_read_in_the_app_is_known(tower: Tower) -> None:
    who = await tower.client("chat")
    one = await tower.raise_(who, "high", content_key="permission_expiring", category="service")
    await tower.climb()
    assert await tower.sent(one) == [("chat", "0", "accepted")]
    talk = (await tower.one("SELECT id FROM conversation"))["id"]
    async with tower.database.transaction() as connection:
        await conversation.record_progress(connection, talk, column="client_read_seq", seq=1)
    await tower.hear()
    row = await tower.one("SELECT state, reached_how FROM notice WHERE id = :id", id=one)
    assert row == {"state": "reached", "reached_how": "read"}


async def test_low_waits_for_more_and_goes_as_one(tower: Tower) -> None:
    who = await tower.client("chat", "email")
    async with tower.database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO consent (id, identity_id, category, state, source) "
                "SELECT row_id(), id, 'marketing', 'yes', 'test' FROM identity"
            )
        )
    tower.clock.at = _at_noon(tower.clock.at)
    notices = [
        await tower.raise_(who, "low", category="marketing", content_key="research_weekly")
        for _ in range(3)
    ]
    await tower.rows("UPDATE notice SET created_at = :at", at=tower.clock.at)
    await tower.climb()
    assert await tower.rows("SELECT 1 FROM outbox") == []
    tower.clock.advance(minutes=31)
    await tower.climb()
    sent = await tower.rows("SELECT notice_id, channel, state FROM outbox")
    assert len(sent) == 1
    assert sent[0]["channel"] == "chat"
    await tower.hear()
    await tower.rows("UPDATE notice SET due_at = now() WHERE state = 'in_progress'")
    await tower.climb()
    assert {await tower.state(one) for one in notices} == {"reached"}


async def test_low_is_called_for_like_the_others_and_not_among_campaigns(tower: Tower) -> None:
    who = await tower.client("email")
    tower.clock.at = _at_noon(tower.clock.at)
    one = await tower.raise_(who, "low", category="account", content_key="deposit_settled")
    await tower.rows("UPDATE notice SET created_at = :at", at=tower.clock.at)
    tower.clock.advance(minutes=31)
    await tower.climb()
    assert await tower.rows("SELECT DISTINCT lane FROM queue") == [{"lane": "normal"}]
    await tower.deliver()
    assert await tower.sent(one) == [("email", "0", "accepted")]


@pytest.mark.parametrize("change", ["risk_level = 'C2'", "suitability_valid_until = '2026-01-01'"])
async def test_who_is_not_suitable_any_more_is_not_sent_what_waits(
    tower: Tower, change: str
) -> None:
    who = await tower.client("email", manager="示例经理")
    await tower.rows("UPDATE client SET risk_level = 'C3'")
    yes = """INSERT INTO consent (id, identity_id, category, state, source)
      SELECT row_id(), id, 'marketing', 'yes', 'test' FROM identity"""
    await tower.rows(yes)
    one = await tower.raise_(who, "high", category="marketing", content_key="research_weekly")
    await tower.climb()
    await tower.worker.mend()
    assert await tower.sent(one) == [("email", "0", "queued")]
    await tower.rows(f"UPDATE client SET {change}")
    await tower.worker.mend()
    row = await tower.one("SELECT state, reason FROM outbox WHERE notice_id = :id", id=one)
    assert row == {"state": "cancelled", "reason": "not_suitable"}
    assert await tower.rows("SELECT 1 FROM queue") == []
    await tower.hear()
    row = await tower.one("SELECT state, reason FROM notice WHERE id = :id", id=one)
    assert row == {"state": "unreached", "reason": "not_suitable"}


async def test_marketing_without_a_yes_reaches_nobody(tower: Tower) -> None:
    who = await tower.client("chat", "email")
    tower.clock.at = _at_noon(tower.clock.at)
    one = await tower.raise_(who, "low", category="marketing", content_key="research_weekly")
    await tower.rows("UPDATE notice SET created_at = :at", at=tower.clock.at)
    tower.clock.advance(minutes=31)
    await tower.climb()
    row = await tower.one("SELECT state, reason FROM notice WHERE id = :id", id=one)
    assert row == {"state": "unreached", "reason": "no_way"}


async def test_what_is_too_late_expires_and_critical_goes_to_a_person(tower: Tower) -> None:
    who = await tower.client("sms", "push")
    by = tower.clock.at + timedelta(minutes=3)
    high = await tower.raise_(who, "high", content_key="drawdown_alert", reach_by=by)
    critical = await tower.raise_(who, "critical", reach_by=by)
    await tower.climb()
    tower.clock.advance(minutes=3)
    await tower.climb()
    assert await tower.state(high) == "expired"
    assert await tower.state(critical) == "escalated"


async def test_a_followed_link_is_known(tower: Tower) -> None:
    who = await tower.client("push", "sms")
    one = await tower.raise_(who, "critical")
    await tower.climb()
    await tower.deliver()
    sms = await tower.outbox(one, "sms")
    await tower.rows(
        "WITH made AS (INSERT INTO link (id, content_id, url) SELECT row_id(), content_id, 'x' "
        "FROM outbox WHERE id = :id RETURNING id) "
        "INSERT INTO click (outbox_id, link_id) SELECT :id, id FROM made",
        id=sms,
    )
    tower.clock.advance(minutes=6)
    await tower.climb()
    row = await tower.one("SELECT state, reached_how FROM notice WHERE id = :id", id=one)
    assert row == {"state": "reached", "reached_how": "link"}


async def test_the_proof_tells_every_step(tower: Tower) -> None:
    who = await tower.client("push", "sms")
    one = await tower.raise_(who, "critical", topic="m")
    await tower.climb()
    await tower.deliver()
    await tower.hear()
    await tower.tell(await tower.outbox(one, "push"), "read")
    await tower.hear()
    async with tower.database.transaction() as connection:
        steps = await proof.read(connection, one)
    told = [step.what for step in steps]
    assert told[0] == "raised"
    assert told.count("planned") == told.count("called") == 2
    assert told[-2:] == ["receipt", "reached"]
    planned = {step.detail["content"] for step in steps if step.what == "planned"}
    called = {step.detail["content"] for step in steps if step.what == "called"}
    assert planned == called


def _at_noon(at: datetime) -> datetime:
    """Return noon in Shanghai on the next day."""
    return (
        (at + timedelta(days=1)).astimezone(UTC).replace(hour=4, minute=0, second=0, microsecond=0)
    )
