"""Writes down what became of a slice's calls, for the messages, their clients and the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from uuid import UUID

from channels.deliver import SENT
from channels.ending import insist
from channels.live import EVENT, Hub
from channels.recording import Watch
from channels.volley import Volley
from kernel.message import Refusal, Rejected
from store import consent, throttle, window
from store.batch import Outcome, Taken
from store.engine import Connection, Database

Record: TypeAlias = Callable[
    [Connection, UUID, tuple[str, str], Taken, Sequence[Outcome]], Awaitable[None]
]
"""`store.batch.record` for first calls, `store.again.record` for later ones."""


@dataclass(frozen=True, slots=True)
class Settler:
    """Settles a volley in one transaction, also when the database is away for a while."""

    database: Database
    hub: Hub
    watch: Watch | None = None

    async def settle(
        self, volley: Volley, campaign_id: UUID, record: Record, *, was_failing: bool
    ) -> None:
        """Record the outcomes; an account that `was_failing` is told when it works again."""
        what = f"{len(volley.taken.ids) + len(volley.outcomes)} messages of a campaign"
        await insist(partial(self._write, volley, campaign_id, record, was_failing), what)
        self._tell(volley)

    async def _write(
        self, volley: Volley, campaign_id: UUID, record: Record, was_failing: bool
    ) -> None:
        place = (volley.channel.name, volley.channel.account)
        async with self.database.transaction() as connection:
            await record(connection, campaign_id, place, volley.taken, volley.outcomes)
            for outbound, result in volley.refused:
                if isinstance(result, Rejected) and result.refusal is Refusal.CONSENT:
                    await consent.record_refused(connection, outbound.address, outbound.outbox_id)
                if isinstance(result, Rejected) and result.refusal is Refusal.WINDOW:
                    await window.record_used_up_at(connection, outbound.address)
                if self.watch:
                    await self.watch.record(connection, outbound.address, result)
            if any(volley.failed) or (volley.failed and was_failing):
                await throttle.record_calls(connection, *place, failed=volley.failed)

    def _tell(self, volley: Volley) -> None:
        name, others = volley.channel.name, ((one.state, one.code) for one in volley.outcomes)
        SENT.labels(name, "accepted", "").inc(len(volley.taken.ids))
        for (state, code), n in Counter(others).items():
            SENT.labels(name, state, code or "").inc(n)
        self.hub.publish(EVENT, once=True)
