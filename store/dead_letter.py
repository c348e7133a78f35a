"""Messages of campaigns that came to nothing: read by a person, mended, and sent again.

What nobody knows the outcome of may have arrived, so it is sent again only if a person says so. Who
may not get it now gets nothing, by the conditions of a first message (store/verdict.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_REPLAYED, Happening
from kernel.message import Json
from store import audit
from store.verdict import COUNTED, JUDGED, Judge

PAGE = 100
MOST = 5_000
"""So many messages of one kind are looked at by one call; the rest with the next."""
DOUBTFUL = "may_have_arrived"
"""Why a message is left that may have arrived, unless a person says that it goes all the same."""
NO_WORDS = "no_variant"
"""Why a message is left for whose channel the newer version has no words."""
_UNSAID = "unsaid"
"""The kind of a message of which its provider told that it failed, and not why."""

_UNWRITTEN = "content:unwritten"
"""The kind of a message that lacked a value, and for which nobody was called."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that ended `rejected` or `failed`; `is_doubtful`: it may have arrived all the same.

    `barred` is why nothing may be sent to its client now, if so; `is_mended`: the client's address
    is another one by now, and something may.
    """

    outbox_id: UUID
    client_id: UUID
    identity_id: UUID | None
    channel: str
    account: str
    state: str
    reason: str | None
    attempts: int
    ended_at: datetime | None
    is_doubtful: bool
    is_mended: bool
    barred: str | None


@dataclass(frozen=True, slots=True)
class Newer:
    """An approved version of a campaign's content that is newer than the campaign's own."""

    content_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class How:
    """Who sends again, whether what may have arrived goes as well, and what is said instead."""

    actor: str
    doubtful: bool = False
    newer: Newer | None = None


@dataclass(frozen=True, slots=True)
class DeadGroup:
    """How many dead letters on a channel are of one kind: a reason without its provider's code."""

    kind: str
    channel: str
    is_doubtful: bool
    n: int
    mended: int
    barred: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many were queued, how many were left where they are and why; `next`: there are more."""

    queued: int = 0
    left: Mapping[str, int] = field(default_factory=dict)
    next: UUID | None = None


async def find_groups(connection: AsyncConnection, judge: Judge) -> list[DeadGroup]:
    """Return a campaign's dead letters by kind, the most frequent first."""
    rows = await connection.execute(_GROUPS, judge.to_parameters())
    return [DeadGroup(*row) for row in rows]


async def find_dead(
    connection: AsyncConnection,
    judge: Judge,
    *,
    kind: str | None = None,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[DeadLetter]:
    """Return a page of a campaign's dead letters, of one kind or all, in the order of their ids."""
    asked = {"kind": kind, "after": after or UUID(int=0), "limit": limit}
    rows = await connection.execute(_DEAD, {**judge.to_parameters(), **asked})
    return [DeadLetter(*row) for row in rows]


async def find_newer(connection: AsyncConnection, campaign_id: UUID) -> Newer | None:
    """Return the version that a campaign's failed messages may have instead, if there is one.

    It is approved, of the same kind and for no narrower circle of clients: whom the campaign was
    planned for may get it.
    """
    row = (await connection.execute(_NEWER, {"campaign": campaign_id})).one_or_none()
    return Newer(*row) if row else None


async def replay(
    connection: AsyncConnection,
    judge: Judge,
    outbox_ids: Sequence[UUID],
    how: How,
) -> Replayed:
    """Queue dead letters again, to the address that the client has now.

    One that may have arrived stays where it is unless `doubtful`; one whose client may not get it
    now stays in any case. Where the client is in quiet hours it goes after them. With `newer` they
    say what that version says.
    """
    return await _queue(connection, _REPLAY, judge, {"ids": list(outbox_ids)}, how)


async def replay_kind(
    connection: AsyncConnection, judge: Judge, kind: str, how: How, *, after: UUID | None = None
) -> Replayed:
    """Do the same with the next `MOST` of a kind, in the order of their ids."""
    asked = {"kind": kind, "after": after or UUID(int=0), "limit": MOST}
    return await _queue(connection, _REPLAY_KIND, judge, asked, how)


async def _queue(
    connection: AsyncConnection,
    statement: TextClause,
    judge: Judge,
    asked: Mapping[str, Any],
    how: How,
) -> Replayed:
    content = how.newer.content_id if how.newer else None
    given = {"doubtful": how.doubtful, "new_content": content}
    rows = (await connection.execute(statement, {**judge.to_parameters(), **asked, **given})).all()
    left = Counter(row.why for row in rows if row.why)
    queued = len(rows) - left.total()
    if queued:
        after: dict[str, Json] = {"queued": queued, "left": dict(left), "doubtful": how.doubtful}
        if how.newer:
            after |= {"content_id": str(content), "version": how.newer.version}
        told = Happening(
            how.actor, CAMPAIGN_REPLAYED, "campaign", judge.terms.campaign_id, after=after
        )
        await audit.record(connection, [told])
    is_full = len(rows) == asked.get("limit")
    return Replayed(queued, left, max(row.id for row in rows) if is_full else None)


_DOUBTFUL = """COALESCE(outbox.state = 'failed'
    AND split_part(outbox.reason, ':', 1) IN ('outcome_unknown', 'worker_died'), false)"""

_KIND = f"""CASE outbox.reason WHEN '{_UNWRITTEN}' THEN '{_UNWRITTEN}'
  ELSE split_part(COALESCE(NULLIF(outbox.reason, 'replayed'), '{_UNSAID}'), ':', 1) END"""

_LETTERS = f"""
WITH dead AS MATERIALIZED (
  SELECT outbox.*, {_KIND} AS kind, {_DOUBTFUL} AS is_doubtful, {COUNTED} AS counted FROM outbox
  WHERE outbox.campaign_id = :campaign AND outbox.state IN ('rejected', 'failed') {{chosen}}
), picked AS MATERIALIZED (
  SELECT dead.client_id, dead.arm, dead.counted,
    (SELECT identity_id FROM campaign_recipient AS recipient
      WHERE recipient.campaign_id = :campaign AND recipient.client_id = dead.client_id)
  FROM dead
), {JUDGED}, letter AS MATERIALIZED (
  SELECT dead.*, judged.address AS new_address, judged.due_at,
    CASE dead.kind WHEN 'consent' THEN 'consent' ELSE judged.reason END AS barred
  FROM dead JOIN judged ON judged.client_id = dead.client_id
)"""  # noqa: S608
"""A provider's word that the client wants nothing bars for good, whatever we know otherwise."""

_MENDED = "letter.barred IS NULL AND letter.new_address <> letter.address"

_NEWER = text("""
SELECT newer.id, newer.version FROM campaign JOIN content AS own ON own.id = campaign.content_id
JOIN content AS newer ON newer.key = own.key AND newer.version > own.version
WHERE campaign.id = :campaign AND newer.state = 'approved' AND newer.category = campaign.category
  AND COALESCE(newer.min_risk, '') <= COALESCE(own.min_risk, '')
  AND newer.product_type IS NOT DISTINCT FROM own.product_type
  AND (newer.valid_until IS NULL OR newer.valid_until > now())
""")

_GROUPS = text(f"""
{_LETTERS.format(chosen="")}
SELECT kind, channel, is_doubtful, count(*), count(*) FILTER (WHERE {_MENDED}),
  count(*) FILTER (WHERE barred IS NOT NULL)
FROM letter GROUP BY 1, 2, 3 ORDER BY count(*) DESC, 1, 2, 3
""")  # noqa: S608

_NEXT = "AND outbox.id > :after ORDER BY outbox.id LIMIT :limit"

_DEAD = text(f"""
{_LETTERS.format(chosen=f"AND (CAST(:kind AS text) IS NULL OR {_KIND} = :kind) {_NEXT}")}
SELECT letter.id, letter.client_id, recipient.identity_id, letter.channel, letter.account,
  letter.state, letter.reason, letter.attempts, letter.ended_at, letter.is_doubtful,
  {_MENDED} AS is_mended, letter.barred
FROM letter LEFT JOIN campaign_recipient AS recipient
  ON recipient.campaign_id = :campaign AND recipient.client_id = letter.client_id
ORDER BY letter.id
""")  # noqa: S608

_HAS_WORDS = """(CAST(:new_content AS uuid) IS NULL OR EXISTS (SELECT 1 FROM content_variant
    WHERE content_id = :new_content AND content_variant.channel = letter.channel))"""

_QUEUE_AGAIN = f"""
{_LETTERS}, told AS (
  SELECT id, attempts, new_address, due_at, COALESCE(barred,
    CASE WHEN is_doubtful AND NOT :doubtful THEN '{DOUBTFUL}' END,
    CASE WHEN NOT {_HAS_WORDS} THEN '{NO_WORDS}' END) AS why
  FROM letter
), moved AS (
  UPDATE outbox SET state = 'queued', reason = 'replayed', ended_at = NULL,
    address = told.new_address,
    content_id = COALESCE(CAST(:new_content AS uuid), outbox.content_id)
  FROM told WHERE outbox.id = told.id AND told.why IS NULL
), queued AS (
  INSERT INTO queue (outbox_id, lane, not_before, attempt)
  SELECT id, 'bulk', COALESCE(due_at, now()), attempts FROM told WHERE why IS NULL
  ON CONFLICT (outbox_id) DO UPDATE SET lease_until = NULL, worker = NULL,
    not_before = EXCLUDED.not_before
)
SELECT id, why FROM told
"""  # noqa: S608

_LOCK = "FOR NO KEY UPDATE OF outbox"
_REPLAY = text(
    _QUEUE_AGAIN.format(chosen=f"AND outbox.id = ANY(CAST(:ids AS uuid[])) ORDER BY id {_LOCK}")
)
_REPLAY_KIND = text(_QUEUE_AGAIN.format(chosen=f"AND {_KIND} = :kind {_NEXT} {_LOCK}"))
