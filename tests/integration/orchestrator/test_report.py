"""What a campaign's page says of its recipients adds up to all of them, each with a reason."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.ids import new_id
from orchestrator.preview import Tariff
from orchestrator.report import report
from store import campaign, campaign_end, campaign_result
from store.campaign_result import SENT
from store.engine import Connection, Database
from store.tables.outbox import STATES
from tests.campaign import add_campaign, run_sql

PLANS = (
    *(("planned", None),) * 8,
    ("held", "quiet_hours"),
    ("suppressed", "refused"),
    ("suppressed", "expired"),
    ("suppressed", None),
    ("withheld", "hold_out"),
)
REASONS = (None, None, "busy", "paused", "recipient:43004", "unknown:timeout", "looked_up")
MOVING = {"waiting", "sending", "cancelled"}
"""Who is in a slice that is under way is `sending`, and listed with those whose turn may come."""
RECIPIENT = text("""
INSERT INTO campaign_recipient (campaign_id, client_id, state, reason, arm)
VALUES (:campaign, :client, :state, :reason, 'a')
""")
MESSAGE = text("""
INSERT INTO outbox (id, campaign_id, client_id, arm, channel, account, address, author_kind, state,
  reason)
VALUES (:id, :campaign, :client, 'a', 'sms', 'main', 'x', 'system', :state, :reason)
""")
SLICE = text("""
INSERT INTO campaign_slice (id, campaign_id, content_id, channel, account, worker, ids, client_ids,
  addresses, arms)
SELECT row_id(), :campaign, :campaign, 'sms', 'main', 'w', :ids, :clients,
  array_fill('x'::text, ARRAY[cardinality(CAST(:ids AS uuid[]))]),
  array_fill('a'::text, ARRAY[cardinality(CAST(:ids AS uuid[]))])
""")


async def make_any(connection: Connection, dice: random.Random, state: str) -> UUID:
    """Write a campaign that may have come to anything; return its id."""
    made = await add_campaign(connection, state=state)
    under_way: list[tuple[UUID, UUID]] = []
    for _ in range(80):
        client, (plan, reason) = new_id(), dice.choice(PLANS)
        row: dict[str, Any] = {"campaign": made, "client": client, "state": plan, "reason": reason}
        await connection.execute(RECIPIENT, row)
        fate = dice.random() if plan == "planned" else 1.0
        message = row | {"id": new_id(), "state": dice.choice(STATES)}
        message["reason"] = dice.choice(REASONS)
        if fate < 0.15:
            under_way.append((message["id"], client))
            message |= {"state": "sending", "reason": None}
        if 0.1 < fate < 0.7:  # some are heard of before their slice has ended
            await connection.execute(MESSAGE, message)
    ids, clients = [one for one, _ in under_way], [client for _, client in under_way]
    await connection.execute(SLICE, {"campaign": made, "ids": ids, "clients": clients})
    return made


@pytest.mark.parametrize("state", ["running", "paused", "done", "cancelled"])
@pytest.mark.parametrize("seed", range(4))
async def test_what_is_shown_adds_up_to_everybody_planned(
    database: Database, state: str, seed: int
) -> None:
    async with database.transaction() as connection:
        made = await make_any(connection, random.Random(seed), state)
        row = await campaign.find(connection, made)
        shown: Any = await report(connection, row, Tariff())
        listed = Counter({one["reason"]: 0 for one in shown["reasons"]})
        for one in shown["reasons"]:
            listed[one["reason"]] += one["count"]
        assert shown["planned"] == 80
        assert shown["counts"]["sent"] + listed.total() == 80
        assert not listed.keys() & set(SENT)
        seen: Counter[str] = Counter()
        for reason in listed:
            found = await campaign_result.find_recipients(
                connection, made, state=None, reason=reason, after=None, limit=100
            )
            seen["moving" if reason in MOVING else reason] += len(found)
    for reason in MOVING & listed.keys():
        listed["moving"] += listed.pop(reason)
    assert seen == listed
    assert all(one["zh"] != one["reason"] for one in shown["reasons"]), "no code is shown raw"
    assert state != "cancelled" or "quiet_hours" not in listed


async def test_who_was_not_sent_to_when_people_cancelled_has_that_reason(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        made = await add_campaign(connection)
        for state, reason in (("queued", None), ("queued", "unknown:timeout"), (None, None)):
            row = {"id": new_id(), "campaign": made, "client": new_id(), "reason": reason}
            plan = row | {"state": "planned", "reason": None}
            await connection.execute(RECIPIENT, plan)
            if state:
                await connection.execute(MESSAGE, row | {"state": state})
        held = {"campaign": made, "client": new_id(), "state": "held", "reason": "quiet_hours"}
        await connection.execute(RECIPIENT, held)
        queue = "INSERT INTO queue (outbox_id, lane) SELECT id, 'bulk' FROM outbox"
        await connection.execute(text(queue))
    async with database.transaction() as connection:
        await campaign.move(
            connection, await campaign.lock(connection, made), "cancelled", actor="person:x"
        )
        row_ = await campaign.find(connection, made)
        shown: Any = await report(connection, row_, Tariff())
    assert {(one["state"], one["reason"], one["count"]) for one in shown["reasons"]} == {
        ("cancelled", "cancelled", 1),
        ("failed", "outcome_unknown:cancelled", 1),
        ("planned", "cancelled", 1),
        ("held", "cancelled", 1),
    }


async def test_what_was_queued_while_people_cancelled_has_that_reason_too(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        made = await add_campaign(connection, state="cancelled")
        row = {"id": new_id(), "campaign": made, "client": new_id(), "state": "queued"}
        await connection.execute(MESSAGE, row | {"reason": "paused"})
        await connection.execute(text("INSERT INTO queue (outbox_id, lane) VALUES (:id, 'bulk')"),
                                 {"id": row["id"]})  # fmt: skip
    await run_sql(database, "UPDATE campaign SET ended_at = now()")
    async with database.transaction() as connection:
        assert await campaign_end.cancel_late(connection) == 1
        _, sent = await campaign_result.count(connection, made)
    assert [(one.state, one.reason) for one in sent] == [("cancelled", "cancelled")]
