"""What came of each arm of a campaign on each channel, over real HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text

from kernel.ids import new_id
from store.engine import Connection
from tests.campaign import add_campaign, add_client
from tests.integration.web.marketing import Office, call, office

__all__ = ["office"]

PLACES = {"sms": 0, "email": 1}
DONE = {"sent": 0, "delivered": 0, "read": 0, "clicked": 0, "replied": 0, "unsubscribed": 0}
READ = {"sent": 1, "delivered": 1, "read": 1, "clicked": 1}


async def test_every_figure_stands_at_its_arm_and_channel(office: Office) -> None:
    async with office.database.transaction() as connection:
        campaign = await add_campaign(connection, channels=("sms", "email"), goal="event:deposit")
        await _set_up(connection, campaign)
        for arm, channel, state in (
            ("a", "sms", "accepted"),
            ("a", "sms", "delivered"),
            ("a", "sms", "rejected"),
            ("a", "email", "read"),
            ("b", "sms", "read"),
        ):
            client = await _plan(connection, campaign, arm, channel)
            message = await _send(connection, campaign, client, state)
            if state == "read":
                await connection.execute(text(_CLICK), {"id": message})
            if channel == "email":
                await connection.execute(text(_REPLY), {"client": client, "talk": new_id()})
                await connection.execute(text(_DEPOSIT), {"client": client})
            if state == "delivered":
                await connection.execute(text(_REFUSE), {"client": client})
            if state == "rejected":  # nothing was sent: what this client does proves nothing
                await connection.execute(text(_DEPOSIT), {"client": client})
        await _plan(connection, campaign, "b", "sms", state="held")
        await _plan(connection, campaign, "b", "sms", state="suppressed")
        await _plan(connection, campaign, "b", "sms", state="withheld")
    status, shown = await call(office.approver, "GET", f"/v1/campaigns/{campaign}/breakdown")
    assert (status, shown["goal"]) == (200, "event:deposit")
    assert shown["cells"] == [
        _cell("a", "email", 1, cost=0.0, replied=1, converted=1, **READ),
        _cell("a", "sms", 3, sent=2, delivered=1, unsubscribed=1),
        _cell("b", "sms", 2, held=1, **READ),
    ]
    _, results = await call(office.approver, "GET", f"/v1/campaigns/{campaign}/results")
    for name in ("sent", "delivered", "read", "clicked", "replied", "unsubscribed", "converted"):
        total = sum(one[name] for one in shown["cells"])
        assert total == results["counts"][name], name


async def test_a_click_is_no_conversion_and_what_nobody_got_has_no_cells(office: Office) -> None:
    async with office.database.transaction() as connection:
        campaign = await add_campaign(connection, goal="click")
    path = f"/v1/campaigns/{campaign}/breakdown"
    assert await call(office.marketing, "GET", path) == (200, {"goal": "click", "cells": []})
    async with office.database.transaction() as connection:
        await _set_up(connection, campaign)
        client = await _plan(connection, campaign, "a", "sms")
        await _send(connection, campaign, client, "queued")
    _, shown = await call(office.marketing, "GET", path)
    assert shown["cells"] == [_cell("a", "sms", 1, cost=0.0, converted=None)]
    assert (await call(office.agent, "GET", path))[0] == 403
    missing = f"/v1/campaigns/{new_id()}/breakdown"
    assert (await call(office.marketing, "GET", missing))[0] == 404


def _cell(
    arm: str, channel: str, planned: int, *, cost: float | None = None, **done: int | None
) -> Mapping[str, object]:
    counts = {"planned": planned, "held": 0, **DONE, "converted": 0, **done}
    counts["parts"] = counts["sent"]
    return {"arm": arm, "channel": channel, **counts, "cost": cost}


async def _set_up(connection: Connection, campaign: UUID) -> None:
    for channel, place in PLACES.items():
        await connection.execute(
            text("INSERT INTO campaign_place VALUES (:campaign, :place, :channel, 'main')"),
            {"campaign": campaign, "place": place, "channel": channel},
        )
    await connection.execute(
        text("UPDATE campaign SET started_at = now() - interval '1 hour' WHERE id = :campaign"),
        {"campaign": campaign},
    )


async def _plan(
    connection: Connection, campaign: UUID, arm: str, channel: str, *, state: str = "planned"
) -> UUID:
    client = await add_client(connection, ways={(channel, "main"): "yes"})
    await connection.execute(
        text(
            "INSERT INTO campaign_recipient "
            "(campaign_id, client_id, identity_id, place, arm, state) "
            "SELECT :campaign, client_id, id, :place, :arm, :state FROM identity "
            "WHERE client_id = :client"
        ),
        {
            "campaign": campaign, "client": client, "place": PLACES[channel],
            "arm": arm, "state": state,
        },
    )  # fmt: skip
    return client


async def _send(connection: Connection, campaign: UUID, client: UUID, state: str) -> UUID:
    message = new_id()
    await connection.execute(
        text(
            "INSERT INTO outbox (id, campaign_id, client_id, content_id, arm, channel, account, "
            "address, author_kind, state, created_at) "
            "SELECT :id, recipient.campaign_id, recipient.client_id, campaign.content_id, "
            "recipient.arm, channel, account, address, 'system', :state, "
            "now() - interval '30 minutes' "
            "FROM campaign_recipient AS recipient "
            "JOIN campaign ON campaign.id = recipient.campaign_id "
            "JOIN identity ON identity.id = recipient.identity_id "
            "WHERE recipient.campaign_id = :campaign AND recipient.client_id = :client"
        ),
        {"id": message, "campaign": campaign, "client": client, "state": state},
    )
    return message


_CLICK = """
WITH made AS (
  INSERT INTO link (id, content_id, url)
  SELECT row_id(), content_id, 'https://x/' || n FROM outbox, generate_series(1, 2) AS n
  WHERE outbox.id = :id ON CONFLICT (content_id, url) DO UPDATE SET url = EXCLUDED.url
  RETURNING id
)
INSERT INTO click (outbox_id, link_id) SELECT :id, id FROM made
"""
"""Two links of one message: one client."""
_REPLY = """
WITH talk AS (
  INSERT INTO conversation (id, identity_id, last_seq)
  SELECT :talk, id, 1 FROM identity WHERE client_id = :client RETURNING id
)
INSERT INTO message (id, conversation_id, seq, direction, author_kind, body_enc, channel, account,
  floor_epoch)
SELECT row_id(), id, 1, 'in', 'client', '', 'email', 'main', 0 FROM talk
"""
_DEPOSIT = """
INSERT INTO client_event (id, source, source_key, client_no_hash, client_id, type, at)
SELECT row_id(), 'test', CAST(id AS text), client_no_hash, id, 'deposit',
  now() - interval '10 minutes' FROM client WHERE id = :client
"""
_REFUSE = """
INSERT INTO consent (id, identity_id, category, state, source)
SELECT row_id(), id, 'marketing', 'no', 'test' FROM identity WHERE client_id = :client
"""
