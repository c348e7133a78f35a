"""Tells webhooks what is due: each by itself, so that one that is slow or dead holds up no other.

At least once: a worker that dies between its call and its record leaves a delivery that is sent
again, under the same name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

from prometheus_client import Counter

from channels.ending import insist
from channels.live import WEBHOOK, Hub
from channels.system.call import Answer, Caller
from channels.system.pause import find_pause
from kernel.crash import reach
from kernel.errors import ServiceError
from store import throttle, webhook_delivery
from store.cipher import Cipher
from store.engine import Database
from store.webhook_delivery import CIRCUIT, Delivery, Result

log = logging.getLogger(__name__)

SENT = Counter("zhida_webhook_calls_total", "Calls to webhooks by outcome", ["outcome"])

LOOK_SECONDS: Final = 1.0
AT_ONCE: Final = 8
"""Calls to one webhook at the same time; all of a round end within its lease."""
CLEAR_SECONDS: Final = 3600.0


@dataclass(slots=True)
class SystemSender:
    """Start as many as you like, on any machine."""

    database: Database
    cipher: Cipher
    hub: Hub
    caller: Caller
    worker: str
    _busy: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    async def run(self) -> None:
        """Send until cancelled."""
        clearing = asyncio.create_task(self._clear_always(), name="webhook-clear")
        try:
            await self.hub.follow(
                WEBHOOK, self.start_due, poll=LOOK_SECONDS, what="Webhooks wait to be called"
            )
        finally:
            tasks = [clearing, *self._busy.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.caller.close()

    async def start_due(self) -> None:
        """Begin with every webhook for which something is due and that we are not calling yet."""
        async with self.database.once() as connection:
            due = await webhook_delivery.find_due(connection)
        for webhook_id in due:
            if webhook_id not in self._busy:
                task = asyncio.create_task(self._work_off(webhook_id), name="webhook")
                self._busy[webhook_id] = task
                task.add_done_callback(partial(self._forget, webhook_id))

    async def send_to(self, webhook_id: UUID) -> int:
        """Make the next calls to a webhook, together; return how many."""
        async with self.database.transaction() as connection:
            granted = await throttle.grant(connection, CIRCUIT, str(webhook_id), wanted=AT_ONCE)
            claimed = (
                await webhook_delivery.claim(
                    connection, self.cipher, webhook_id, worker=self.worker, limit=granted.n
                )
                if granted.n
                else []
            )
        if not claimed:
            return 0
        reach("webhook.before_call")
        answers = await asyncio.gather(*(self.caller.call(one) for one in claimed))
        reach("webhook.after_call")
        await insist(
            lambda: self._record(claimed, answers, was_failing=granted.has_failed),
            f"calls to webhook {webhook_id}",
        )
        return len(claimed)

    def _forget(self, webhook_id: UUID, _: asyncio.Task[None]) -> None:
        self._busy.pop(webhook_id, None)

    async def _work_off(self, webhook_id: UUID) -> None:
        try:
            while await self.send_to(webhook_id):
                pass
        except ServiceError as error:
            log.warning("Webhook %s waits: %s", webhook_id, error)
        except Exception:
            log.exception("Webhook %s could not be worked off.", webhook_id)

    async def _record(
        self, claimed: Sequence[Delivery], answers: Sequence[Answer], *, was_failing: bool
    ) -> None:
        failed = [one.code is not None for one in answers]
        results = [
            Result(one.id, one.attempt, answer.code, find_pause(one.attempt, asked=answer.wait))
            for one, answer in zip(claimed, answers, strict=True)
        ]
        async with self.database.transaction() as connection:
            given_up = await webhook_delivery.record(connection, results, worker=self.worker)
            if was_failing or any(failed):
                account = str(claimed[0].webhook_id)
                await throttle.record_calls(connection, CIRCUIT, account, failed=failed)
        if given_up:
            log.error("Webhook %s: %d deliveries are given up.", claimed[0].webhook_id, given_up)
        for answer in answers:
            SENT.labels(answer.code or "delivered").inc()

    async def _clear_always(self) -> None:
        while True:
            try:
                async with self.database.transaction() as connection:
                    await webhook_delivery.clear(connection)
            except ServiceError as error:
                log.warning("Clearing away what was told waits: %s", error)
            await asyncio.sleep(CLEAR_SECONDS)
