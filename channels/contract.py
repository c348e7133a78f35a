"""What every channel is to the rest of the house, whatever its provider calls things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from kernel.errors import NotFound
from kernel.message import Address, Inbound, Outbound, SendResult


@dataclass(frozen=True, slots=True)
class WindowRule:
    """A reply window that an inbound message opens: `quota` messages within `lasts`."""

    name: str
    quota: int
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, as data.

    `text_limit` counts characters, or bytes of UTF-8 where `limit_in_bytes`. `is_pulled`:
    the client fetches from our transcript, so a committed message is an accepted one.
    `has_windows`: replies spend a quota, of which `reserve` messages are kept for people.
    `has_key`: the provider de-duplicates by our id, so an unknown outcome may be re-sent.
    `can_answer_passively`: a reply may ride on the answer to the callback.
    `takes_replies`: the assistant's answers may go out here; nobody is called to be answered.
    """

    text_limit: int = 2000
    limit_in_bytes: bool = False
    takes_free_text: bool = True
    takes_choices: bool = True
    is_pulled: bool = False
    has_windows: bool = False
    reserve: int = 0
    has_key: bool = False
    can_answer_passively: bool = False
    takes_replies: bool = True
    receipts: frozenset[str] = frozenset()
    per_day: int | None = None
    """Messages a day that the provider takes of an account where nobody has said otherwise."""
    notice: str | None = None
    """What a person who writes here must know beforehand (`template_only` …), a word of the
    glossary; the desk shows its sentence."""


class Channel(Protocol):
    """One account at one provider."""

    @property
    def name(self) -> str:
        """The channel's name: `chat`, `wechat` …."""
        ...

    @property
    def account(self) -> str:
        """The account's name within the channel."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this channel can do."""
        ...

    def find_window(self, inbound: Inbound) -> WindowRule | None:
        """Return the reply window that an inbound message opens, if any."""
        ...

    def describe(self, address: Address) -> Capabilities:
        """Return what holds for one address, where it differs (a mainland number)."""
        ...

    async def send(self, outbound: Outbound) -> SendResult:
        """Call the provider once; never retries, never raises for what the provider does."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


class Alike:
    """What most channels have in common: the same for every address, and no reply windows."""

    __slots__ = ()

    def describe(self: Channel, address: Address) -> Capabilities:
        """Return the same for every address."""
        del address
        return self.capabilities

    def find_window(self, inbound: Inbound) -> WindowRule | None:
        """Return None: there are no reply windows."""
        del inbound
        return None


@runtime_checkable
class LookUp(Protocol):
    """A channel that can find out afterwards what its provider took."""

    async def look_up(self, outbound: Outbound, since: datetime) -> Sequence[str] | None:
        """Return the provider's names of what it took since then and may be this message.

        The oldest comes first; our own outbox id stands for a message that the provider knows
        by it. Empty: the provider took none. None: nobody can tell now.
        """
        ...


@dataclass(slots=True)
class Channels:
    """Every channel that this installation has, by name and account."""

    rates: dict[tuple[str, str], float] = field(default_factory=dict)
    """Messages a second that an account may send, where somebody has said so."""
    quotas: dict[tuple[str, str], int] = field(default_factory=dict)
    """Messages a day that an account may send, where somebody has said so."""
    _by_place: dict[tuple[str, str], Channel] = field(default_factory=dict)

    def add(self, channel: Channel) -> Channel | None:
        """Register a channel; returns the one whose place it takes."""
        before = self._by_place.get((channel.name, channel.account))
        self._by_place[channel.name, channel.account] = channel
        return before

    def remove(self, name: str, account: str) -> Channel | None:
        """Take a channel out; returns it."""
        return self._by_place.pop((name, account), None)

    def get(self, address: Address) -> Channel:
        """Return the channel of an address.

        Raises:
            NotFound: no such channel and account are set up here.
        """
        try:
            return self._by_place[address.channel, address.account]
        except KeyError:
            place = f"{address.channel}/{address.account}"
            raise NotFound(f"No channel {place} is set up.", zh=f"渠道 {place} 未配置。") from None

    def find_quota(self, channel: Channel) -> int | None:
        """Return how many messages a day an account may send; None without a limit."""
        said = self.quotas.get((channel.name, channel.account))
        return channel.capabilities.per_day if said is None else said

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._by_place.values())
