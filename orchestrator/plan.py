"""Plans running campaigns, chunk by chunk and campaign by campaign, while they are being sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from channels.contract import Channels
from channels.live import CAMPAIGN, EVENT, Hub, rest
from kernel.crash import reach
from kernel.errors import NotPermitted, Refused, ServiceError
from kernel.message import Json
from orchestrator.pacing import Pacer
from store import content, plan
from store.audience import Where
from store.content import ContentRow
from store.engine import Database
from store.plan import Brief, Place

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


Compile: TypeAlias = Callable[[Mapping[str, Json]], Where]


@dataclass(slots=True)
class Planner:
    """Start as many as you like: each campaign is planned by one at a time."""

    database: Database
    channels: Channels
    hub: Hub
    pacer: Pacer
    compile: Compile
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Plan until cancelled."""
        stop = self.hub.listen(CAMPAIGN, lambda *_: self._wake.set())
        try:
            while True:
                self._wake.clear()
                if not await self.plan_all():
                    await rest(self._wake, POLL_SECONDS)
        finally:
            stop()

    async def plan_all(self) -> int:
        """Plan one chunk of each campaign that is due; return how many were planned."""
        planned = 0
        try:
            async with self.database.once() as connection:
                due = await plan.find_due(connection)
            for campaign_id in due:
                planned += await self._plan(campaign_id)
        except ServiceError as error:
            log.warning("Planning waits: %s", error)
        return planned

    async def _plan(self, campaign_id: UUID) -> bool:
        try:
            async with self.database.transaction() as connection:
                brief = await plan.claim(connection, campaign_id)
                if brief is None:
                    return False
                chunk = await plan.plan_next(
                    connection,
                    brief,
                    self.compile(brief.expression),
                    places=self._places(brief, await content.find(connection, brief.content_id)),
                    pace=await self.pacer.find(connection, brief.category),
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
        return [
            Place(
                one.name,
                one.account,
                ranks[one.name],
                words=one.name in templates,
                needs_window=one.capabilities.has_windows and not templates.get(one.name, True),
            )
            for one in self.channels
            if one.name in ranks and not one.capabilities.is_pulled
        ]
