"""Other systems are told what happened: each thing once to each, and nothing of another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from channels.live import Hub
from channels.system.follow import Follower
from kernel.happening import OUTBOX_MOVED
from kernel.message import Address
from store import audit, consent, notice, stream
from store.cipher import Cipher
from store.engine import Database
from store.undelivered import find_position
from tests.book import add_client
from tests.told import (
    ROUNDS,
    Scene,
    make_campaign,
    make_happenings,
    make_sender,
    open_scene,
)


@pytest.fixture
async def scene(database: Database, cipher: Cipher) -> AsyncIterator[Scene]:
    async with open_scene(database, cipher) as scene:
        yield scene


async def test_each_thing_is_told_once_in_its_order_and_says_no_address(scene: Scene) -> None:
    ordered = await scene.order("r-1")
    await scene.move(await scene.send(ordered), "accepted", "delivered", "read")
    assert await scene.tell() == 3
    assert scene.receiver.kinds == ["message.accepted", "message.delivered", "message.read"]
    assert await scene.tell() == 0
    assert set(await scene.states()) == {"delivered"}
    told = scene.receiver.ledger[0]
    assert (told["client_no"], told["notice_id"], told["keys"]) == ("8600", str(ordered), ["r-1"])
    assert told["message"] | {"id": ""} == {
        "id": "",
        "channel": "sms",
        "rung": "0",
        "state": "accepted",
        "reason": None,
    }
    assert scene.receiver.names == [one["id"] for one in scene.receiver.ledger]
    assert "13800000000" not in str(scene.receiver.ledger)


async def test_two_followers_and_two_senders_tell_once(scene: Scene) -> None:
    other = make_sender(scene.database, scene.cipher, "other")
    for n in range(30):
        await scene.move(await scene.send(await scene.order(f"r-{n}")), "accepted", "read")
    async with scene.database.transaction() as connection:
        await audit.seal(connection)
    follower = Follower(scene.database, Hub())
    await asyncio.gather(*(one.take_next() for one in (scene.follower, follower) * 2))
    for _ in range(ROUNDS):
        await asyncio.gather(
            *(one.send_to(scene.webhook_id) for one in (scene.sender, other, scene.sender))
        )
    await other.caller.close()
    assert len(scene.receiver.ledger) == 60
    assert len(set(scene.receiver.names)) == 60
    for n in range(30):
        mine = [one["kind"] for one in scene.receiver.ledger if one["keys"] == [f"r-{n}"]]
        assert mine == ["message.accepted", "message.read"]


async def test_another_sources_orders_are_not_told(scene: Scene) -> None:
    await scene.move(await scene.send(await scene.order("x-1", source="other")), "accepted")
    await scene.move(await scene.send(await scene.order("r-1")), "accepted")
    assert await scene.tell() == 1
    assert [one["keys"] for one in scene.receiver.ledger] == [["r-1"]]


async def test_an_order_that_went_into_anothers_notice_is_told_to_both(scene: Scene) -> None:
    await scene.add(["message.accepted"], source="system:other")
    ordered = await scene.order("r-1")
    await scene.run(
        "INSERT INTO notice_cause (source, source_key, notice_id) "
        "VALUES ('system:other', 'x-1', :notice)",
        notice=ordered,
    )
    await scene.move(await scene.send(ordered), "accepted")
    assert await scene.tell() == 2
    assert sorted(one["keys"] for one in scene.receiver.ledger) == [["r-1"], ["x-1"]]


async def test_a_digest_is_told_for_each_order_that_it_carries(scene: Scene) -> None:
    first, second = await scene.order("r-1"), await scene.order("r-2")
    await scene.run(
        "UPDATE notice SET carrier_id = :first WHERE id = :second", first=first, second=second
    )
    await scene.move(await scene.send(first), "accepted")
    assert await scene.tell() == 2
    assert {one["notice_id"] for one in scene.receiver.ledger} == {str(first), str(second)}


async def test_only_the_kinds_that_were_asked_for_and_only_from_then_on(scene: Scene) -> None:
    await scene.run("UPDATE webhook SET is_active = false")
    message = await scene.send(await scene.order("r-1"))
    await scene.move(message, "accepted")
    await scene.follow()
    later = await scene.add(["message.read"], source="system:risk")
    await scene.move(message, "delivered", "read")
    assert await scene.tell() == 1
    assert scene.receiver.kinds == ["message.read"]
    rows = await scene.run("SELECT webhook_id FROM webhook_delivery")
    assert [row.webhook_id for row in rows] == [later]


async def test_a_first_webhook_does_not_wait_for_all_that_ever_happened(scene: Scene) -> None:
    message = await scene.send(await scene.order("r-1"))
    await scene.move(message, "accepted", "delivered")
    async with scene.database.transaction() as connection:
        await audit.seal(connection)
        end = await find_position(connection)
    await scene.move(message, "read")
    async with scene.database.transaction() as connection:
        await audit.seal(connection)
        told = await stream.read_next(connection, "one", [OUTBOX_MOVED], since=end)
        assert [one.after["state"] for one in told] == ["read"]
        told = await stream.read_next(connection, "one", [OUTBOX_MOVED])
        assert [one.after["state"] for one in told] == ["accepted", "delivered", "read"]


async def test_notices_consents_campaigns_and_tickets_are_told(scene: Scene) -> None:
    ordered = await scene.order("r-1")
    async with scene.database.transaction() as connection:
        await notice.record_cancelled(connection, [ordered], "cured", actor="person:x")
        await add_client(connection, scene.cipher, "8601", places={"sms": "13800000000"})
        for n, state in enumerate(("no", "yes")):
            await consent.record(
                connection,
                Address("sms", "demo", "13800000000"),
                category="marketing",
                state=state,
                source=f"s{n}",
            )
        await consent.record(
            connection,
            Address("sms", "demo", "13900000000"),
            category="marketing",
            state="no",
            source="a stranger",
        )
    campaign = await make_campaign(scene)
    await scene.move(await scene.send(None, campaign), "accepted", "delivered")
    await make_happenings(scene, campaign)
    await scene.tell()
    told = {one["kind"]: one for one in scene.receiver.ledger}
    assert sorted(scene.receiver.kinds) == [
        "campaign.ended",
        "campaign.sent",
        "campaign_message.delivered",
        "consent.subscribed",
        "consent.unsubscribed",
        "notice.cancelled",
        "ticket.closed",
    ]
    assert told["notice.cancelled"]["notice"] == {
        "state": "cancelled",
        "how": None,
        "reason": "cured",
    }
    assert told["consent.unsubscribed"]["client_no"] == "8601"
    assert told["consent.unsubscribed"]["consent"] == {
        "channel": "sms",
        "category": "marketing",
        "state": "no",
    }
    assert told["campaign.sent"]["campaign"]["counts"] == {"accepted": 3, "rejected": 1}
    assert told["campaign.ended"]["campaign"]["state"] == "done"
    assert told["campaign_message.delivered"]["campaign"]["id"] == str(campaign)
    assert told["ticket.closed"]["ticket"]["number"] == "T-1"
    assert "1390000" not in str(scene.receiver.ledger)
