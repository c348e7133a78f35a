"""What a campaign itself says for the fields of its content."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.message import Json


async def find(connection: AsyncConnection, campaign_id: UUID) -> Mapping[str, Json]:
    """Return a campaign's own values; none where there is no campaign."""
    found = (await connection.execute(_VALUES, {"campaign": campaign_id})).scalar_one_or_none()
    return found or {}


async def find_of_message(connection: AsyncConnection, outbox_id: UUID) -> Mapping[str, Json]:
    """Return the own values of the campaign that a message belongs to; none where there is none."""
    found = (await connection.execute(_OF_MESSAGE, {"outbox": outbox_id})).scalar_one_or_none()
    return found or {}


_VALUES = text("SELECT campaign.values AS own FROM campaign WHERE id = :campaign").columns(
    own=JSONB
)
_OF_MESSAGE = text("""
SELECT campaign.values AS own FROM outbox JOIN campaign ON campaign.id = outbox.campaign_id
WHERE outbox.id = :outbox
""").columns(own=JSONB)
