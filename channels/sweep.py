"""Clears up what a crash or a silent provider left behind: nothing stays `sending` or `unknown`.

Where a channel can look up what its provider took, an unknown outcome is looked up before
anything is sent again (facts: Twilio and Aliyun know no idempotency key). Where the provider
knows our key, it is simply sent again. Everything else waits for a word, and then ends `failed`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import Counter

from channels.contract import Channels, LookUp
from channels.letter import Writer, write_letters
from channels.live import DELIVER, EVENT, OPEN, Hub
from kernel.errors import ServiceError
from kernel.message import Outbound
from store import campaign_end, campaign_slice, doubt, receipt, unknown
from store.cipher import Cipher
from store.engine import Database

log = logging.getLogger(__name__)

LOOKED_UP = Counter("zhida_looked_up_total", "Unknown outcomes looked up", ["channel", "found"])

MAX_ATTEMPTS = 8
DEAD_SECONDS = 60.0
"""After so long a worker that was calling a provider is dead; no call lasts as long."""
UNKNOWN_WAIT_SECONDS = 120.0
"""How long a word on an unknown outcome is waited for (a receipt, a repeated callback)."""
SETTLE_SECONDS = 15.0
"""A provider may list a message this much later than it took it; no call is under way by then."""
SLICE_SECONDS = 40.0
"""The same for campaigns is so much longer: a slice's last call ends that long after the slice was
committed (channels/volley.py)."""
LOOK_SECONDS = 10.0
SWEEP_SECONDS = 5.0
BATCH = 400
AT_ONCE = 16
"""Look-ups under way at once: what a dead worker of campaigns left is hundreds of them."""


@dataclass(slots=True)
class Sweeper:
    """Belongs to one deliverer; several may sweep at once."""

    database: Database
    cipher: Cipher
    channels: Channels
    hub: Hub
    worker: str
    settle: float = SETTLE_SECONDS
    writer: Writer | None = None
    _looking: asyncio.Task[None] | None = field(default=None)

    async def run(self) -> None:
        """Sweep while messages have not come to their end, until cancelled."""
        try:
            await self.hub.follow(
                OPEN, self.sweep, poll=0.0, what="The sweep waits", breath=SWEEP_SECONDS
            )
        finally:
            if self._looking is not None:
                self._looking.cancel()
                await asyncio.gather(self._looking, return_exceptions=True)

    async def recover(self) -> None:
        """Turn what this worker was sending when it died into `unknown`; waits for the database."""
        while True:
            try:
                async with self.database.transaction() as connection:
                    lost = await unknown.record_lost_workers(
                        connection, self.worker, older_than=DEAD_SECONDS
                    )
            except ServiceError as error:
                log.warning("Recovery waits: %s", error)
                await asyncio.sleep(1)
                continue
            if lost:
                log.warning("%s messages were being sent when this worker died: unknown.", lost)
            return

    async def sweep(self) -> None:
        """Clear up once; look-ups go on beside it, for they call providers."""
        keyed = [(one.name, one.account) for one in self.channels if one.capabilities.has_key]
        async with self.database.transaction() as connection:
            await unknown.record_lost_workers(connection, "", older_than=DEAD_SECONDS)
            await campaign_slice.record_lost(connection, older_than=DEAD_SECONDS)
            if keyed:
                await unknown.record_doubted(connection, keyed, most=MAX_ATTEMPTS)
            await receipt.record_late(connection)
            await campaign_end.cancel_late(connection)
            await unknown.record_unresolved(connection, older_than=UNKNOWN_WAIT_SECONDS)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_up_all(), name="look-up")

    async def _look_up_all(self) -> None:
        places = [(one.name, one.account) for one in self.channels if isinstance(one, LookUp)]
        if not places:
            return
        try:
            async with self.database.transaction() as connection:
                found = await doubt.find_unknown(
                    connection,
                    self.cipher,
                    places,
                    older_than=self.settle,
                    slice_seconds=SLICE_SECONDS,
                    limit=BATCH,
                )
                asked = [outbound for outbound, _ in found]
                written, _ = await write_letters(connection, self.writer, asked)
            times = {outbound.outbox_id: since for outbound, since in found}
        except ServiceError as error:
            log.warning("Looking up waits: %s", error)
            return
        asking = iter([(one, times[one.outbox_id]) for one in written])
        await asyncio.gather(*(self._look_up_next(asking) for _ in range(AT_ONCE)))

    async def _look_up_next(self, asking: Iterator[tuple[Outbound, datetime]]) -> None:
        for outbound, since in asking:
            try:
                await self._look_up(outbound, since)
            except ServiceError as error:
                log.warning("Looking up waits: %s", error)
                return

    async def _look_up(self, outbound: Outbound, since: datetime) -> None:
        names = await self._ask(outbound, since)
        if names is None:
            LOOKED_UP.labels(outbound.address.channel, "nobody_knows").inc()
            return
        async with self.database.transaction() as connection:
            took = await doubt.record_found(connection, outbound, names)
            if not took and outbound.attempt < MAX_ATTEMPTS:
                await doubt.record_absent(connection, outbound)
        LOOKED_UP.labels(outbound.address.channel, "found" if took else "absent").inc()
        self.hub.publish(EVENT, once=True)
        self.hub.publish(DELIVER, once=True)

    async def _ask(self, outbound: Outbound, since: datetime) -> Sequence[str] | None:
        try:
            channel = self.channels.get(outbound.address)
            if not isinstance(channel, LookUp):
                return None
            async with asyncio.timeout(LOOK_SECONDS):
                return await channel.look_up(outbound, since)
        except (ServiceError, TimeoutError):
            return None
        except Exception:
            log.exception("The %s adapter broke its contract.", outbound.address.channel)
            return None
