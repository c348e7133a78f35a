"""Sends again what of campaigns did not go well: by account, many at once, like a slice.

After an outage there may be as many of them as of first messages, and they go as fast. What a slice
asks before a first call is asked before each of theirs (store/again.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Final
from uuid import UUID

from channels.allowance import find_size
from channels.bulk import Pacer
from channels.contract import Channel, Channels
from channels.deliver import UNWRITTEN
from channels.ending import insist
from channels.letter import Writer, write_letters
from channels.live import DELIVER, Hub
from channels.recording import Watch
from channels.settle import Settler
from channels.sweep import DEAD_SECONDS
from channels.volley import RUNNING, Flight, Volley
from kernel.errors import NotFound
from kernel.message import Address
from store import again, campaign_end, outcome, throttle
from store.again import Waiting
from store.batch import Outcome
from store.cipher import Cipher
from store.engine import Database
from store.throttle import Grant

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 0.5
"""How long it waits for an account's limit before it looks at all accounts again."""


@dataclass(slots=True)
class Resender:
    """Start as many as you like, on any machine."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub
    writer: Writer
    pacer: Pacer
    worker: str
    watch: Watch | None = None
    _flight: Flight = field(default_factory=Flight)
    _settler: Settler = field(init=False)

    def __post_init__(self) -> None:
        self._settler = Settler(self.database, self.hub, self.watch)

    async def run(self) -> None:
        """Send until cancelled; what was called for is recorded even then, the rest goes back."""
        await insist(self._recover, "a predecessor's messages")
        try:
            await self.hub.follow(
                DELIVER, self.send_due, poll=POLL_SECONDS, what="Campaigns' later calls wait"
            )
        finally:
            await self._flight.stop()

    async def send_due(self) -> bool:
        """Send what is due at every account; return whether there was anything."""
        async with self.database.once() as connection:
            waiting = await again.find_waiting(connection)
        sending = [
            self._flight.carry(self._send_at(place, list(mine)))
            for place, mine in groupby(waiting, key=attrgetter("place"))
        ]
        return any(await asyncio.gather(*sending))

    async def _recover(self) -> None:
        async with self.database.transaction() as connection:
            await outcome.record_lost_workers(connection, self.worker, older_than=DEAD_SECONDS)

    async def _send_at(self, place: tuple[str, str], waiting: Sequence[Waiting]) -> bool:
        try:
            channel = self.channels.get(Address(*place, address=""))
        except NotFound:
            return False  # another machine has this account, or people will set it up again
        is_busy = False
        for one in waiting:
            async with self.database.once() as connection:
                granted = await throttle.grant(connection, *place, wanted=find_size(channel))
            if not granted.n:
                await asyncio.sleep(min(granted.wait, LONGEST_SECONDS))
                return is_busy or not granted.is_open
            is_busy |= await self._send(channel, one, granted)
        return is_busy

    async def _send(self, channel: Channel, waiting: Waiting, granted: Grant) -> bool:
        """Send what of a campaign may still go; return whether there was anything to look at."""
        campaign_id = waiting.terms.campaign_id
        async with self.database.transaction() as connection:
            pace = await self.pacer.find(connection, waiting.terms.category)
            claimed = await again.claim(
                connection, self.cipher, self.worker, waiting, pace, limit=granted.n
            )
            written, unwritten = await write_letters(connection, self.writer, claimed.going)
        if claimed.going:
            volley = Volley(channel, iter(written), partial(self._find_state, campaign_id))
            volley.outcomes += [
                Outcome(one.outbox_id, "rejected", UNWRITTEN, attempt=one.attempt)
                for one in unwritten
            ]
            await self._flight.fire(volley)
            await self._settler.settle(
                volley, campaign_id, again.record, was_failing=granted.has_failed
            )
        return claimed.looked_at > 0

    async def _find_state(self, campaign_id: UUID) -> str:
        """Return whether people have stopped it; a campaign that is done stops nothing."""
        async with self.database.once() as connection:
            state = await campaign_end.find_state(connection, campaign_id)
        return RUNNING if state == "done" else state
