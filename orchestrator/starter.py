"""Starts scheduled campaigns at their time, and schedules the next time of recurring ones."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from channels.live import CAMPAIGN, EVENT
from kernel.errors import InvalidInput
from orchestrator.campaign import Campaigns
from orchestrator.schedule import find_next, is_recurring, parse_schedule
from store import campaign_start
from store.campaign import CampaignRow
from store.engine import Connection

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0


@dataclass(slots=True)
class Starter:
    """Start as many as you like; a campaign is started by one of them."""

    campaigns: Campaigns

    async def run(self) -> None:
        """Start campaigns until cancelled."""
        await self.campaigns.hub.follow(
            CAMPAIGN, self.start_due, poll=POLL_SECONDS, what="Scheduled campaigns wait"
        )

    async def start_due(self) -> int:
        """Start what is due, and schedule the next time of what recurs; return how many."""
        now = self.campaigns.clock.now()
        async with self.campaigns.database.transaction() as connection:
            started = await campaign_start.start_due(connection, now)
            for one in started:
                await self._repeat(connection, one)
        for one in started:
            log.info("Campaign %s starts: %s", one.id, one.draft.name)
        if started:
            self.campaigns.hub.publish(CAMPAIGN, once=True)
            self.campaigns.hub.publish(EVENT, once=True)
        return len(started)

    async def _repeat(self, connection: Connection, one: CampaignRow) -> None:
        schedule = parse_schedule(one.draft.schedule)
        if not is_recurring(schedule) or one.starts_at is None:
            return
        calendars = await self.campaigns.open_calendars(connection)
        after = max(one.starts_at, self.campaigns.clock.now())
        try:
            following = find_next(schedule, after, find_calendar=calendars)
        except InvalidInput as error:
            log.warning("Campaign %s does not come again: %s", one.id, error)
            return
        if following is not None:
            await campaign_start.repeat(connection, one, following)
