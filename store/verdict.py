"""May a recipient of a campaign still get its message now? One set of conditions for all who ask.

A slice asks before the first call (store/slice.py), whoever sends again before each later one
(store/again.py), and a person who looks at what came to nothing (store/dead_letter.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection
from store.pace import Pace


@dataclass(frozen=True, slots=True)
class Terms:
    """What a campaign asks of those who get it."""

    campaign_id: UUID
    content_id: UUID
    category: str
    min_risk: str | None
    not_after: datetime | None

    def to_parameters(self, pace: Pace) -> Mapping[str, Any]:
        """Return what `JUDGED` is given."""
        return {
            "campaign": self.campaign_id,
            "content": self.content_id,
            "category": self.category,
            "min_risk": self.min_risk,
            "not_after": self.not_after,
            **pace.to_parameters(),
        }


@dataclass(frozen=True, slots=True)
class Judge:
    """A campaign's terms as they hold at this moment."""

    terms: Terms
    pace: Pace

    def to_parameters(self) -> Mapping[str, Any]:
        """Return what `JUDGED` is given."""
        return self.terms.to_parameters(self.pace)


async def find_terms(connection: Connection, campaign_id: UUID) -> Terms:
    """Return a campaign's terms."""
    return Terms(*(await connection.execute(_OF_CAMPAIGN, {"campaign": campaign_id})).one())


TERMS = """campaign.id, campaign.content_id, campaign.category, content.min_risk,
  LEAST(campaign.not_after, content.valid_until)"""
"""The columns of `campaign` joined with its `content` that `Terms` are made of."""

JUDGED = """zone AS (
  SELECT * FROM unnest(CAST(:zones AS text[]), CAST(:days AS date[]),
    CAST(:dues AS timestamptz[])) AS zone (name, today, due_at)
), judged AS (
  SELECT picked.client_id, picked.arm, identity.address, identity.language,
    COALESCE(zone.today, CAST(:today AS date)) AS today,
    CASE WHEN zone.name IS NULL THEN CAST(:due AS timestamptz) ELSE zone.due_at END AS due_at,
    CASE
    WHEN CAST(:not_after AS timestamptz) <= clock_timestamp() THEN 'expired'
    WHEN (SELECT state FROM content WHERE content.id = :content) = 'retired' THEN 'withdrawn'
    WHEN identity.client_id IS DISTINCT FROM picked.client_id THEN 'no_address'
    WHEN identity.is_blocked THEN 'blocked'
    WHEN NOT identity.is_subscribed THEN 'unsubscribed'
    WHEN CAST(:min_risk AS text) IS NOT NULL
      AND COALESCE(client.risk_level, '') < :min_risk THEN 'not_suitable'
    WHEN CAST(:min_risk AS text) IS NOT NULL AND client.suitability_valid_until
      < COALESCE(zone.today, CAST(:today AS date)) THEN 'suitability_expired'
    WHEN (SELECT sum(n) FROM contact_count WHERE contact_count.client_id = picked.client_id
      AND category = :category AND day > CAST(:cap_since AS date)) - picked.counted >= :cap
      THEN 'over_cap'
    WHEN 'no' IN (identity.consents->>'all', identity.consents->>:category) THEN 'refused'
    WHEN :category = 'marketing' AND NOT jsonb_exists(identity.consents, :category)
      THEN 'no_consent'
    END AS reason
  FROM picked JOIN client ON client.id = picked.client_id
  LEFT JOIN identity ON identity.id = picked.identity_id
  LEFT JOIN zone ON zone.name = client.timezone
)"""
"""Judges those whom a CTE `picked` names: a `reason` against them, and when their quiet hours end
if they are in them. `picked.counted` is 1 for whom the message is among the contacts already."""

COUNTED = """CASE WHEN CAST(outbox.created_at AT TIME ZONE 'Asia/Shanghai' AS date)
  > CAST(:cap_since AS date) THEN 1 ELSE 0 END"""
"""A message that is in the outbox was counted on the day of its first call, by the home's clock."""

_OF_CAMPAIGN = text(f"""
SELECT {TERMS} FROM campaign JOIN content ON content.id = campaign.content_id
WHERE campaign.id = :campaign
""")  # noqa: S608  (constants)
