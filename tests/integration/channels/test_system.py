"""Other systems are told what happened: each thing to each, come what may, and no other's."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from channels.live import Hub
from channels.system.call import Caller
from channels.system.follow import Follower
from channels.system.guard import Guard
from channels.system.send import SystemSender
from kernel.happening import OUTBOX_MOVED
from kernel.ids import new_id
from kernel.message import Address
from kernel.webhook import KINDS
from store import audit, consent, notice, outcome, stream, throttle, webhook, webhook_delivery
from store.cipher import Cipher
from store.engine import Database
from store.notice import NoticeDraft
from store.undelivered import find_position
from store.webhook import Target
from tests.book import add_client
from tests.receiver import Receiver, check_told, running_receiver

HERE = (ip_network("127.0.0.0/8"),)
ROUNDS = 20

KILLED = """
import asyncio, sys
from tests.integration.channels.test_system import make_sender
from store.cipher import Cipher
from store.engine import Database
from uuid import UUID

async def main():
    database = Database(sys.argv[1])
    cipher = Cipher(keys={1: b"k" * 32}, index_key=b"i" * 32)
    await make_sender(database, cipher, "killed").send_to(UUID(sys.argv[2]))

asyncio.run(main())
"""


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


@pytest.fixture
async def scene(database: Database, cipher: Cipher) -> AsyncIterator[Scene]:
    async with running_receiver() as receiver:
        receiver.secret = "secret-of-this-test"
        sender = make_sender(database, cipher)
        scene = Scene(database, cipher, receiver, Follower(database, Hub()), sender, new_id())
        scene.webhook_id = await scene.add(list(KINDS), source="system:risk")
        yield scene
        await sender.caller.close()
        for told in receiver.ledger:
            check_told(told)


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


@pytest.mark.parametrize("status", [500, 404, 307, 429])
async def test_what_was_not_taken_is_told_again_under_the_same_name(
    scene: Scene, status: int
) -> None:
    left = [status]
    scene.receiver.script = lambda _: left.pop() if left else 200
    await scene.move(await scene.send(await scene.order("r-1")), "accepted", "read")
    assert await scene.tell() == 1, "what comes after it of the same order waits"
    assert await scene.states() == ["queued", "queued"]
    assert await scene.tell() == 0, "the pause is kept"
    assert await scene.tell(hurry=True) == 2
    assert scene.receiver.kinds == ["message.accepted", "message.read"]
    assert len(scene.receiver.calls) == 3
    assert scene.receiver.calls[0] == scene.receiver.calls[1]


async def test_a_receiver_that_was_down_hears_everything_when_it_is_back(scene: Scene) -> None:
    await scene.receiver.close()
    for n in range(40):
        await scene.move(await scene.send(await scene.order(f"r-{n}")), "accepted")
    called = await scene.tell()
    assert throttle.FAILURES <= called < 40, "its circuit has opened"
    async with scene.database.transaction() as connection:
        assert await webhook_delivery.find_due(connection) == []
        [row] = await webhook.find_all(connection)
    assert (row.waiting, row.failed, row.code) == (40, 0, "unreachable")
    assert row.open_until is not None
    await scene.receiver.open()
    await scene.tell(hurry=True)
    assert sorted(one["keys"][0] for one in scene.receiver.ledger) == sorted(
        f"r-{n}" for n in range(40)
    )


async def test_a_webhook_that_hangs_holds_up_no_other(scene: Scene) -> None:
    over = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    hung = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = hung.sockets[0].getsockname()[1]
    await scene.run("UPDATE webhook SET url = :url", url=f"http://127.0.0.1:{port}/")
    await scene.add(["message.accepted"], source="system:risk")
    await scene.move(await scene.send(await scene.order("r-1")), "accepted")
    await scene.follow()
    scene.sender.caller = Caller(Guard(HERE), seconds=20.0)
    running = asyncio.create_task(scene.sender.run())
    async with asyncio.timeout(15):
        while "delivered" not in await scene.states():
            await asyncio.sleep(0.05)
    assert sorted(await scene.states()) == ["delivered", "sending"]
    assert len(scene.receiver.ledger) == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    over.set()
    hung.close()
    await hung.wait_closed()


@pytest.mark.parametrize("point", ["webhook.before_call", "webhook.after_call"])
async def test_a_worker_killed_around_its_call_leaves_nothing_untold(
    scene: Scene, database_url: str, point: str
) -> None:
    await scene.move(await scene.send(await scene.order("r-1")), "accepted")
    await scene.follow()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        KILLED,
        database_url,
        str(scene.webhook_id),
        env={**os.environ, "ZHIDA_CRASH_AT": point, "PYTHONPATH": "."},
    )
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    assert await scene.states() == ["sending"]
    assert await scene.tell() == 0, "it may still be under way"
    assert await scene.tell(hurry=True) == 1
    assert await scene.states() == ["delivered"]
    repeats = 1 if point == "webhook.before_call" else 2
    assert len(scene.receiver.ledger) == repeats
    assert len(set(scene.receiver.names)) == 1


async def test_a_late_record_of_a_worker_taken_for_dead_changes_nothing(scene: Scene) -> None:
    await scene.move(await scene.send(await scene.order("r-1")), "accepted")
    await scene.follow()
    async with scene.database.transaction() as connection:
        [late] = await webhook_delivery.claim(
            connection, scene.cipher, scene.webhook_id, worker="slow", limit=8
        )
    await scene.run("UPDATE webhook_delivery SET due_at = now() - interval '1 second'")
    async with scene.database.transaction() as connection:
        [again] = await webhook_delivery.claim(
            connection, scene.cipher, scene.webhook_id, worker="slow", limit=8
        )
    assert (again.id, again.attempt) == (late.id, late.attempt + 1)
    for one, worker, state in (
        (late, "slow", "sending"),
        (again, "other", "sending"),
        (again, "slow", "queued"),
    ):
        result = webhook_delivery.Result(one.id, one.attempt, "timeout", 5.0)
        async with scene.database.transaction() as connection:
            await webhook_delivery.record(connection, [result], worker=worker)
        assert await scene.states() == [state]


async def test_after_a_day_it_is_given_up_and_a_person_replays_it(scene: Scene) -> None:
    scene.receiver.script = lambda _: 503
    await scene.move(await scene.send(await scene.order("r-1")), "accepted", "read")
    await scene.follow()
    await scene.run("UPDATE webhook_delivery SET began_at = now() - interval '1 day'")
    assert await scene.tell() == 2, "what was given up lets the next of its order go"
    assert await scene.states() == ["failed", "failed"]
    assert await scene.tell(hurry=True) == 0
    async with scene.database.transaction() as connection:
        failed = await webhook_delivery.find_failed(
            connection, scene.webhook_id, after=None, limit=10
        )
        assert {one.code for one in failed} == {"http_503"}
        n = await webhook_delivery.replay(
            connection, scene.webhook_id, [failed[0].id], actor="person:x"
        )
        assert n == 1
        assert await webhook_delivery.replay(connection, new_id(), None, actor="person:x") == 0
    scene.receiver.script = lambda _: 200
    await scene.tell()
    assert sorted(await scene.states()) == ["delivered", "failed"]
    async with scene.database.transaction() as connection:
        await webhook_delivery.replay(connection, scene.webhook_id, None, actor="person:x")
    await scene.tell()
    assert sorted(scene.receiver.kinds) == ["message.accepted", "message.read"]


async def test_what_is_switched_off_is_not_called_and_goes_on_later(scene: Scene) -> None:
    message = await scene.send(await scene.order("r-1"))
    await scene.move(message, "accepted")
    await scene.follow()
    target = Target(scene.receiver.url, list(KINDS), "system:risk")

    async def switch(*, is_active: bool) -> None:
        async with scene.database.transaction() as connection:
            await webhook.change(
                connection, scene.webhook_id, target, is_active=is_active, actor="person:x"
            )

    await switch(is_active=False)
    await scene.move(message, "delivered")
    assert await scene.tell(hurry=True) == 0
    await switch(is_active=True)
    await scene.move(message, "read")
    await scene.tell()
    assert scene.receiver.kinds == ["message.accepted", "message.read"]


async def test_an_address_inside_is_not_called(scene: Scene) -> None:
    guarded = SystemSender(
        scene.database, scene.cipher, Hub(), Caller(Guard(), seconds=2.0), "guarded"
    )
    await scene.run("UPDATE webhook SET url = replace(url, '127.0.0.1', 'localhost')")
    await scene.move(await scene.send(await scene.order("r-1")), "accepted")
    await scene.follow()
    assert await guarded.send_to(scene.webhook_id) == 1
    assert scene.receiver.calls == []
    rows = await scene.run("SELECT code, state FROM webhook_delivery")
    assert [tuple(row) for row in rows] == [("address_refused", "queued")]
    await guarded.caller.close()


async def test_what_was_told_long_ago_is_forgotten(scene: Scene) -> None:
    await scene.move(await scene.send(await scene.order("r-1")), "accepted", "read")
    await scene.tell()
    await scene.run(
        "UPDATE webhook_delivery SET ended_at = now() - interval '8 days' "
        "WHERE kind = 'message.accepted'"
    )
    async with scene.database.transaction() as connection:
        assert await webhook_delivery.clear(connection) == 1
    assert await scene.states() == ["delivered"]
