"""Campaigns as people make them: written, handed in, approved, launched, paused, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.happening import Happening
from kernel.ids import new_id
from kernel.machine import CAMPAIGN
from kernel.message import Json
from store import audit, campaign_end
from store.engine import Connection
from store.tables.campaign import campaign

WRITTEN: Final = "campaign_written"
MOVED: Final = "campaign_moved"


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """All that a person says of a campaign. `arms` are weights, `hold_out` a part of one."""

    name: str
    content_id: UUID
    expression: Mapping[str, Json]
    category: str
    channels: Sequence[str]
    arms: Mapping[str, float] = field(default_factory=lambda: {"a": 1.0})
    hold_out: float = 0.0
    schedule: Mapping[str, Json] = field(default_factory=lambda: {"kind": "now"})
    per_second: float | None = None
    goal: str | None = None
    not_after: datetime | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    """What the campaign itself says for fields of its content: topic, place, link."""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign as it is kept."""

    id: UUID
    draft: CampaignDraft
    state: str
    author_id: UUID | None
    author: str | None
    approver_id: UUID | None
    approver: str | None
    repeat_of: UUID | None
    planned: int
    content_key: str
    content_title: str
    content_state: str
    starts_at: datetime | None
    planned_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    created_at: datetime

    @property
    def is_withdrawn(self) -> bool:
        """Whether nothing of it is sent any more, for its content was withdrawn."""
        return self.content_state == "retired" and not CAMPAIGN.is_final(self.state)


async def record_draft(
    connection: Connection, draft: CampaignDraft, *, author_id: UUID, repeat_of: UUID | None = None
) -> UUID:
    """Write a campaign as a draft; return its id."""
    campaign_id = new_id()
    row = {"id": campaign_id, "author_id": author_id, "repeat_of": repeat_of, **_values(draft)}
    await connection.execute(campaign.insert(), row)
    told: dict[str, Json] = {"name": draft.name, "content": str(draft.content_id)}
    happening = Happening(f"person:{author_id}", WRITTEN, "campaign", campaign_id, after=told)
    await audit.record(connection, [happening])
    return campaign_id


async def change_draft(
    connection: Connection, campaign_id: UUID, draft: CampaignDraft, *, author_id: UUID
) -> None:
    """Replace a draft; only its author may.

    Raises:
        NotFound: there is none.
        Conflict: it is no draft any more.
        NotAllowed: somebody else wrote it.
    """
    before = await lock(connection, campaign_id)
    if before.author_id != author_id:
        raise NotAllowed(
            "Only its author changes a draft; copy it instead.",
            zh="草稿只能由作者本人修改；如需改动，请复制后再改。",
        )
    if before.state != "draft":
        raise Conflict(
            f"The campaign is {before.state}; only a draft is changed. Copy it instead.",
            zh="只有草稿可以修改，请撤回或复制后再改。",
        )
    await connection.execute(campaign.update().where(campaign.c.id == campaign_id), _values(draft))
    told: dict[str, Json] = {"name": draft.name, "content": str(draft.content_id)}
    happening = Happening(f"person:{author_id}", WRITTEN, "campaign", campaign_id, after=told)
    await audit.record(connection, [happening])


async def find(connection: Connection, campaign_id: UUID) -> CampaignRow:
    """Return a campaign.

    Raises:
        NotFound: there is none.
    """
    row = (await connection.execute(_ONE, {"id": campaign_id})).mappings().one_or_none()
    if row is None:
        raise NotFound
    return _read(row)


async def lock(connection: Connection, campaign_id: UUID) -> CampaignRow:
    """Return a campaign, which nobody else moves until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    await connection.execute(_LOCK, {"id": campaign_id})
    return await find(connection, campaign_id)


async def find_page(
    connection: Connection, *, state: str | None = None, limit: int = 100
) -> list[CampaignRow]:
    """Return campaigns, the newest first."""
    rows = await connection.execute(_PAGE, {"state": state, "limit": limit})
    return [_read(row) for row in rows.mappings()]


async def move(
    connection: Connection,
    before: CampaignRow,
    after: str,
    *,
    actor: str,
    note: str = "",
) -> None:
    """Move a locked campaign to another state, and write the event.

    Raises:
        Conflict: this state does not follow the present one.
    """
    CAMPAIGN.check_move(before.state, after)
    await connection.execute(_MOVES.get(after, _MOVE), {"id": before.id, "state": after})
    told: dict[str, Json] = {"state": after, **({"note": note} if note else {})}
    if after == "cancelled":
        told["recalled"] = await campaign_end.cancel_queued(connection, before.id)
    old: dict[str, Json] = {"state": before.state}
    happening = Happening(actor, MOVED, "campaign", before.id, before=old, after=told)
    await audit.record(connection, [happening])


async def approve(connection: Connection, before: CampaignRow, *, approver_id: UUID) -> None:
    """Approve a locked campaign in review.

    Raises:
        NotAllowed: the approver is the author.
        Conflict: it is not in review.
    """
    CAMPAIGN.check_move(before.state, "approved")
    if before.state != "review":
        raise Conflict(
            f"The campaign is {before.state}; what is in review is approved.",
            zh="只有待审批的活动可以审批。",
        )
    if before.author_id == approver_id:
        raise four_eyes()
    try:
        await connection.execute(_APPROVE, {"id": before.id, "approver": approver_id})
    except IntegrityError as error:  # the database holds the rule too, whoever comes another way
        if "four_eyes" in str(error):
            raise four_eyes() from error
        raise
    told: dict[str, Json] = {"state": "approved"}
    old: dict[str, Json] = {"state": before.state}
    actor = f"person:{approver_id}"
    await audit.record(connection, [Happening(actor, MOVED, "campaign", before.id, old, told)])


async def schedule(
    connection: Connection, before: CampaignRow, starts_at: datetime, *, actor: str
) -> None:
    """Launch a locked, approved campaign: it starts by itself at its time."""
    await move(connection, before, "scheduled", actor=actor)
    await connection.execute(_STARTS, {"id": before.id, "at": starts_at})


def four_eyes() -> NotAllowed:
    """Return the refusal of an author who would approve their own campaign."""
    return NotAllowed(
        "The author cannot approve this; somebody else has to look at it.",
        zh="作者不能审批自己的活动，请由另一位同事审批。",
    )


def _values(draft: CampaignDraft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "content_id": draft.content_id,
        "expression": dict(draft.expression),
        "category": draft.category,
        "channels": list(draft.channels),
        "arms": dict(draft.arms),
        "hold_out": draft.hold_out,
        "schedule": dict(draft.schedule),
        "per_second": draft.per_second,
        "goal": draft.goal,
        "not_after": draft.not_after,
        "values": dict(draft.values),
    }


def _read(row: RowMapping) -> CampaignRow:
    names = CampaignDraft.__slots__
    draft = CampaignDraft(**{name: row[name] for name in names})
    rest = {name: row[name] for name in CampaignRow.__slots__ if name != "draft"}
    return CampaignRow(draft=draft, **rest)


_FIELDS = """
SELECT campaign.id, campaign.name, campaign.content_id, campaign.expression, campaign.category,
  campaign.channels, campaign.arms, campaign.hold_out, campaign.schedule, campaign.per_second,
  campaign.goal, campaign.not_after, campaign.values, campaign.state, campaign.author_id,
  author.name AS author,
  campaign.approver_id, approver.name AS approver, campaign.repeat_of, campaign.planned,
  content.key AS content_key, content.title AS content_title, content.state AS content_state,
  campaign.starts_at, campaign.planned_at, campaign.started_at, campaign.ended_at,
  campaign.created_at
FROM campaign JOIN content ON content.id = campaign.content_id
LEFT JOIN person author ON author.id = campaign.author_id
LEFT JOIN person approver ON approver.id = campaign.approver_id
"""
_JSONS: Final = {"expression": JSONB, "arms": JSONB, "schedule": JSONB, "values": JSONB}
_ONE = text(f"{_FIELDS} WHERE campaign.id = :id").columns(**_JSONS)
_PAGE = text(f"""{_FIELDS}
WHERE CAST(:state AS text) IS NULL OR campaign.state = :state
ORDER BY campaign.created_at DESC, campaign.id DESC LIMIT :limit""").columns(**_JSONS)
_LOCK = text("SELECT id FROM campaign WHERE id = :id FOR NO KEY UPDATE")
_MOVE = text("UPDATE campaign SET state = :state WHERE id = :id")
_MOVES: Final = {
    "draft": text(
        "UPDATE campaign SET state = :state, approver_id = NULL, starts_at = NULL WHERE id = :id"
    ),
    "running": text(
        "UPDATE campaign SET state = :state, started_at = coalesce(started_at, now()) "
        "WHERE id = :id"
    ),
    "approved": text("UPDATE campaign SET state = :state, starts_at = NULL WHERE id = :id"),
    "cancelled": text("UPDATE campaign SET state = :state, ended_at = now() WHERE id = :id"),
}
_APPROVE = text("UPDATE campaign SET state = 'approved', approver_id = :approver WHERE id = :id")
_STARTS = text("UPDATE campaign SET starts_at = :at WHERE id = :id")
