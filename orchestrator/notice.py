"""The worker of notices: climbs what is due, and hears what became of what was sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from prometheus_client import Counter, Gauge

from channels.live import DELIVER, NOTICE, OPEN, SEALED, Hub
from kernel.errors import ServiceError
from kernel.happening import OUTBOX_MOVED
from orchestrator import proof
from orchestrator.ladder import Ladder
from store import proof as ledger
from store import repeat, rung, stream
from store.cipher import Cipher
from store.engine import Connection, Database
from store.link import FOLLOWED
from store.rung import HeardNotice

log = logging.getLogger(__name__)

READER: Final = "notice"
CRITICAL: Final = "critical"
OTHERS: Final = ("high", "normal", "low")
FIRST: Final = 64
"""Critical notices in one look: few, so that the first leave while the rest is being written."""
POLL_SECONDS: Final = 1.0
HEAR_SECONDS: Final = 1.0
BREATH_SECONDS: Final = 0.3
"""After something happened, until it is sealed and can be read."""
HEARD: Final = 500
PAUSE_SECONDS: Final = 0.25
"""After a bell, until all but critical notices are looked at: many bells are one look."""
MEND_SECONDS: Final = 2.0
"""How often late messages are taken out, and those in doubt are sent again."""
DOUBT_SECONDS: Final = 3.0
"""So long an answer may be under way before its message is sent again."""

_PASSING: Final = frozenset({"queued", "sending", "accepted", "unknown"})

LOOKED = Counter("zhida_notices_looked_total", "Looks at due notices", ["urgency"])
WAITING = Gauge("zhida_notice_worker_failing", "1 while the worker cannot work", ["part"])


@dataclass(slots=True)
class NoticeWorker:
    """Runs on any number of machines; critical notices never wait behind others."""

    ladder: Ladder
    database: Database
    cipher: Cipher
    hub: Hub
    _critical: asyncio.Event = field(default_factory=asyncio.Event)
    _others: asyncio.Event = field(default_factory=asyncio.Event)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until cancelled."""
        stops = [
            self.hub.listen(NOTICE, lambda *_: self._wake()),
            self.hub.listen(SEALED, lambda *_: self._told.set()),
        ]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._climb_critical(), name="notice-critical")
                group.create_task(self._climb_others(), name="notice-others")
                group.create_task(self._mend_always(), name="notice-mend")
                group.create_task(self._hear(), name="notice-hear")
        finally:
            for stop in stops:
                stop()

    async def hear_next(self) -> int:
        """Take what happened to messages into their notices; return how many happenings.

        A notice whose message moved, or whose link was followed, is looked at now, whatever it
        was waiting for.
        """
        async with self.database.transaction() as connection:
            told = await stream.read_next(connection, READER, [OUTBOX_MOVED, FOLLOWED], HEARD)
            if not told:
                return 0
            moved = list({UUID(one.subject_id) for one in told})
            firm = {UUID(one.subject_id) for one in told if one.after.get("state") not in _PASSING}
            heard = await rung.find_heard(connection, moved)
            proved = [one.id for one in heard if one.urgency in ledger.PROVED]
            await proof.catch_up(connection, self.cipher, proved)
            looks = await rung.record_heard(
                connection, await self._find_changed(connection, heard, list(firm))
            )
            await stream.record_read(connection, READER, told[-1].position)
        if looks:
            self._wake()
        return len(told)

    async def _find_changed(
        self, connection: Connection, heard: Sequence[HeardNotice], firm_ids: Sequence[UUID]
    ) -> list[UUID]:
        """Return the notices whose ladder may come to another verdict by what was heard.

        That a provider took a message changes nothing where only its client's word counts.
        """
        policies = await self.ladder.policies.get(connection)
        strict = {
            name
            for name, one in policies.items()
            if not any({"accepted", "delivered"} & set(rung.reached_by) for rung in one.rungs)
        }
        firm = {one.id for one in await rung.find_heard(connection, firm_ids)}
        return [one.id for one in heard if one.urgency not in strict or one.id in firm]

    def _wake(self) -> None:
        self._critical.set()
        self._others.set()

    async def _climb_critical(self) -> None:
        while True:
            self._critical.clear()
            if await self._try(CRITICAL, FIRST) < FIRST:  # what came since has rung
                await self.hub.rest(self._critical, POLL_SECONDS)

    async def _climb_others(self) -> None:
        while True:
            self._others.clear()
            looked = [await self._try(urgency) for urgency in OTHERS]
            if not any(looked):
                await self.hub.rest(self._others, POLL_SECONDS)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _try(self, urgency: str, limit: int | None = None) -> int:
        try:
            looked = await (
                self.ladder.climb(urgency, limit=limit) if limit else self.ladder.climb(urgency)
            )
        except ServiceError as error:
            WAITING.labels(urgency).set(1)
            log.warning("Notices (%s) wait: %s", urgency, error)
            await asyncio.sleep(POLL_SECONDS)
            return 0
        WAITING.labels(urgency).set(0)
        LOOKED.labels(urgency).inc(looked)
        return looked

    async def mend(self) -> int:
        """Take out what is too late and send again what is in doubt; return how many of these."""
        async with self.database.transaction() as connection:
            await rung.record_expired(connection)
            policies = await self.ladder.policies.get(connection)
            urgencies = [name for name, one in policies.items() if one.repeats_unknown]
            again = await repeat.record_repeated(connection, urgencies, older_than=DOUBT_SECONDS)
        if again:
            log.warning("%d messages in doubt are sent again: silence would be worse.", again)
            self.hub.publish(DELIVER, once=True)
        return again

    async def _mend_always(self) -> None:
        what = "Late and doubtful messages wait"
        await self.hub.follow(OPEN, self.mend, poll=0.0, what=what, breath=MEND_SECONDS)

    async def _hear(self) -> None:
        while True:
            self._told.clear()
            try:
                while await self.hear_next() == HEARD:
                    pass
            except ServiceError as error:
                log.warning("What became of messages waits to be heard: %s", error)
            await self.hub.rest(self._told, HEAR_SECONDS)
            await asyncio.sleep(BREATH_SECONDS)
