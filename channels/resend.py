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
from channels.fetched import Poster
from channels.letter import Writer, write_letters
from channels.live import DELIVER, EVENT, Hub
from channels.recording import Watch
from channels.settle import Settler
from channels.sweep import DEAD_SECONDS
from channels.volley import RUNNING, Flight, Volley
from channels.window import claim_replies
from kernel.errors import NotFound
from kernel.message import Address, Outbound, Refusal
from store import again, campaign_end, throttle, unknown
from store.again import Claimed, Waiting
from store.batch import Outcome
from store.cipher import Cipher
from store.engine import Connection, Database
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
    poster: Poster
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
            await unknown.record_lost_workers(connection, self.worker, older_than=DEAD_SECONDS)

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
            send = self._post if channel.capabilities.is_pulled else self._send
            is_busy |= await send(channel, one, granted)
        return is_busy

    async def _claim(
        self, connection: Connection, waiting: Waiting, granted: Grant
    ) -> tuple[Claimed, list[Outbound], list[Outbound]]:
        """Return what of a campaign may still go, those of it that have words, and the others."""
        pace = await self.pacer.find(connection, waiting.terms.category)
        claimed = await again.claim(
            connection, self.cipher, self.worker, waiting, pace, limit=granted.n
        )
        return claimed, *await write_letters(connection, self.writer, claimed.going)

    async def _send(self, channel: Channel, waiting: Waiting, granted: Grant) -> bool:
        """Send what of a campaign may still go; return whether there was anything to look at."""
        campaign_id = waiting.terms.campaign_id
        async with self.database.transaction() as connection:
            claimed, written, unwritten = await self._claim(connection, waiting, granted)
            shut = await claim_replies(connection, channel, written)
        if claimed.going:
            going = (one for one in written if one.outbox_id not in shut)
            volley = Volley(channel, going, partial(self._find_state, campaign_id))
            volley.outcomes += [_reject(one, UNWRITTEN) for one in unwritten]
            volley.outcomes += [
                _reject(one, Refusal.WINDOW) for one in written if one.outbox_id in shut
            ]
            await self._flight.fire(volley)
            await self._settler.settle(
                volley, campaign_id, again.record, was_failing=granted.has_failed
            )
        return claimed.looked_at > 0

    async def _post(self, channel: Channel, waiting: Waiting, granted: Grant) -> bool:
        """Write it where its clients fetch it; return whether there was anything to look at."""
        async with self.database.transaction() as connection:
            claimed, written, unwritten = await self._claim(connection, waiting, granted)
            lost = [(one.outbox_id, one.attempt) for one in unwritten]
            fetched = await self.poster.post(
                connection, channel, waiting.terms.campaign_id, written, lost, record=again.record
            )
        self.poster.tell_all(fetched)
        self.hub.publish(EVENT, once=True)
        return claimed.looked_at > 0

    async def _find_state(self, campaign_id: UUID) -> str:
        """Return whether people have stopped it; a campaign that is done stops nothing."""
        async with self.database.once() as connection:
            state = await campaign_end.find_state(connection, campaign_id)
        return RUNNING if state == "done" else state


def _reject(outbound: Outbound, why: str) -> Outcome:
    return Outcome(outbound.outbox_id, "rejected", why, attempt=outbound.attempt)
