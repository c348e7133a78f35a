"""What the lab plays of WeCom: the same values as the product's own accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.played import PlayedAccount, pick
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


def find_wecom(played: tuple[PlayedAccount, ...]) -> WecomAccounts:
    """Return what is WeCom's among the product's own; callbacks go to `site`/channels/kf/NAME."""
    return WecomAccounts(
        kfs={name: _make_kf(one) for name, one in pick(played, "wecom", "kf").items()},
        apps=tuple(
            AppAccount(name, one.public["corp_id"], one.public["agent_id"], one.secret["secret"])
            for name, one in pick(played, "wecom_app").items()
        ),
        robots=tuple(
            RobotAccount(name, one.secret["key"])
            for name, one in pick(played, "wecom_robot").items()
        ),
    )


def _make_kf(one: PlayedAccount) -> KfAccount:
    seals = LabAccount(
        one.name,
        one.public["corp_id"],
        one.secret["secret"],
        one.secret["token"],
        one.secret["aes_key"],
        f"{one.site}/channels/kf/{one.name}",
    )
    return KfAccount(one.name, one.public["open_kfid"], one.secret["secret"], seals)
