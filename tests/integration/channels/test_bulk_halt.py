"""People stop a campaign while a slice of it is being called for."""

from __future__ import annotations

import asyncio

import pytest

from channels import volley, way
from store import campaign_end
from store.engine import Database
from tests.campaign import Firm, provider, run_sql
from tests.mailing import await_state, make, sending

EVENT = """
INSERT INTO client_event
  (id, source, source_key, client_no_hash, client_id, type, figures, at, state)
VALUES (row_id(), 'test', '1', '', :client, 'risk_ratio', '{}', now(), 'new')
"""
STOP = "UPDATE campaign SET state = CAST(:state AS text), ended_at = now()"


async def halt(database: Database, monkeypatch: pytest.MonkeyPatch, state: str) -> dict[str, int]:
    """Stop a campaign after its first messages; return how many of 30 ended in which state."""
    monkeypatch.setattr(volley, "AT_ONCE", 2)
    sms = provider()
    sms.delay = 0.25
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 30)
    await firm.plan()
    async with sending(firm):
        while not sms.ledger:
            await asyncio.sleep(0.05)
        await run_sql(database, STOP, state=state)
        while not (states := await firm.read_outbox(campaign))["sms", "accepted"]:
            await asyncio.sleep(0.05)
    assert states["sms", "accepted"] == len(sms.ledger) < 20
    assert sum(states.values()) == 30
    return {name: n for (_, name), n in states.items()}


async def test_what_is_left_of_a_slice_waits_when_its_campaign_is_paused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = await halt(database, monkeypatch, "paused")
    assert states.keys() == {"accepted", "queued"}


async def test_what_is_left_of_a_slice_is_taken_back_when_its_campaign_is_cancelled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = await halt(database, monkeypatch, "cancelled")
    assert states.keys() == {"accepted", "cancelled"}


async def test_what_was_queued_as_its_campaign_was_cancelled_is_taken_back_later(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = (await halt(database, monkeypatch, "paused"))["queued"]
    await run_sql(database, STOP, state="cancelled")
    await run_sql(database, "UPDATE campaign SET ended_at = now() - interval '5 minutes'")
    async with database.transaction() as connection:
        assert await campaign_end.cancel_late(connection) == queued
        assert await campaign_end.cancel_late(connection) == 0


async def test_who_is_told_to_stop_puts_back_what_was_not_called_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volley, "AT_ONCE", 2)
    sms = provider()
    sms.delay = 0.1
    firm = Firm.open(database, sms)
    campaign, _ = await make(database, 30)
    await firm.plan()
    async with sending(firm):
        while not sms.ledger:
            await asyncio.sleep(0.02)
    states = await firm.read_outbox(campaign)
    assert states.keys() == {("sms", "accepted"), ("sms", "queued")}
    assert states["sms", "accepted"] == len(sms.ledger) < 10


async def test_a_campaign_makes_way_for_what_is_critical_and_not_for_what_is_stuck(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "MOST_SECONDS", 60.0)
    sms = provider()
    firm = Firm.open(database, sms)
    campaign, clients = await make(database, 3)
    await firm.plan()
    await run_sql(database, EVENT, client=clients[0])
    async with sending(firm):
        await asyncio.sleep(1.0)
        assert sms.ledger == []
        await run_sql(database, "UPDATE client_event SET received_at = now() - interval '2 hours'")
        await await_state(database, campaign)
    assert len(sms.ledger) == 3


async def test_pieces_stay_small_for_a_while_after_something_critical(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way, "MOST_SECONDS", 0.1)
    mine = way.Way(database)
    assert not await mine.make()
    _, clients = await make(database, 1)
    await run_sql(database, EVENT, client=clients[0])
    mine._looked_at = float("-inf")
    assert await mine.make()
    await run_sql(database, "UPDATE client_event SET state = 'handled'")
    mine._looked_at = float("-inf")
    assert await mine.make(), "The next one is expected."
    mine._taken_at -= way.NEAR_SECONDS
    assert not await mine.make()
