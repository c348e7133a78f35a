"""The plan of a campaign: every client of the audience in one go, each with a way or a reason.

A chunk is one statement: who belongs to the audience, what each may get, by which of their
addresses, when, and in which arm of the test; together with the share of the chunk that workers
will take. It can be repeated and killed at any moment: a chunk is either whole or not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_PLANNED, CAMPAIGN_STOPPED, Happening
from kernel.message import Json
from store import audit
from store.audience_sql import Where
from store.client_field import LACKS
from store.pace import Pace
from store.plan_statement import PLAN
from store.window import KEPT

CHUNK = 50_000
"""Clients that are planned together."""
SMALL_CHUNK = 2_000
"""The same at first, so that a message leaves while the rest is still being planned, and while
something critical is on its way."""

_LOCK_CLASS = 0x7A68
"""With a hash of the campaign's id: the advisory lock that makes its planner one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel and account that may carry a campaign, in the order of the campaign's choice.

    `words` tells whether the content has words for the channel, `needs_window` whether they spend
    a reply of the client's window, `needs` what they need of the client's record.
    """

    channel: str
    account: str
    rank: int
    words: bool = True
    needs_window: bool = False
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one step of planning wrote: rows by state, whether it was the last, and for whom."""

    planned: int = 0
    held: int = 0
    suppressed: int = 0
    withheld: int = 0
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Brief:
    """What a planner must know of the campaign that it holds until the end of its transaction."""

    id: UUID
    content_id: UUID
    expression: Mapping[str, Json]
    category: str
    channels: Sequence[str]
    arms: Mapping[str, float]
    hold_out: float
    min_risk: str | None
    not_after: datetime | None
    cursor: UUID | None


async def find_due(connection: AsyncConnection) -> list[UUID]:
    """Return the running campaigns that are not planned to the end, the oldest start first."""
    return list((await connection.execute(_DUE)).scalars())


async def claim(connection: AsyncConnection, campaign_id: UUID) -> Brief | None:
    """Hold a running campaign for planning; None if another does, or nothing is left to plan."""
    if not (await connection.execute(_TAKE, {"campaign": str(campaign_id)})).scalar_one():
        return None
    row = (await connection.execute(_CAMPAIGN, {"campaign": campaign_id})).one_or_none()
    return Brief(*row) if row else None


async def plan_next(
    connection: AsyncConnection,
    brief: Brief,
    audience: Where,
    *,
    places: Sequence[Place],
    pace: Pace,
    size: int = CHUNK,
) -> Chunk:
    """Plan the next `size` clients, for the campaign that `claim` holds.

    Whoever belongs to the audience and is not planned gets a row with a reason all the same.
    """
    await connection.execute(_SETTINGS)
    size = SMALL_CHUNK if brief.cursor is None else size
    after = brief.cursor or UUID(int=0)
    upto = (await connection.execute(_UPTO, {"after": after, "size": size})).scalar_one_or_none()
    parameters: dict[str, Any] = {
        "campaign": brief.id, "category": brief.category, "min_risk": brief.min_risk,
        "hold_out": brief.hold_out, "after": after, "upto": upto or UUID(int=2**128 - 1),
        "not_after": brief.not_after, "kept": KEPT, **_arms(brief.id, brief.arms),
        **(numbered := await _record_places(connection, brief.id, places)),
        **pace.to_parameters(), **audience.parameters,
    }  # fmt: skip
    lacking, lacks = _lacks(places, numbered)
    people = _PEOPLE if lacks else ""
    statement = text(PLAN.format(where=audience.sql, lacking=lacking, people=people))
    rows = (await connection.execute(statement, {**parameters, **lacks})).all()
    counted = {state: sum(one.n for one in rows if one.state == state) for state in _STATES}
    await connection.execute(_SHARE, {**parameters, **_shares(rows)})
    await audit.record(connection, [_tell(brief.id, rows)])
    cursor = {"campaign": brief.id, "cursor": upto, "planned": counted["planned"]}
    await connection.execute(_CURSOR, cursor)
    return Chunk(**counted, is_last=upto is None)


async def pause(connection: AsyncConnection, campaign_id: UUID, *, why: str) -> None:
    """Pause a campaign that cannot be planned; the event says why."""
    if (await connection.execute(_PAUSE, {"campaign": campaign_id})).first():
        told = Happening(
            "plan", CAMPAIGN_STOPPED, "campaign", campaign_id,
            before={"state": "running"}, after={"state": "paused", "why": why},
        )  # fmt: skip
        await audit.record(connection, [told])


async def _record_places(
    connection: AsyncConnection, campaign_id: UUID, places: Sequence[Place]
) -> dict[str, Any]:
    """Number the places; return what the plan must know of each."""
    wanted = {(one.channel, one.account): one for one in places}
    parameters = {
        "campaign": campaign_id,
        "channels": [channel for channel, _ in wanted],
        "accounts": [account for _, account in wanted],
    }
    await connection.execute(_ADD_PLACES, parameters)
    rows = (await connection.execute(_PLACES, {"campaign": campaign_id})).all()
    known = [(row.place, wanted.get((row.channel, row.account)), row) for row in rows]
    open_ = [(number, one) for number, one, _ in known if one is not None]
    return {
        "places": [number for number, _ in open_],
        "channels": [one.channel for _, one in open_],
        "accounts": [one.account for _, one in open_],
        "ranks": [one.rank for _, one in open_],
        "words": [one.words for _, one in open_],
        "windows": [one.needs_window for _, one in open_],
    }


def _lacks(
    places: Sequence[Place], numbered: Mapping[str, Any]
) -> tuple[str, dict[str, list[int]]]:
    """Return the condition under which a client's record lacks what a place needs, if any does."""
    needs = {(one.channel, one.account): one.needs for one in places}
    found: dict[str, list[int]] = {}
    keys = zip(numbered["channels"], numbered["accounts"], strict=True)
    for number, key in zip(numbered["places"], keys, strict=True):
        for name in needs[key]:
            found.setdefault(name, []).append(number)
    said = [
        f"(place.place = ANY(CAST(:lack_{name} AS smallint[])) AND {LACKS[name]})"
        for name in sorted(found)
    ]
    sql = f"\n      WHEN {' OR '.join(said)} THEN 'missing_field'" if said else ""
    return sql, {f"lack_{name}": numbers for name, numbers in found.items()}


def _arms(campaign_id: UUID, weights: Mapping[str, float]) -> dict[str, Any]:
    """Return the arms and the bounds between them, from 0 to 1, and two seeds for the dice."""
    names, total, passed = sorted(weights), sum(weights.values()) or 1.0, 0.0
    bounds = []
    for name in names[:-1]:
        passed += weights[name] / total
        bounds.append(passed)
    seed = campaign_id.int & (1 << 62) - 1
    return {"arms": names or ["a"], "bounds": bounds, "seed": seed, "arm_seed": seed ^ 0x5A5A5A5A}


def _shares(rows: Sequence[Any]) -> dict[str, Any]:
    shares = [(one.place, one.n) for one in rows if one.state == "planned"]
    return {"share_places": [place for place, _ in shares], "sizes": [n for _, n in shares]}


def _tell(campaign_id: UUID, rows: Sequence[Any]) -> Happening:
    """Return the one event of a chunk: how many of each state and reason."""
    counts: dict[str, Json] = {}
    for one in rows:
        name = f"{one.state}:{one.reason}" if one.reason else str(one.state)
        counts[name] = int(one.n) + int(str(counts.get(name, 0)))
    return Happening("plan", CAMPAIGN_PLANNED, "campaign", campaign_id, after=counts)


_PEOPLE = "\n  JOIN client AS person ON person.id = identity.client_id"

_STATES = ("planned", "held", "suppressed", "withheld")

_DUE = text("""
SELECT id FROM campaign WHERE state = 'running' AND planned_at IS NULL
ORDER BY started_at NULLS FIRST, id
""")

_TAKE = text(f"SELECT pg_try_advisory_xact_lock({_LOCK_CLASS}, hashtext(:campaign))")

_CAMPAIGN = text("""
SELECT campaign.id, campaign.content_id, campaign.expression, campaign.category,
  campaign.channels, campaign.arms, campaign.hold_out, content.min_risk, campaign.not_after,
  campaign.plan_cursor
FROM campaign JOIN content ON content.id = campaign.content_id
WHERE campaign.id = :campaign AND campaign.state = 'running' AND campaign.planned_at IS NULL
""").columns(expression=JSONB, arms=JSONB)

_PAUSE = text("""
UPDATE campaign SET state = 'paused' WHERE id = :campaign AND state = 'running' RETURNING id
""")

_SETTINGS = text("""
SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
  set_config('work_mem', '64MB', true), set_config('statement_timeout', '60s', true)
""")
"""Half a second of work takes many where everything else on the machine goes first."""

_UPTO = text("SELECT id FROM client WHERE id > :after ORDER BY id OFFSET :size - 1 LIMIT 1")

_ADD_PLACES = text("""
INSERT INTO campaign_place (campaign_id, place, channel, account)
SELECT :campaign, (SELECT count(*) FROM campaign_place WHERE campaign_id = :campaign)
    + row_number() OVER (), wanted.channel, wanted.account
FROM unnest(CAST(:channels AS text[]), CAST(:accounts AS text[])) AS wanted (channel, account)
WHERE NOT EXISTS (SELECT 1 FROM campaign_place AS known WHERE known.campaign_id = :campaign
  AND known.channel = wanted.channel AND known.account = wanted.account)
""")

_PLACES = text("SELECT place, channel, account FROM campaign_place WHERE campaign_id = :campaign")

_SHARE = text("""
INSERT INTO campaign_share (campaign_id, place, first_client, last_client, planned)
SELECT :campaign, share.place, :after, :upto, share.n
FROM unnest(CAST(:share_places AS smallint[]), CAST(:sizes AS integer[])) AS share (place, n)
ON CONFLICT DO NOTHING
""")

_CURSOR = text("""
UPDATE campaign SET plan_cursor = COALESCE(:cursor, plan_cursor), planned = planned + :planned,
  planned_at = CASE WHEN CAST(:cursor AS uuid) IS NULL THEN now() END
WHERE id = :campaign
""")
"""The last thing in the transaction, for the people's pause waits for it."""
