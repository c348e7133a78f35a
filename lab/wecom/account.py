"""What the lab plays of WeCom: the same values as the product's own accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.errors import InvalidInput
from lab.wechat.account import LabAccount


@dataclass(frozen=True, slots=True)
class KfAccount:
    """One kf account; `seals` is what its callbacks are signed and encrypted with."""

    name: str
    open_kfid: str
    secret: str = field(repr=False)
    seals: LabAccount = field(repr=False)

    @property
    def corp_id(self) -> str:
        """The corporation that it belongs to."""
        return self.seals.appid

    @property
    def callback(self) -> str:
        """Where its callbacks go."""
        return self.seals.callback


@dataclass(frozen=True, slots=True)
class AppAccount:
    """An application that may write to employees."""

    name: str
    corp_id: str
    agent_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RobotAccount:
    """A robot in a group of employees."""

    name: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WecomAccounts:
    """Every account that the fake WeCom plays."""

    kfs: Mapping[str, KfAccount] = field(default_factory=dict)
    apps: tuple[AppAccount, ...] = ()
    robots: tuple[RobotAccount, ...] = ()


def make_kf(name: str, values: Mapping[str, str], site: str) -> KfAccount:
    """Make a kf account of the product's own values; callbacks go to `site`/channels/kf/NAME.

    Raises:
        InvalidInput: a value is missing.
    """
    try:
        seals = LabAccount(
            name,
            values["corp_id"],
            values["secret"],
            values["token"],
            values["aes_key"],
            f"{site.rstrip('/')}/channels/kf/{name}",
        )
        return KfAccount(name, values["open_kfid"], values["secret"], seals)
    except KeyError as error:
        raise InvalidInput(f"The kf account {name} needs {error}.") from error


def make_app(name: str, values: Mapping[str, str]) -> AppAccount:
    """Make an application of the product's own values, or raise InvalidInput."""
    try:
        return AppAccount(name, values["corp_id"], values["agent_id"], values["secret"])
    except KeyError as error:
        raise InvalidInput(f"The WeCom application {name} needs {error}.") from error


def make_robot(name: str, values: Mapping[str, str]) -> RobotAccount:
    """Make a group robot of the product's own values, or raise InvalidInput."""
    if not values.get("key"):
        raise InvalidInput(f"The WeCom robot {name} needs key.")
    return RobotAccount(name, values["key"])
