"""What a share of a campaign may send now, and by which account: limits, circuits, stand-ins."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from channels.contract import Channel, Channels, LookUp
from channels.ending import is_fault
from kernel.errors import NotFound
from kernel.message import Address, Outbound, SendResult
from store import account_day, throttle
from store.engine import Database
from store.share import Lease

SLICE: Final = 1000
"""Recipients of a slice: what is `unknown` at most when a worker dies, times its loops."""
LOOKED_UP_SLICE: Final = 200
"""The same where the provider can be asked: it tells what arrived, and not that nothing did."""
DOUBTFUL_SLICE: Final = 30
"""The same where nobody can clear such a doubt up afterwards."""
ABSENT_SECONDS: Final = 10.0
"""How long an account that is not set up in this process is left to others."""
FULL_SECONDS: Final = 60.0
"""How long an account rests whose messages of the day are used up, before it is asked again."""
TELL_SECONDS: Final = 0.5
"""How often a Deliverer tells the other workers what it has called for."""
PORTABLE: Final = frozenset({"sms", "email", "voice"})
"""Channels on which another account reaches the same address."""


@dataclass(slots=True)
class Allowance:
    """Grants by the tokens that all workers share; remembers which accounts rest for a moment."""

    database: Database
    channels: Channels
    _resting: dict[tuple[str, str], float] = field(default_factory=dict)
    _failing: set[tuple[str, str]] = field(default_factory=set)

    async def grant(self, held: Lease, *, most: int = SLICE) -> tuple[Channel | None, int]:
        """Return the channel that carries a share now, and how many messages it may take."""
        for place in self._list_accounts(held):
            channel = self._find_channel(place)
            if channel is None:
                continue
            async with self.database.once() as connection:
                wanted = min(most, find_size(channel))
                granted = await throttle.grant(connection, *place, wanted=wanted)
            (self._failing.add if granted.has_failed else self._failing.discard)(place)
            if granted.n:
                n = await self._grant_day(channel, granted.n)
                if n:
                    allowed = await self._grant_campaign(held, n)
                    await self.give_back(channel, n - allowed)
                    return channel, allowed
                self._resting[place] = time.monotonic() + FULL_SECONDS
                continue
            self._resting[place] = time.monotonic() + granted.wait
            if not granted.is_open:
                break
        return None, 0

    async def give_back(self, channel: Channel, n: int) -> None:
        """Give back what of a grant was not used, so that others may send it today."""
        if n > 0 and self.channels.find_quota(channel) is not None:
            async with self.database.once() as connection:
                await account_day.give_back(connection, channel.name, channel.account, n)

    def has_failed(self, place: tuple[str, str]) -> bool:
        """Tell whether an account's last calls had failed when it was last asked for its limit."""
        return place in self._failing

    def find_resting(self) -> list[tuple[str, str]]:
        """Return the accounts that cannot send now and have nobody who stands in for them."""
        now = time.monotonic()
        self._resting = {place: until for place, until in self._resting.items() if until > now}
        able = {one.name for one in self.channels if (one.name, one.account) not in self._resting}
        return [one for one in self._resting if one[0] not in PORTABLE or one[0] not in able]

    async def _grant_day(self, channel: Channel, wanted: int) -> int:
        """Return how many of them the account's quota of the day leaves, where it has one."""
        quota = self.channels.find_quota(channel)
        if quota is None:
            return wanted
        async with self.database.once() as connection:
            return await account_day.take(
                connection, channel.name, channel.account, wanted=wanted, quota=quota
            )

    async def _grant_campaign(self, held: Lease, wanted: int) -> int:
        """Return how many of them the campaign's own limit leaves, where it has one."""
        if not held.per_second:
            return wanted
        async with self.database.once() as connection:
            await throttle.set_campaign_limit(connection, held.campaign_id, held.per_second)
        name = str(held.campaign_id)
        async with self.database.once() as connection:
            return (await throttle.grant(connection, throttle.CAMPAIGN, name, wanted=wanted)).n

    def _list_accounts(self, held: Lease) -> list[tuple[str, str]]:
        """Return the place's own account, then those that could stand in for it."""
        own = (held.channel, held.account)
        if held.channel not in PORTABLE:
            return [own]
        others = [(one.name, one.account) for one in self.channels if one.name == held.channel]
        return [own, *(one for one in others if one != own)]

    def _find_channel(self, place: tuple[str, str]) -> Channel | None:
        try:
            return self.channels.get(Address(*place, address=""))
        except NotFound:
            self._resting[place] = time.monotonic() + ABSENT_SECONDS
            return None


@dataclass(slots=True)
class Spending:
    """Tells all workers of what goes out without asking: replies and notices, one by one.

    They wait for no token and no circuit, and so campaigns wait longer and learn of failures. An
    account is one row: it is written now and then for many calls, and never while others wait.
    """

    database: Database
    channels: Channels
    _claimed: Counter[tuple[str, str]] = field(default_factory=Counter)
    _failed: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    _failing: set[tuple[str, str]] = field(default_factory=set)
    _record_at: float = 0.0

    def note_claimed(self, claimed: Sequence[Outbound]) -> None:
        """Note messages that are called for now, where their account has a limit."""
        places = Counter((one.address.channel, one.address.account) for one in claimed)
        for place in places.keys() & (self.channels.rates.keys() | self.channels.quotas.keys()):
            self._claimed[place] += places[place]

    def note_result(self, address: Address, result: SendResult) -> None:
        """Note a failure of the account, or that it works again."""
        place, failed = (address.channel, address.account), is_fault(result)
        if failed or place in self._failing:
            self._failed.setdefault(place, []).append(failed)
        (self._failing.add if failed else self._failing.discard)(place)

    async def record(self) -> None:
        """Write what was noted, if the last time is a moment ago."""
        if time.monotonic() < self._record_at or not (self._claimed or self._failed):
            return
        self._record_at = time.monotonic() + TELL_SECONDS
        claimed, self._claimed = self._claimed, Counter()
        failed, self._failed = self._failed, {}
        for place, n in claimed.items():
            async with self.database.once() as connection:
                await throttle.spend(connection, *place, n)
            if place in self.channels.quotas:
                async with self.database.once() as connection:
                    await account_day.spend(connection, *place, n)
        for place, calls in failed.items():
            async with self.database.once() as connection:
                await throttle.record_calls(connection, *place, failed=calls)


def find_size(channel: Channel) -> int:
    """Return how many messages at most may be under way at an account at once."""
    if channel.capabilities.has_key:
        return SLICE
    return min(SLICE, LOOKED_UP_SLICE if isinstance(channel, LookUp) else DOUBTFUL_SLICE)
