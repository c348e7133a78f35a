"""Plans running campaigns, chunk by chunk and campaign by campaign, while they are being sent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from channels.contract import Channels
from channels.live import CAMPAIGN, EVENT, Hub
from channels.way import Way
from kernel.crash import reach
from kernel.errors import NotPermitted, Refused, ServiceError
from kernel.message import Json
from orchestrator.filling import list_blanks
from orchestrator.pacing import Pacer
from store import content, plan
from store.audience_sql import Where
from store.content import ContentRow
from store.engine import Database
from store.plan import Brief, Place

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
CHUNK_SECONDS = 60.0
"""How long a chunk may take on a machine that has much else to do."""


Compile: TypeAlias = Callable[[Mapping[str, Json]], Where]


@dataclass(slots=True)
class Planner:
    """Start as many as you like: each campaign is planned by one at a time."""

    database: Database
    channels: Channels
    hub: Hub
    pacer: Pacer
    compile: Compile
    _way: Way = field(init=False)

    def __post_init__(self) -> None:
        self._way = Way(self.database)

    async def run(self) -> None:
        """Plan until cancelled."""
        await self.hub.follow(CAMPAIGN, self.plan_all, poll=POLL_SECONDS, what="Planning waits")

    async def plan_all(self) -> int:
        """Plan one chunk of each campaign that is due; return how many were planned."""
        async with self.database.once() as connection:
            due = await plan.find_due(connection)
        return sum([await self._plan(campaign_id) for campaign_id in due])

    async def _plan(self, campaign_id: UUID) -> bool:
        size = plan.SMALL_CHUNK if await self._way.make() else plan.CHUNK
        try:
            async with self.database.transaction(within=CHUNK_SECONDS) as connection:
                brief = await plan.claim(connection, campaign_id)
                if brief is None:
                    return False
                chunk = await plan.plan_next(
                    connection,
                    brief,
                    self.compile(brief.expression),
                    places=self._places(brief, await content.find(connection, brief.content_id)),
                    pace=await self.pacer.find(connection, brief.category),
                    size=size,
                )
                reach("plan.before_commit")
        except (Refused, NotPermitted) as error:
            await self._stop(campaign_id, error)
            return False
        log.debug("Campaign %s: %s", campaign_id, chunk)
        self.hub.publish(CAMPAIGN, {"campaign": str(campaign_id)}, once=True)
        self.hub.publish(EVENT, once=True)
        return True

    async def _stop(self, campaign_id: UUID, error: ServiceError) -> None:
        """Pause a campaign that cannot be planned, and leave the word why for people."""
        log.error("Campaign %s is paused, for it cannot be planned: %s", campaign_id, error)
        async with self.database.transaction() as connection:
            await plan.pause(connection, campaign_id, why=error.message)

    def _places(self, brief: Brief, row: ContentRow) -> Sequence[Place]:
        """Return the accounts that are set up here for the campaign's channels, in its order."""
        ranks = {channel: rank for rank, channel in enumerate(brief.channels)}
        templates = {
            channel: all(one.template for slot, one in row.variants.items() if slot[0] == channel)
            for channel in row.channels
        }
        needs = _find_needs(row, brief)
        return [
            Place(
                one.name,
                one.account,
                ranks[one.name],
                words=one.name in templates,
                needs_window=one.capabilities.has_windows and not templates.get(one.name, True),
                needs=needs.get(one.name, frozenset()),
            )
            for one in self.channels
            if one.name in ranks
        ]


def _find_needs(row: ContentRow, brief: Brief) -> Mapping[str, frozenset[str]]:
    """Return what each channel's words need of a client's record."""
    needs: dict[str, frozenset[str]] = {}
    for blank in list_blanks(row, brief.channels, brief.arms):
        for channel in blank.channels if blank.source == "client" else ():
            needs[channel] = needs.get(channel, frozenset()) | {blank.name}
    return needs
