"""How a campaign ends: everybody was called for, or people stopped it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_ENDED, Happening
from store import audit
from store.outbox import END_UNCALLED


async def finish(connection: AsyncConnection) -> list[UUID]:
    """End the campaigns of which everybody was called for or has a reason; return them.

    What is to be tried again, or unknown, is cleared up afterwards.
    """
    ended = list((await connection.execute(_FINISH)).scalars())
    told = [
        Happening(
            "bulk", CAMPAIGN_ENDED, "campaign", one,
            before={"state": "running"}, after={"state": "done"},
        )
        for one in ended
    ]  # fmt: skip
    await audit.record(connection, told)
    return ended


async def cancel_queued(connection: AsyncConnection, campaign_id: UUID) -> int:
    """Take a cancelled campaign's messages out of the queue; return how many."""
    return len((await connection.execute(_CANCEL, {"campaign": campaign_id})).all())


async def cancel_late(connection: AsyncConnection) -> int:
    """Take out what was queued at the very moment its campaign was cancelled; return how many."""
    return len((await connection.execute(_CANCEL_LATE)).all())


async def find_state(connection: AsyncConnection, campaign_id: UUID) -> str:
    """Return the state of a campaign."""
    state: str = (await connection.execute(_STATE, {"campaign": campaign_id})).scalar_one()
    return state


_FINISH = text("""
UPDATE campaign SET state = 'done', ended_at = now()
WHERE state = 'running' AND planned_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM campaign_share AS share
    WHERE share.campaign_id = campaign.id AND share.state = 'open')
  AND NOT EXISTS (SELECT 1 FROM campaign_recipient AS held
    WHERE held.campaign_id = campaign.id AND held.state = 'held')
  AND NOT EXISTS (SELECT 1 FROM outbox
    WHERE outbox.state = 'sending' AND outbox.campaign_id = campaign.id)
  AND NOT EXISTS (SELECT 1 FROM campaign_slice AS slice WHERE slice.campaign_id = campaign.id)
RETURNING id
""")

_STATE = text("SELECT state FROM campaign WHERE id = :campaign")

_TAKE_BACK = f"""
WITH gone AS (
  DELETE FROM queue USING outbox{{tables}} WHERE outbox.id = queue.outbox_id
    AND {{condition}} AND outbox.state = 'queued' AND queue.lease_until IS NULL
  RETURNING outbox_id
)
UPDATE outbox SET {END_UNCALLED.format(state="'cancelled'", reason="'cancelled'")} FROM gone
WHERE outbox.id = gone.outbox_id RETURNING outbox.id
"""  # noqa: S608  (constants)
_CANCEL = text(_TAKE_BACK.format(tables="", condition="outbox.campaign_id = :campaign"))
_CANCEL_LATE = text(
    _TAKE_BACK.format(
        tables=", campaign",
        condition="queue.lane = 'bulk' AND campaign.id = outbox.campaign_id "
        "AND campaign.state = 'cancelled'",
    )
)
