"""Campaigns that begin by themselves when their time has come, and those that do not any more."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from kernel.happening import Happening
from kernel.ids import new_id
from kernel.message import Json
from store import audit
from store.campaign import MOVED, CampaignRow, find, move
from store.engine import Connection

TIMER: Final = "timer"
"""The actor of campaigns that start when their time has come."""


async def start_due(connection: Connection, now: datetime, *, limit: int = 20) -> list[CampaignRow]:
    """Set the scheduled campaigns going whose time has come; return them, locked.

    One that is past its `not_after` is cancelled instead: it was not running when it should have.
    One whose content was withdrawn is stopped: people give it another, or cancel it.
    """
    ids = list((await connection.execute(_DUE, {"now": now, "limit": limit})).scalars())
    started = []
    for campaign_id in ids:
        row = await find(connection, campaign_id)
        if row.draft.not_after is not None and row.draft.not_after <= now:
            await move(connection, row, "cancelled", actor=TIMER, note="too_late")
            continue
        if row.is_withdrawn:
            await _stop(connection, row, actor=TIMER)
            continue
        await move(connection, row, "running", actor=TIMER)
        started.append(row)
    return started


async def repeat(connection: Connection, before: CampaignRow, starts_at: datetime) -> UUID:
    """Schedule a recurring campaign's next time, with the approval of the first; return its id."""
    campaign_id = new_id()
    await connection.execute(_REPEAT, {"id": campaign_id, "before": before.id, "at": starts_at})
    told: dict[str, Json] = {"state": "scheduled", "repeat_of": str(before.id)}
    await audit.record(connection, [Happening(TIMER, MOVED, "campaign", campaign_id, after=told)])
    return campaign_id


async def stop_withdrawn(connection: Connection, content_id: UUID, *, actor: str) -> list[UUID]:
    """Stop the campaigns of a withdrawn content; return them. What runs pauses, none begins."""
    ids = list((await connection.execute(_UNDER_WAY, {"content": content_id})).scalars())
    for campaign_id in ids:
        await _stop(connection, await find(connection, campaign_id), actor=actor)
    return ids


async def _stop(connection: Connection, row: CampaignRow, *, actor: str) -> None:
    after = "paused" if row.state == "running" else "approved"
    await move(connection, row, after, actor=actor, note="withdrawn")


_DUE = text("""
SELECT campaign.id FROM campaign JOIN content ON content.id = campaign.content_id
WHERE campaign.state = 'scheduled' AND campaign.starts_at <= :now
ORDER BY campaign.starts_at, campaign.id LIMIT :limit
FOR NO KEY UPDATE OF campaign SKIP LOCKED FOR SHARE OF content SKIP LOCKED
""")
"""Who withdraws the content at this moment is waited for, or waits and then stops what began."""
_UNDER_WAY = text("""
SELECT id FROM campaign WHERE content_id = :content AND state IN ('scheduled', 'running')
ORDER BY id FOR NO KEY UPDATE
""")
_REPEAT = text("""
INSERT INTO campaign (id, name, content_id, expression, category, channels, arms, hold_out,
  schedule, per_second, goal, "values", state, author_id, approver_id, repeat_of, starts_at,
  not_after)
SELECT :id, name, content_id, expression, category, channels, arms, hold_out, schedule, per_second,
  goal, campaign.values, 'scheduled', author_id, approver_id, coalesce(repeat_of, id),
  CAST(:at AS timestamptz),
  CAST(:at AS timestamptz) + (not_after - starts_at)
FROM campaign WHERE id = :before
""")
"""A deadline moves along: as long after the start as it was the first time."""
