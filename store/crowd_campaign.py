"""Campaigns to a generated crowd, for benchmarks and fault tests: begun at once, nobody asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import text

from kernel.ids import new_id
from store.content import ContentDraft, Variant
from store.engine import Connection

WORDS = "您好，{{ brand }}本周宏观与大宗商品周报已更新，请在 APP 查看。"
TEMPLATE = "SMS_100001"
"""Any name: the null provider does not look at it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign has come."""

    state: str
    started_at: datetime
    planned_at: datetime | None
    ended_at: datetime | None
    planned: int


async def record_campaign(
    connection: Connection,
    channels: Sequence[str],
    *,
    template: str | None = TEMPLATE,
    fields: Mapping[str, str] | None = None,
    category: str = "marketing",
    min_risk: str | None = "C2",
) -> UUID:
    """Begin a campaign to everybody with words for each of these channels; return its id."""
    content_id, campaign_id = new_id(), new_id()
    variant = Variant(body=WORDS, template=template, fields=fields or {})
    draft = ContentDraft(
        key=f"crowd-{content_id}",
        title="周报",
        category=category,
        variants={(one, "zh", "a"): variant for one in channels},
        min_risk=min_risk,
    )
    await connection.execute(
        _CONTENT,
        {
            "id": content_id,
            "key": draft.key,
            "category": category,
            "risk": min_risk,
            "seal": draft.seal(),
            "channels": list(channels),
            "body": WORDS,
            "template": template,
            "fields": orjson.dumps(dict(fields or {})).decode(),
        },
    )
    await connection.execute(
        _CAMPAIGN,
        {
            "id": campaign_id,
            "content": content_id,
            "category": category,
            "channels": list(channels),
        },
    )
    return campaign_id


async def find_progress(connection: Connection, campaign_id: UUID) -> Progress:
    """Return how far a campaign has come."""
    row = (await connection.execute(_PROGRESS, {"id": campaign_id})).one()
    return Progress(*row)


async def pause(connection: Connection, campaign_id: UUID) -> None:
    """Stop a campaign as people do, for a while."""
    await connection.execute(_PAUSE, {"id": campaign_id})


async def stop(connection: Connection, campaign_id: UUID) -> None:
    """End a campaign that has shown what it was begun for."""
    await connection.execute(_STOP, {"id": campaign_id})


async def give_numbers(connection: Connection) -> None:
    """Give everybody a mainland number of their own; nobody has it, and only the lab is called."""
    await connection.execute(_NUMBERS)


async def find_recipients(connection: Connection, n: int) -> list[tuple[UUID, UUID]]:
    """Return `n` clients who may be sent marketing, with the identity to send it to."""
    rows = await connection.execute(_RECIPIENTS, {"n": n})
    return [(row.client_id, row.identity_id) for row in rows]


async def count_states(connection: Connection, campaign_id: UUID) -> dict[str, int]:
    """Return how many messages of a campaign are in each state."""
    rows = await connection.execute(_STATES, {"id": campaign_id})
    return {row.state: row.n for row in rows}


async def find_first_call(connection: Connection, campaign_id: UUID) -> datetime:
    """Return when the first message of a campaign was about to be sent."""
    first: datetime = (await connection.execute(_FIRST, {"id": campaign_id})).scalar_one()
    return first


_CONTENT = text("""
WITH made AS (
  INSERT INTO content (id, key, version, state, title, category, min_risk, checksum)
  VALUES (:id, :key, 1, 'approved', '周报', :category, :risk, :seal)
)
INSERT INTO content_variant (content_id, channel, language, arm, body, template, fields)
SELECT :id, one, 'zh', 'a', :body, :template, CAST(:fields AS jsonb)
FROM unnest(CAST(:channels AS text[])) AS one
""")
_CAMPAIGN = text("""
INSERT INTO campaign (id, name, content_id, expression, category, channels, state, started_at)
VALUES (:id, '周报', :content, '{"kind": "profile", "field": "risk_level", "is": "known"}',
  :category, :channels, 'running', clock_timestamp())
""")
_PROGRESS = text(
    "SELECT state, started_at, planned_at, ended_at, planned FROM campaign WHERE id = :id"
)
_PAUSE = text("UPDATE campaign SET state = 'paused' WHERE id = :id")
_STOP = text("UPDATE campaign SET state = 'cancelled', ended_at = now() WHERE id = :id")
_NUMBERS = text("""
UPDATE identity SET address = '+86139' || lpad(CAST(('x' || right(CAST(id AS text), 8))::bit(32)
  ::bigint % 100000000 AS text), 8, '0') WHERE channel = 'sms'
""")
_STATES = text("SELECT state, count(*) AS n FROM outbox WHERE campaign_id = :id GROUP BY state")
_FIRST = text("SELECT min(sending_at) FROM outbox WHERE campaign_id = :id")
_RECIPIENTS = text("""
SELECT client.id AS client_id, identity.id AS identity_id FROM client
JOIN identity ON identity.client_id = client.id
WHERE identity.consents->>'marketing' = 'yes' AND client.risk_level >= 'C2'
  AND client.suitability_valid_until >= CURRENT_DATE
ORDER BY client.id LIMIT :n
""")
