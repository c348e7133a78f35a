"""Sends again what of campaigns did not go well: by account, many at once, like a slice.

After an outage there may be as many of them as of first messages, and they go as fast.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from channels.allowance import find_size
from channels.contract import Channels
from channels.deliver import UNWRITTEN
from channels.ending import insist
from channels.letter import Writer, write_letters
from channels.live import DELIVER, Hub
from channels.recording import Watch
from channels.settle import Settler
from channels.sweep import DEAD_SECONDS
from channels.volley import LATEST_SECONDS, RUNNING, Flight, Volley
from kernel.errors import NotFound
from kernel.message import Address, Outbound
from store import again, campaign_end, throttle, unknown
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
            places = await again.find_places(connection)
        sending = [self._flight.carry(self._send_at(place)) for place in places]
        return any(await asyncio.gather(*sending))

    async def _recover(self) -> None:
        async with self.database.transaction() as connection:
            await unknown.record_lost_workers(connection, self.worker, older_than=DEAD_SECONDS)

    async def _send_at(self, place: tuple[str, str]) -> bool:
        try:
            channel = self.channels.get(Address(*place, address=""))
        except NotFound:
            return False  # another machine has this account, or people will set it up again
        async with self.database.once() as connection:
            granted = await throttle.grant(connection, *place, wanted=find_size(channel))
        if not granted.n:
            await asyncio.sleep(min(granted.wait, LONGEST_SECONDS))
            return not granted.is_open
        until = time.monotonic() + LATEST_SECONDS
        async with self.database.transaction() as connection:
            claimed = await again.claim(
                connection, self.cipher, self.worker, place, limit=granted.n
            )
            written, unwritten = await write_letters(connection, self.writer, claimed)
        lost = [
            Outcome(one.outbox_id, "rejected", UNWRITTEN, attempt=one.attempt) for one in unwritten
        ]
        campaigns = {_campaign_of(one) for one in claimed}
        for campaign_id in campaigns:
            mine = [one for one in written if _campaign_of(one) == campaign_id]
            volley = Volley(channel, iter(mine), partial(self._find_state, campaign_id), until)
            volley.outcomes += lost
            await self._send(volley, campaign_id, granted)
            lost = []
        return bool(claimed)

    async def _send(self, volley: Volley, campaign_id: UUID, granted: Grant) -> None:
        await self._flight.fire(volley)
        await self._settler.settle(
            volley, campaign_id, again.record, was_failing=granted.has_failed
        )

    async def _find_state(self, campaign_id: UUID) -> str:
        """Return whether people have stopped it; a campaign that is done stops nothing."""
        async with self.database.once() as connection:
            state = await campaign_end.find_state(connection, campaign_id)
        return RUNNING if state == "done" else state


def _campaign_of(outbound: Outbound) -> UUID:
    """Return the campaign that a message of the bulk lane belongs to."""
    letter = outbound.letter
    assert letter is not None and letter.campaign_id is not None  # noqa: S101,PT018  # LANE
    return letter.campaign_id
