"""What a system could not be told is told later: it was away, a worker died, a person asks."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from channels.live import Hub
from channels.system.call import Caller
from channels.system.guard import Guard
from channels.system.send import SystemSender
from kernel.ids import new_id
from kernel.webhook import KINDS
from store import throttle, webhook, webhook_delivery
from store.cipher import Cipher
from store.engine import Database
from store.webhook import Target
from tests.told import HERE, Scene, open_scene

KILLED = """
import asyncio, sys
from tests.told import make_sender
from store.cipher import Cipher
from store.engine import Database
from uuid import UUID

async def main():
    database = Database(sys.argv[1])
    cipher = Cipher(keys={1: b"k" * 32}, index_key=b"i" * 32)
    await make_sender(database, cipher, "killed").send_to(UUID(sys.argv[2]))

asyncio.run(main())
"""


@pytest.fixture
async def scene(database: Database, cipher: Cipher) -> AsyncIterator[Scene]:
    async with open_scene(database, cipher) as scene:
        yield scene


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
