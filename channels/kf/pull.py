"""Pulls what clients say: a callback wakes it, and a clock in case a callback was lost.

A page and the cursor after it are committed together. A worker that leases an account pulls it
alone; should two pull after all, the one whose cursor has moved meanwhile keeps nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from prometheus_client import Counter

from channels import picked
from channels.account import Accounts
from channels.contract import Channels
from channels.kf.channel import NAME, KfChannel
from channels.kf.client import Page
from channels.kf.payload import Origin, parse
from channels.kf.webhook import PULL
from channels.live import Frame, rest
from channels.receive import Receiver, heed
from channels.staff.trouble import Trouble
from kernel.clock import Clock
from kernel.crash import reach
from kernel.errors import ServiceError, Untrusted
from kernel.message import Address, Inbound, InboundKind, Json, Receipt, Retryable
from store import channel_cursor, receipt
from store.channel_cursor import Place
from store.engine import Connection
from store.inbox import Kept

log = logging.getLogger(__name__)

PULLED = Counter("zhida_kf_pulled_total", "Pulled messages and events by outcome", ["outcome"])

EVERY_SECONDS = 30.0
LEASE_SECONDS = 30.0
"""Longer than a call and its transaction may take; a dead worker's account waits no longer."""
LOOK_SECONDS = 2.0
LONGEST_PAUSE = 60.0
HISTORY = timedelta(hours=1)


@dataclass(slots=True)
class KfPuller:
    """Pulls every kf account of this installation; several may run, each account has one."""

    accounts: Accounts
    channels: Channels
    receiver: Receiver
    clock: Clock
    worker: str
    trouble: Trouble | None = None
    every: float = EVERY_SECONDS
    _followed: dict[str, _Follower] = field(default_factory=dict)

    async def run(self) -> None:
        """Pull until cancelled."""
        stop = self.receiver.hub.listen(PULL, self._hear)
        try:
            while True:
                self._follow({one.name for one in self.accounts if one.channel == NAME})
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            stop()
            tasks = [one.task for one in self._followed.values()]
            self._follow(set())
            await asyncio.gather(*tasks, return_exceptions=True)

    async def pull(self, account: str, token: str = "") -> bool:
        """Pull everything that there is; False while another worker does.

        Raises:
            ServiceError: WeCom or the database failed; what was kept stays, the rest is there.
        """
        place = Place(NAME, account)
        try:
            while (cursor := await self._claim(place)) is not None:
                page = await self._channel(account).client.pull(cursor, token)
                await self._keep(place, cursor, page)
                if not page.has_more or page.next_cursor == cursor:
                    return True  # a page that leads nowhere would be asked for without end
        finally:
            await self._release(place)
        return False

    async def _claim(self, place: Place) -> str | None:
        async with self.receiver.database.transaction() as connection:
            return await channel_cursor.claim(connection, place, self.worker, seconds=LEASE_SECONDS)

    async def _release(self, place: Place) -> None:
        with suppress(ServiceError):  # the lease ends by itself
            async with self.receiver.database.transaction() as connection:
                await channel_cursor.release(connection, place, self.worker)

    async def _keep(self, place: Place, cursor: str, page: Page) -> None:
        """Keep a page together with the cursor after it, then wake who waits for messages."""
        if not page.items and page.next_cursor == cursor:
            return
        found = self._parse(place.account, page, is_first=not cursor)
        kept: list[tuple[Inbound, Kept]] = []
        async with self.receiver.database.transaction() as connection:
            is_ours = await channel_cursor.move(
                connection, place, before=cursor, after=page.next_cursor
            )
            if is_ours:
                kept = await self._record(connection, found)
            reach("pull.before_commit")
        reach("pull.after_commit")
        for inbound, one in kept:
            self.receiver.tell(inbound, one)

    async def _record(
        self, connection: Connection, found: list[Inbound | Receipt]
    ) -> list[tuple[Inbound, Kept]]:
        kept = []
        for one in found:
            if isinstance(one, Receipt):
                await receipt.record(connection, one)
            else:
                inbound = await picked.resolve(connection, self.receiver.cipher, one)
                kept.append((inbound, await self.receiver.keep(connection, inbound)))
                await heed(connection, inbound)
        return kept

    def _parse(self, account: str, page: Page, *, is_first: bool) -> list[Inbound | Receipt]:
        now = self.clock.now()
        origin = Origin(account, self._channel(account).client.open_kfid, now)
        found = [one for item in page.items if (one := _read(item, origin)) is not None]
        return [_shelve(one, now) for one in found] if is_first else found

    def _channel(self, account: str) -> KfChannel:
        channel = self.channels.get(Address(NAME, account, ""))
        if not isinstance(channel, KfChannel):
            raise TypeError(f"kf/{account} is no kf account.")
        return channel

    def _follow(self, names: set[str]) -> None:
        ended = {name for name, one in self._followed.items() if one.task.done()}
        for gone in (self._followed.keys() - names) | ended:
            task = self._followed.pop(gone).task
            task.cancel()
            if gone in ended and not task.cancelled():
                log.error("Pulling kf/%s ended by a bug.", gone, exc_info=task.exception())
        for name in names - self._followed.keys():
            wake = asyncio.Event()
            task = asyncio.create_task(self._pull_always(name, wake), name=f"pull-{name}")
            self._followed[name] = _Follower(wake, task)

    def _hear(self, _topic: str, frame: Frame) -> None:
        follower = self._followed.get(str(frame.get("account")))
        if follower:
            follower.token = str(frame.get("token") or "")
            follower.wake.set()

    async def _pull_always(self, name: str, wake: asyncio.Event) -> None:
        failures = 0
        while True:
            wake.clear()
            token = self._take_token(name)
            try:
                is_done = await self.pull(name, token)
                failures, pause = 0, self.every
                if token and not is_done:  # whoever pulls now may not have heard of this callback
                    self._give_token_back(name, token)
                    pause = LOOK_SECONDS
            except (ServiceError, TimeoutError) as error:
                failures += 1
                pause = min(LONGEST_PAUSE, 0.5 * 2**failures)
                log.warning("Pulling kf/%s waits %.0f s: %s", name, pause, error)
                await self._tell_staff(name, error)
            await rest(wake, pause)

    async def _tell_staff(self, name: str, error: Exception) -> None:
        """Whoever cannot be pulled is not answered: that is trouble, as failing sends are."""
        code = error.code if isinstance(error, ServiceError) else "timeout"
        if self.trouble is None:
            return
        with suppress(ServiceError):  # the database is away: then that is the trouble
            async with self.receiver.database.transaction() as connection:
                place = Address(NAME, f"{name}（接收）", "")
                await self.trouble.record(connection, place, Retryable(code))

    def _take_token(self, name: str) -> str:
        follower = self._followed.get(name)
        if follower is None:
            return ""
        token, follower.token = follower.token, ""
        return token

    def _give_token_back(self, name: str, token: str) -> None:
        follower = self._followed.get(name)
        if follower is not None and not follower.token:
            follower.token = token


@dataclass(slots=True)
class _Follower:
    """The task that pulls one account, and how it is woken."""

    wake: asyncio.Event
    task: asyncio.Task[None]
    token: str = ""


def _shelve(one: Inbound | Receipt, now: datetime) -> Inbound | Receipt:
    """Keep what was said long before this account was set up here, for people to read.

    The first pull brings three days of history, which nobody waits for the assistant to answer.
    """
    if isinstance(one, Receipt) or one.provider_at is None or now - one.provider_at < HISTORY:
        return one
    return replace(
        one, kind=InboundKind.EVENT, subtype="history", window_rule=None, menu_payload=None
    )


def _read(item: Mapping[str, Json], origin: Origin) -> Inbound | Receipt | None:
    """Read one entry; what cannot be read is counted and must not hold up the others."""
    try:
        found = parse(item, origin)
    except Untrusted as error:
        PULLED.labels(error.code).inc()
        log.warning("An entry of kf/%s was left out: %s", origin.account, error.message)
        return None
    PULLED.labels("receipt" if isinstance(found, Receipt) else "kept" if found else "staff").inc()
    return found
