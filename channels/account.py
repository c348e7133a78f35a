"""One account at one provider, what has to be known to set it up, and the book of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from channels.contract import Channel, Channels
from kernel.errors import InvalidInput, NotFound, Transient


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it is set up: what people may see, and what nobody may.

    `name` is unique within the channel and stands in the webhook's address. After a rotation
    `previous` holds the secrets of before, with which callbacks may still be signed for a while.
    """

    channel: str
    provider: str
    name: str
    public: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    previous: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that an account needs: its name, what it is called, where it is found."""

    name: str
    zh: str
    en: str
    is_secret: bool = False
    default: str | None = None
    """What holds if it is left out; None means that it must be given."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A kind of account: what it needs, and how a channel is made of it."""

    channel: str
    name: str
    zh: str
    en: str
    details: Sequence[Detail]
    build: Callable[[Account], Channel]
    path: str
    """The webhook's path with `{account}`, for people to copy; empty if nothing is called back."""

    def complete(self, account: Account) -> Account:
        """Return the account with its defaults filled in.

        Raises:
            InvalidInput: something is missing or unknown; says what.
        """
        known = {detail.name for detail in self.details}
        unknown = (account.public.keys() | account.secret.keys()) - known
        if unknown:
            raise InvalidInput(
                f"{self.name} knows no {', '.join(sorted(unknown))}; it knows {sorted(known)}.",
                zh=f"{self.zh}没有这些配置项：{'、'.join(sorted(unknown))}。",
            )
        public, secret = dict(account.public), dict(account.secret)
        for detail in self.details:
            kept = secret if detail.is_secret else public
            if not kept.get(detail.name):
                if detail.default is None:
                    raise InvalidInput(
                        f"{self.name} needs {detail.name}: {detail.en}.",
                        zh=f"{self.zh}缺少“{detail.zh}”。",
                    )
                kept[detail.name] = detail.default
        return Account(
            account.channel, account.provider, account.name, public, secret, account.previous
        )


RATE: Final = Detail(
    "per_second",
    "每秒最多条数（留空不限）",
    "messages a second at most, as the contract with the provider says; empty: no limit",
    default="",
)
"""What every kind of account may say."""
MOST_PER_SECOND: Final = 100_000.0
QUOTA: Final = Detail(
    "per_day",
    "每天最多条数（留空不限）",
    "messages a day at most, as the provider allows this account; empty: no limit",
    default="",
)
"""The same for a day; a campaign waits for tomorrow when it is used up."""
MOST_PER_DAY: Final = 1_000_000_000


def find_rate(account: Account) -> float | None:
    """Return how many messages a second an account may send, None without a limit.

    Raises:
        InvalidInput: it is no such number.
    """
    said = account.public.get(RATE.name, "").strip()
    if not said:
        return None
    try:
        rate = float(said)
    except ValueError:
        rate = 0.0
    if not 0.01 <= rate <= MOST_PER_SECOND:
        raise InvalidInput(
            f"per_second is a number from 0.01 to {MOST_PER_SECOND:.0f}, or empty.",
            zh=f"每秒条数应为 0.01 到 {MOST_PER_SECOND:.0f} 的数字，或留空。",
        )
    return rate


def find_quota(account: Account) -> int | None:
    """Return how many messages a day an account may send, None without a limit.

    Raises:
        InvalidInput: it is no such number.
    """
    said = account.public.get(QUOTA.name, "").strip()
    if not said:
        return None
    quota = int(said) if said.isascii() and said.isdigit() and len(said) <= 10 else 0
    if not 1 <= quota <= MOST_PER_DAY:
        raise InvalidInput(
            f"per_day is a whole number from 1 to {MOST_PER_DAY}, or empty.",
            zh=f"每天条数应为 1 到 {MOST_PER_DAY} 的整数，或留空。",
        )
    return quota


class Accounts:
    """The accounts that are set up right now; a rotation replaces one while messages flow."""

    def __init__(self, providers: Sequence[Provider], channels: Channels) -> None:
        self._providers = {(one.channel, one.name): one for one in providers}
        self._channels = channels
        self._accounts: dict[tuple[str, str], Account] = {}
        self.is_complete = True
        """False while there may be accounts that were not read yet (channels/roster.py)."""

    def provider(self, channel: str, name: str) -> Provider:
        """Return a kind of account.

        Raises:
            InvalidInput: there is no such kind.
        """
        try:
            return self._providers[channel, name]
        except KeyError:
            known = ", ".join(f"{one.channel}/{one.name}" for one in self._providers.values())
            raise InvalidInput(
                f"There is no provider {channel}/{name}; there are: {known}.",
                zh=f"没有这种渠道：{channel}/{name}。",
            ) from None

    def check(self, account: Account) -> None:
        """Raise InvalidInput, saying what would be right, unless a channel can be made of it."""
        provider = self.provider(account.channel, account.provider)
        provider.build(provider.complete(account))
        find_rate(account)
        find_quota(account)

    def put(self, account: Account) -> Channel | None:
        """Set up an account, or change it; returns the channel that it replaces, to be closed.

        Raises:
            InvalidInput: something is missing or wrong; nothing has changed.
        """
        provider = self.provider(account.channel, account.provider)
        complete = provider.complete(account)
        rate, quota = find_rate(complete), find_quota(complete)
        channel = provider.build(complete)
        before = self._channels.add(channel)
        place = (account.channel, account.name)
        self._accounts[place] = complete
        self._forget(place)
        if rate is not None:
            self._channels.rates[place] = rate
        if quota is not None:
            self._channels.quotas[place] = quota
        return before

    def remove(self, channel: str, name: str) -> Channel | None:
        """Take an account out; returns its channel, to be closed."""
        self._accounts.pop((channel, name), None)
        self._forget((channel, name))
        return self._channels.remove(channel, name)

    def _forget(self, place: tuple[str, str]) -> None:
        self._channels.rates.pop(place, None)
        self._channels.quotas.pop(place, None)

    def rate(self, channel: str, name: str) -> float | None:
        """Return how many messages a second an account may send, None without a limit."""
        return self._channels.rates.get((channel, name))

    @property
    def providers(self) -> Sequence[Provider]:
        """Every kind of account that there is."""
        return tuple(self._providers.values())

    def get(self, channel: str, name: str) -> Account:
        """Return an account.

        Raises:
            NotFound: no such account is set up here.
            Transient: nobody knows yet which accounts there are; a provider shall come again.
        """
        try:
            return self._accounts[channel, name]
        except KeyError:
            if not self.is_complete:
                raise Transient(
                    "The accounts are still being read.", zh="渠道账号正在读取，请稍后再试。"
                ) from None
            raise NotFound(
                f"No account {channel}/{name} is set up.", zh=f"渠道账号 {channel}/{name} 未配置。"
            ) from None

    def __iter__(self) -> Iterator[Account]:
        return iter(tuple(self._accounts.values()))
