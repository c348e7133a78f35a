"""What came of a campaign, counted from its recipients, messages, clicks and what clients did."""

# ruff: noqa: S608 - what is put together here are constants; every value is bound.
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from store.engine import Connection

SENT: Final = ("accepted", "delivered", "read")
"""The states of messages that a provider took."""
ANSWER_DAYS: Final = 7
"""For how long after a message a client's word counts as a reply to it."""
GOAL_DAYS: Final = 30
"""For how long after the start of a campaign what a client does counts for its goal."""
HELD_OUT: Final = "hold_out"


@dataclass(frozen=True, slots=True)
class Planned:
    """How many recipients are in a state, for a reason or for none."""

    state: str
    reason: str | None
    n: int


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages of an arm on a channel are in a state, for a reason or for none.

    `parts` are what they take as SMS.
    """

    channel: str
    arm: str | None
    state: str
    reason: str | None
    n: int
    parts: int


@dataclass(frozen=True, slots=True)
class Group:
    """An arm, or the hold-out: its clients, and how many did what the goal is."""

    name: str
    n: int
    hits: int


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One recipient and why they were, or were not, sent to."""

    client_id: UUID
    state: str
    arm: str | None
    channel: str | None
    message_state: str | None
    reason: str | None
    due_at: datetime | None


async def count(connection: Connection, campaign_id: UUID) -> tuple[list[Planned], list[Sent]]:
    """Return the plan's recipients and their messages as they are at one moment.

    Whatever did not go well or not yet has a reason.
    """
    rows = (await connection.execute(_COUNT, {"campaign": campaign_id})).all()
    planned = [Planned(row.state, row.reason, row.n) for row in rows if row.channel is None]
    return planned, [
        Sent(row.channel, row.arm, row.state, row.reason, row.n, row.parts)
        for row in rows
        if row.channel
    ]


async def count_answers(connection: Connection, campaign_id: UUID) -> dict[str, int]:
    """Return how many followed a link, replied within days, and wanted no more of it."""
    parameters = {"campaign": campaign_id, "days": ANSWER_DAYS}
    row = (await connection.execute(_ANSWERS, parameters)).one()
    return {"clicked": row.clicked, "replied": row.replied, "unsubscribed": row.unsubscribed}


async def find_groups(connection: Connection, campaign_id: UUID, goal: str) -> list[Group]:
    """Return each arm with how many reached the goal: `click`, `reply`, or `event:<type>`.

    Of an event the hold-out is a group too: what clients do whom nobody wrote to.
    """
    parameters: dict[str, object] = {"campaign": campaign_id}
    if goal == "click":
        statement = _CLICK_GROUPS
    elif goal == "reply":
        statement, parameters["days"] = _REPLY_GROUPS, ANSWER_DAYS
    else:
        statement, parameters["days"] = _EVENT_GROUPS, GOAL_DAYS
        parameters["type"] = goal.removeprefix("event:")
    return [Group(*row) for row in await connection.execute(statement, parameters)]


async def find_recipients(
    connection: Connection,
    campaign_id: UUID,
    *,
    state: str | None,
    reason: str | None,
    after: UUID | None,
    limit: int = 50,
) -> list[RecipientRow]:
    """Return a page of recipients in the order of their ids, after one of them."""
    parameters = {
        "campaign": campaign_id,
        "state": state,
        "reason": reason,
        "after": after or UUID(int=0),
        "limit": limit,
    }
    rows = await connection.execute(_RECIPIENTS, parameters)
    return [RecipientRow(*row) for row in rows]


_WHY = """CASE WHEN outbox.state IN ('accepted', 'delivered', 'read') THEN NULL
  WHEN outbox.reason IS NOT NULL THEN outbox.reason
  WHEN outbox.state IN ('sending', 'expired', 'cancelled') THEN outbox.state
  WHEN outbox.state = 'unknown' THEN 'timeout' WHEN outbox.state = 'queued' THEN 'waiting'
  ELSE 'unsaid' END"""
"""The reason of a message that nobody took, or not yet."""

_WAITS = """CASE WHEN recipient.state IN ('planned', 'held') AND campaign.state = 'cancelled'
    THEN 'cancelled'
  WHEN recipient.state = 'planned' THEN 'waiting' ELSE COALESCE(recipient.reason, 'unsaid') END"""
"""The reason of a recipient for whom there is no message."""

_COUNT = text(f"""
WITH planned AS (
  SELECT recipient.state, {_WAITS} AS reason, count(*) AS n FROM campaign_recipient AS recipient
  JOIN campaign ON campaign.id = recipient.campaign_id
  WHERE recipient.campaign_id = :campaign GROUP BY 1, 2
), sent AS (
  SELECT channel, arm, state, reason, count(*) AS n, sum(parts) AS parts FROM (
    SELECT channel, arm, state, {_WHY} AS reason, COALESCE(parts, 1) AS parts
      FROM outbox WHERE campaign_id = :campaign
    UNION ALL SELECT slice.channel, one.arm, 'sending', 'sending', 1
      FROM campaign_slice AS slice, unnest(slice.ids, slice.arms) AS one (id, arm)
      WHERE slice.campaign_id = :campaign
        AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = one.id)) AS message
  GROUP BY channel, arm, state, reason
)
SELECT NULL AS channel, NULL AS arm, state, reason, n, 0 AS parts FROM planned
UNION ALL SELECT channel, arm, state, reason, n, parts FROM sent ORDER BY n DESC
""")
_TAKEN = "outbox.campaign_id = :campaign AND outbox.state IN ('accepted','delivered','read')"
_REPLIED = f"""
SELECT DISTINCT outbox.id FROM campaign
JOIN message ON message.author_kind = 'client' AND message.received_at > campaign.started_at
JOIN conversation ON conversation.id = message.conversation_id
JOIN identity ON identity.id = conversation.identity_id
JOIN outbox ON outbox.client_id = identity.client_id AND outbox.channel = identity.channel
  AND {_TAKEN} AND message.received_at > outbox.created_at
  AND message.received_at < outbox.created_at + :days * interval '1 day'
WHERE campaign.id = :campaign
"""
_ANSWERS = text(f"""
SELECT
  (SELECT count(DISTINCT click.outbox_id) FROM click
    JOIN outbox ON outbox.id = click.outbox_id WHERE outbox.campaign_id = :campaign) AS clicked,
  (SELECT count(*) FROM ({_REPLIED}) AS replied) AS replied,
  (SELECT count(DISTINCT recipient.client_id) FROM campaign_recipient recipient
    JOIN campaign ON campaign.id = recipient.campaign_id
    JOIN consent ON consent.identity_id = recipient.identity_id
    WHERE recipient.campaign_id = :campaign AND recipient.state = 'planned'
      AND consent.state = 'no' AND consent.category IN (campaign.category, 'all')
      AND consent.at > campaign.started_at
      AND consent.at < coalesce(campaign.ended_at, now()) + :days * interval '1 day'
  ) AS unsubscribed
""")
_CLICK_GROUPS = text(f"""
SELECT coalesce(outbox.arm, 'a'), count(*),
  count(*) FILTER (WHERE EXISTS (SELECT 1 FROM click WHERE click.outbox_id = outbox.id))
FROM outbox WHERE {_TAKEN} GROUP BY 1 ORDER BY 1
""")
_REPLY_GROUPS = text(f"""
SELECT coalesce(outbox.arm, 'a'), count(*), count(replied.id)
FROM outbox LEFT JOIN ({_REPLIED}) AS replied ON replied.id = outbox.id
WHERE {_TAKEN} GROUP BY 1 ORDER BY 1
""")
_EVENT_GROUPS = text("""
WITH sent AS (
  SELECT recipient.client_id,
    CASE recipient.state WHEN 'withheld' THEN 'hold_out'
      ELSE coalesce(recipient.arm, 'a') END AS name
  FROM campaign_recipient recipient
  WHERE recipient.campaign_id = :campaign AND (recipient.state = 'withheld' OR EXISTS (
    SELECT 1 FROM outbox WHERE outbox.campaign_id = :campaign
      AND outbox.client_id = recipient.client_id
      AND outbox.state IN ('accepted','delivered','read')))
), did AS (
  SELECT DISTINCT client_event.client_id FROM client_event
  JOIN campaign ON campaign.id = :campaign
  WHERE client_event.type = :type AND client_event.at > campaign.started_at
    AND client_event.at < campaign.started_at + :days * interval '1 day'
)
SELECT sent.name, count(*), count(did.client_id)
FROM sent LEFT JOIN did ON did.client_id = sent.client_id GROUP BY sent.name ORDER BY sent.name
""")
_RECIPIENTS = text(f"""
SELECT recipient.client_id, recipient.state, recipient.arm, place.channel,
  outbox.state AS message_state, why.reason, recipient.due_at
FROM campaign_recipient recipient
JOIN campaign ON campaign.id = recipient.campaign_id
LEFT JOIN campaign_place place ON place.campaign_id = recipient.campaign_id
  AND place.place = recipient.place
LEFT JOIN outbox ON outbox.campaign_id = recipient.campaign_id
  AND outbox.client_id = recipient.client_id
CROSS JOIN LATERAL (SELECT CASE WHEN outbox.id IS NULL THEN {_WAITS} ELSE {_WHY} END AS reason)
  AS why
WHERE recipient.campaign_id = :campaign AND recipient.client_id > :after
  AND (CAST(:state AS text) IS NULL OR recipient.state = :state)
  AND (CAST(:reason AS text) IS NULL OR why.reason = :reason)
ORDER BY recipient.client_id LIMIT :limit
""")
