"""Shares of a campaign: a worker takes one for a moment, and goes through it slice by slice.

A slice is one statement: who is next, may each still get it, the messages of those who may as one
row that says `sending`, a reason for those who may not, and the cursor that passes all of them. So
whatever dies in between, a recipient is before the cursor with a message or a reason, or after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.happening import CAMPAIGN_SENT, Happening
from kernel.ids import new_id
from kernel.message import Address, Json, Letter
from store import audit, campaign_slice
from store.campaign_slice import UnderWay
from store.pace import Pace
from store.slice import STEADY, TAKE_HELD, TAKE_NEXT

LEASE_SECONDS = 15.0
"""How long a share waits for a worker that does not come back; each slice begins it anew."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A share that a worker holds, or (`first_client` None) a campaign's held recipients."""

    campaign_id: UUID
    content_id: UUID
    category: str
    min_risk: str | None
    not_after: datetime | None
    per_second: float | None
    place: int
    channel: str
    account: str
    first_client: UUID | None
    worker: str


@dataclass(frozen=True, slots=True)
class Going:
    """A message of a slice, committed as `sending` and not yet called for."""

    outbox_id: UUID
    client_id: UUID
    address: Address
    letter: Letter


@dataclass(frozen=True, slots=True)
class Slice:
    """What a step brought: messages to send, how many were refused, whether the share goes on."""

    going: list[Going]
    refused: int
    is_last: bool
    under_way: UnderWay


@dataclass(slots=True)
class _Letters:
    """The few different letters of a slice."""

    held: Lease
    made: dict[tuple[str, str | None], Letter] = field(default_factory=dict)

    def find(self, arm: str, language: str | None) -> Letter:
        found = self.made.get((arm, language))
        if found is None:
            found = self.made[arm, language] = Letter(
                self.held.content_id, None, arm, language, self.held.campaign_id
            )
        return found


async def lease(
    connection: AsyncConnection, worker: str, *, closed: Sequence[tuple[str, str]] = ()
) -> Lease | None:
    """Take a free share of the campaign that was served least recently; None if there is none.

    `closed` are channels and accounts that are not to be used now. While critical messages wait
    for more than a second, there is none.
    """
    parameters = {"worker": worker, "seconds": LEASE_SECONDS, **_places(closed)}
    row = (await connection.execute(_LEASE, parameters)).one_or_none()
    return Lease(*row) if row else None


async def record_served(connection: AsyncConnection, campaign_id: UUID) -> None:
    """Note that a campaign had its turn; a statement of its own, for its lock is held briefly."""
    await connection.execute(_SERVED, {"campaign": campaign_id})


async def find_held(connection: AsyncConnection, worker: str) -> Lease | None:
    """Return a running campaign's recipients whose quiet hours are over, at one place."""
    row = (await connection.execute(_HELD, {"worker": worker})).one_or_none()
    return Lease(*row) if row else None


async def take(
    connection: AsyncConnection, held: Lease, pace: Pace, *, account: str, limit: int
) -> Slice:
    """Take the next `limit` recipients of a share; nothing if it is somebody else's by now.

    `account` carries them: the place's own, or the one that stands in for it.
    """
    parameters: dict[str, Any] = {
        "campaign": held.campaign_id, "content": held.content_id, "category": held.category,
        "min_risk": held.min_risk, "not_after": held.not_after, "place": held.place,
        "channel": held.channel, "account": account, "worker": held.worker, "limit": limit,
        "seconds": LEASE_SECONDS, "first": held.first_client, "slice": new_id(),
        **pace.to_parameters(),
    }  # fmt: skip
    await connection.execute(STEADY)
    statement = TAKE_HELD if held.first_client is None else TAKE_NEXT
    rows = (await connection.execute(statement, parameters)).all()
    going, picked, refused = _read_slice(rows, held, account)
    if picked:
        counts: dict[str, Json] = {
            "sending": len(going),
            "refused": refused,
            "channel": held.channel,
        }
        await audit.record(
            connection,
            [Happening("bulk", CAMPAIGN_SENT, "campaign", held.campaign_id, after=counts)],
        )
    under_way = UnderWay(parameters["slice"], [one.outbox_id for one in going])
    return Slice(going, refused, is_last=picked < limit, under_way=under_way)


def _read_slice(rows: Sequence[Any], held: Lease, account: str) -> tuple[list[Going], int, int]:
    """Return the messages of a slice, how many recipients were looked at and how many refused."""
    going, picked, refused = [], 0, 0
    letters, languages = _Letters(held), {}
    for outbox_id, client_id, _, _, language, n, bad in rows:
        if client_id is None:
            picked, refused = n, bad
        elif outbox_id is None:
            languages[client_id] = language
    for outbox_id, client_id, address, arm, *_ in rows:
        if outbox_id is not None:
            letter = letters.find(arm, languages.get(client_id))
            place = Address(held.channel, account, address)
            going.append(Going(outbox_id, client_id, place, letter))
    return going, picked, refused


async def release(connection: AsyncConnection, held: Lease) -> None:
    """Give a share back before its lease ends."""
    parameters = {
        "campaign": held.campaign_id,
        "place": held.place,
        "first": held.first_client,
        "worker": held.worker,
    }
    await connection.execute(_RELEASE, parameters)


async def recover(connection: AsyncConnection, worker: str) -> int:
    """Turn what the namesake of this worker was sending when it died into `unknown`; how many.

    Its shares are free at once. A namesake is a process that this one stands in for.
    """
    await connection.execute(_FREE, {"prefix": f"{worker}/"})
    return await campaign_slice.record_lost(connection, worker=worker)


def _places(places: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {
        "channels": [channel for channel, _ in places],
        "accounts": [account for _, account in places],
    }


_OF_CAMPAIGN = """campaign.id, campaign.content_id, campaign.category, content.min_risk,
  LEAST(campaign.not_after, content.valid_until), campaign.per_second,
  place.place, place.channel, place.account"""

_LEASE = text(f"""
WITH next AS (
  SELECT share.campaign_id, share.place, share.first_client, campaign.served_at
  FROM campaign_share AS share
  JOIN campaign ON campaign.id = share.campaign_id AND campaign.state = 'running'
  JOIN campaign_place AS place ON place.campaign_id = share.campaign_id
    AND place.place = share.place
  WHERE share.state = 'open' AND (share.lease_until IS NULL OR share.lease_until < now())
    AND NOT EXISTS (SELECT 1 FROM unnest(CAST(:channels AS text[]), CAST(:accounts AS text[]))
      AS closed (channel, account)
      WHERE closed.channel = place.channel AND closed.account = place.account)
    AND NOT EXISTS (SELECT 1 FROM queue WHERE lane = 'critical' AND lease_until IS NULL
      AND not_before BETWEEN now() - interval '60 seconds' AND now() - interval '1 second')
  ORDER BY campaign.served_at NULLS FIRST, share.first_client, share.place
  LIMIT 1 FOR NO KEY UPDATE OF share SKIP LOCKED
), taken AS (
  UPDATE campaign_share AS share SET worker = :worker,
    lease_until = now() + make_interval(secs => :seconds)
  FROM next WHERE share.campaign_id = next.campaign_id AND share.place = next.place
    AND share.first_client = next.first_client
  RETURNING share.campaign_id, share.place, share.first_client
)
SELECT {_OF_CAMPAIGN}, taken.first_client, CAST(:worker AS text) AS worker FROM taken
JOIN campaign ON campaign.id = taken.campaign_id
JOIN content ON content.id = campaign.content_id
JOIN campaign_place AS place ON place.campaign_id = taken.campaign_id
  AND place.place = taken.place
""")  # noqa: S608  (constants of this file)

_SERVED = text("UPDATE campaign SET served_at = clock_timestamp() WHERE id = :campaign")

_HELD = text(f"""
SELECT {_OF_CAMPAIGN}, NULL AS first_client, CAST(:worker AS text) AS worker
FROM campaign JOIN content ON content.id = campaign.content_id
CROSS JOIN LATERAL (
  SELECT place FROM campaign_recipient WHERE campaign_id = campaign.id AND state = 'held'
    AND due_at <= now() ORDER BY due_at LIMIT 1
) AS due JOIN campaign_place AS place ON place.campaign_id = campaign.id
  AND place.place = due.place
WHERE campaign.state = 'running' ORDER BY campaign.served_at NULLS FIRST LIMIT 1
""")  # noqa: S608

_RELEASE = text("""
UPDATE campaign_share SET lease_until = NULL, worker = NULL
WHERE campaign_id = :campaign AND place = :place AND first_client = :first AND worker = :worker
""")

_FREE = text("""
UPDATE campaign_share SET lease_until = NULL WHERE state = 'open' AND starts_with(worker, :prefix)
""")
