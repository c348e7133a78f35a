"""One look for all workers: it names what can be begun with, and wakes who sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from channels.live import SEALED, Hub
from channels.lookout import Lookout
from channels.receive import Receiver
from kernel.message import Author, Content
from store import audit, outbox
from store.cipher import Cipher
from store.due import find_due
from store.engine import Database
from store.outbox import Draft
from tests.ledger import said
from tests.stage import make_stage, running

ONE = "'00000000-0000-7000-8000-000000000001'"
CLIENT = f"INSERT INTO client (id, client_no_hash, client_no_enc) VALUES ({ONE}, '1', '1')"
CONTENT = f"""INSERT INTO content (id, key, version, title, category)
VALUES ({ONE}, 'k', 1, 't', 'c')"""
CAMPAIGN = f"""INSERT INTO campaign (id, name, content_id, expression, category, channels, state,
  starts_at) VALUES ({ONE}, 'n', {ONE}, '{{}}', 'c', '{{}}', '%s', now() + interval '%s')"""
JOURNEY = f"""INSERT INTO journey (id, key, version, title, definition)
VALUES ({ONE}, 'k', 1, 't', '')"""
RUN = f"""INSERT INTO journey_run (journey_id, client_id, entry_key, step, state, due_at)
VALUES ({ONE}, {ONE}, 'k', 's', '%s', now() + interval '%s')"""
NOTICE = f"""INSERT INTO notice (id, client_id, category, urgency, source, source_key, due_at)
VALUES ({ONE}, {ONE}, 'c', 'low', 's', 'k', now() + interval '%s')"""
INBOX = """INSERT INTO inbox (id, channel, account, dedup_key, kind, verified_by, state, due_at)
VALUES (row_id(), 'wechat', 'demo', 'k', 'text', 'test', '%s', now() + interval '%s')"""
OUTBOX = f"""INSERT INTO outbox (id, channel, account, address, author_kind)
VALUES ({ONE}, 'sms', 'demo', '1', 'system')"""
QUEUE = f"""INSERT INTO queue (outbox_id, not_before, lease_until)
VALUES ({ONE}, now() + interval '%s', %s)"""
PARKED = """INSERT INTO receipt (channel, account, provider_id, provider_event_id, status, rank, at)
VALUES ('sms', 'demo', 'p', 'e', 'delivered', 3, now())"""
STATE = "UPDATE outbox SET state = '%s'"
EVENT = """INSERT INTO event (id, actor, verb, subject_kind, subject_id, position)
VALUES (row_id(), 'a', 'v', 'k', 'i', %s)"""
REPORT = f"""INSERT INTO client_event (id, client_id, client_no_hash, type, source, source_key, at,
  state) VALUES ({ONE}, {ONE}, '1', 'login', 's', 'k', now(), '%s')"""
STAFF = """INSERT INTO staff_notice (id, account, topic, source_key, text)
VALUES (row_id(), 'a', 't', 'k', 'x')"""
WEBHOOK = f"""INSERT INTO webhook (id, url, kinds, secret_enc, since, is_active)
VALUES ({ONE}, 'u', '{{}}', '', 0, %s)"""
DELIVERY = f"""INSERT INTO webhook_delivery (id, webhook_id, event_id, position, kind, subject_id,
  body, state, due_at) VALUES ({ONE}, {ONE}, {ONE}, 1, 'k', {ONE}, '{{}}', '%s',
  now() + interval '%s')"""
CIRCUIT = f"""INSERT INTO throttle (channel, account, per_second, open_until)
VALUES ('webhook', {ONE}, 1, now() + interval '1h')"""

WAITS = [
    ("turn", [INBOX % ("new", "-1s")]),
    ("deliver open", [OUTBOX, QUEUE % ("-1s", "NULL")]),
    ("open", [OUTBOX, QUEUE % ("1h", "NULL")]),
    ("open", [OUTBOX, QUEUE % ("-1s", "now() + interval '1h'")]),
    ("open", [OUTBOX, STATE % "sending"]),
    ("open", [OUTBOX, STATE % "unknown"]),
    ("open", [PARKED]),
    ("event", [EVENT % "NULL"]),
    ("client_event", [CLIENT, REPORT % "new"]),
    ("campaign", [CONTENT, CAMPAIGN % ("running", "1h")]),
    ("campaign", [CONTENT, CAMPAIGN % ("scheduled", "-1s")]),
    ("journey", [CLIENT, JOURNEY, RUN % ("waiting", "-1s")]),
    ("notice", [CLIENT, NOTICE % "-1s"]),
    ("staff", [STAFF]),
    ("webhook", [WEBHOOK % "true", DELIVERY % ("queued", "-1s")]),
    ("webhook", [WEBHOOK % "true", DELIVERY % ("sending", "-1s")]),
]
RESTS = [
    [INBOX % ("new", "1h")],
    [INBOX % ("done", "-1s")],
    [OUTBOX, STATE % "accepted"],
    [EVENT % "1"],
    [CLIENT, REPORT % "handled"],
    [CONTENT, CAMPAIGN % ("scheduled", "1h")],
    [CONTENT, CAMPAIGN % ("paused", "-1s")],
    [CLIENT, JOURNEY, RUN % ("waiting", "1h")],
    [CLIENT, JOURNEY, RUN % ("ended", "-1s")],
    [CLIENT, NOTICE % "1h"],
    [WEBHOOK % "true", DELIVERY % ("queued", "1h")],
    [WEBHOOK % "true", DELIVERY % ("failed", "-1s")],
    [WEBHOOK % "false", DELIVERY % ("queued", "-1s")],
    [WEBHOOK % "true", DELIVERY % ("queued", "-1s"), CIRCUIT],
]


async def look(database: Database, rows: Sequence[str]) -> frozenset[str]:
    async with database.transaction() as connection:
        for row in rows:
            await connection.execute(text(row))
    async with database.once() as connection:
        return (await find_due(connection)).kinds


@pytest.mark.parametrize(("kinds", "rows"), WAITS)
async def test_what_can_be_begun_with_is_named(
    database: Database, kinds: str, rows: Sequence[str]
) -> None:
    assert await look(database, rows) == set(kinds.split())


@pytest.mark.parametrize("rows", RESTS)
async def test_what_must_wait_is_not(database: Database, rows: Sequence[str]) -> None:
    assert await look(database, rows) == set()


async def test_a_worker_who_sleeps_is_woken_for_what_another_machine_took_in(
    database: Database, cipher: Cipher
) -> None:
    stage = make_stage(database, cipher)
    elsewhere = Receiver(database, cipher, stage.receiver.channels, Hub())
    stage.hub.watch(60)
    async with running(stage), asyncio.timeout(10):
        await asyncio.sleep(0.2)  # both workers have looked, and sleep
        talk = (await elsewhere.receive(said("你好"))).conversation_id
        lookout = Lookout(database, stage.hub)
        while len(await stage.transcript(talk)) < 2:
            await lookout.look()
            await asyncio.sleep(0.05)


async def test_the_next_of_a_conversation_leaves_when_its_turn_has_come(
    database: Database, cipher: Cipher
) -> None:
    """Nobody rings, and nobody looks: the end of the first call is what it waited for."""
    stage = make_stage(database, cipher)
    talk = (await stage.receiver.receive(said("你好"))).conversation_id
    async with database.transaction() as connection:
        for words in ("一", "二", "三"):
            await outbox.post(connection, cipher, Draft(talk, Author.BOT, Content(text=words)))
    stage.hub.watch(60)
    deliverer = asyncio.create_task(stage.deliverer.run())
    try:
        async with asyncio.timeout(10):
            while len(stage.channel.ledger) < 3:
                await asyncio.sleep(0.02)
    finally:
        deliverer.cancel()
        await asyncio.gather(deliverer, return_exceptions=True)
    assert stage.channel.texts == ["一", "二", "三"]


async def test_readers_are_woken_once_for_what_was_sealed(database: Database) -> None:
    hub, told = Hub(), []
    hub.listen(SEALED, lambda topic, _: told.append(topic))
    lookout = Lookout(database, hub)
    await look(database, [EVENT % "NULL"])
    await lookout.look()
    assert not told
    async with database.transaction() as connection:
        await audit.seal(connection)
    await lookout.look()
    await lookout.look()
    assert told == [SEALED]
