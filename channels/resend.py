"""Sends again what of campaigns did not go well: by account, many at once, like a slice.

After an outage there may be as many of them as of first messages, and they go as fast.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from channels.allowance import find_size
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
from store import again, campaign_end, outcome, throttle
from store.batch import Outcome
from store.campaign_post import Fetched
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
            places = await again.find_places(connection)
        sending = [self._flight.carry(self._send_at(place)) for place in places]
        return any(await asyncio.gather(*sending))

    async def _recover(self) -> None:
        async with self.database.transaction() as connection:
            await outcome.record_lost_workers(connection, self.worker, older_than=DEAD_SECONDS)

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
        async with self.database.transaction() as connection:
            claimed = await again.claim(
                connection, self.cipher, self.worker, place, limit=granted.n
            )
            written, unwritten = await write_letters(connection, self.writer, claimed)
            shut = await claim_replies(connection, channel, written)
            is_pulled = channel.capabilities.is_pulled
            fetched = await self._post(connection, channel, written, unwritten) if is_pulled else []
        if is_pulled:
            self.poster.tell_all(fetched)
            self.hub.publish(EVENT, once=True)
            return bool(claimed)
        lost = [
            Outcome(one.outbox_id, "rejected", UNWRITTEN, attempt=one.attempt) for one in unwritten
        ]
        lost += [
            Outcome(one.outbox_id, "rejected", Refusal.WINDOW, attempt=one.attempt)
            for one in written
            if one.outbox_id in shut
        ]
        written = [one for one in written if one.outbox_id not in shut]
        campaigns = {_campaign_of(one) for one in claimed}
        for campaign_id in campaigns:
            mine = [one for one in written if _campaign_of(one) == campaign_id]
            await self._send(channel, campaign_id, mine, lost, granted)
            lost = []
        return bool(claimed)

    async def _post(
        self,
        connection: Connection,
        channel: Channel,
        written: Sequence[Outbound],
        unwritten: Sequence[Outbound],
    ) -> list[Fetched]:
        """Write letters where their clients fetch them."""
        fetched: list[Fetched] = []
        for campaign_id in {_campaign_of(one) for one in (*written, *unwritten)}:
            mine = [one for one in written if _campaign_of(one) == campaign_id]
            lost = [
                (one.outbox_id, one.attempt)
                for one in unwritten
                if _campaign_of(one) == campaign_id
            ]
            fetched += await self.poster.post(
                connection, channel, campaign_id, mine, lost, record=again.record
            )
        return fetched

    async def _send(
        self,
        channel: Channel,
        campaign_id: UUID,
        written: Sequence[Outbound],
        lost: Sequence[Outcome],
        granted: Grant,
    ) -> None:
        volley = Volley(channel, iter(written), partial(self._find_state, campaign_id))
        volley.outcomes += lost
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
