"""Follows what happens, and makes deliveries of it for the webhooks that want to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from channels.live import SEALED, WEBHOOK, Hub
from store import stream, webhook, webhook_telling
from store.engine import Database

READER: Final = "webhook"
BATCH: Final = 500
LOOK_SECONDS: Final = 2.0
BREATH_SECONDS: Final = 0.5
"""What happens within it is made into deliveries by one statement."""


@dataclass(frozen=True, slots=True)
class Follower:
    """Several may run, one reads at a time; nothing is skipped, for it goes by position."""

    database: Database
    hub: Hub

    async def run(self) -> None:
        """Follow until cancelled."""
        await self.hub.follow(
            SEALED,
            self.take_next,
            poll=LOOK_SECONDS,
            what="What systems are to be told waits",
            breath=BREATH_SECONDS,
        )

    async def take_next(self) -> bool:
        """Make deliveries of what happened next; return whether there may be more.

        The cursor moves in the same transaction, so that each is made once.
        """
        async with self.database.once() as connection:
            since = await webhook.find_since(connection)
        if since is None:
            return False
        async with self.database.transaction() as connection:
            told = await stream.read_next(
                connection, READER, webhook_telling.VERBS, BATCH, since=since
            )
            if not told:
                return False
            made = await webhook_telling.record(connection, [one.position for one in told])
            await stream.record_read(connection, READER, told[-1].position)
        if made:
            self.hub.publish(WEBHOOK, once=True)
        return len(told) == BATCH
