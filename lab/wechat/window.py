"""What the account may still say to each openid: 5 in 48 hours, 3 in a minute, or nothing.

Source: developers.weixin.qq.com, 客服消息, 发送条数限制.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.clock import Clock
from kernel.message import Json
from lab.wechat.code import Wrong

MESSAGE = (5, timedelta(hours=48))
MENU = (3, timedelta(minutes=1))


@dataclass(slots=True)
class _Allowance:
    left: int
    expires_at: datetime


@dataclass(slots=True)
class Follower:
    """One openid towards one account; `is_followed` decides whether anything may reach it."""

    is_followed: bool = True
    has_blocked: bool = False
    allowances: dict[str, _Allowance] = field(default_factory=dict)


@dataclass(slots=True)
class WindowDesk:
    """Opens windows when a client acts and spends them when the account speaks."""

    clock: Clock
    _followers: dict[tuple[str, str], Follower] = field(default_factory=dict)

    def follower(self, account: str, openid: str) -> Follower:
        """Return the follower, who begins as one who follows."""
        return self._followers.setdefault((account, openid), Follower())

    def find(self, account: str, openid: str) -> Follower | None:
        """Return the follower, or None for an openid that this account never saw."""
        return self._followers.get((account, openid))

    def followers(self, account: str) -> list[str]:
        """List the openids that follow an account."""
        pairs = self._followers.items()
        return [openid for (name, openid), one in pairs if name == account and one.is_followed]

    def open(self, account: str, openid: str, rule: str) -> None:
        """Open the window that a client's act opens: `message` or `menu`."""
        quota, lasts = MESSAGE if rule == "message" else MENU
        held = self.follower(account, openid).allowances
        held[rule] = _Allowance(quota, self.clock.now() + lasts)

    def spend(self, account: str, openid: str) -> None:
        """Spend one customer-service message, or raise Wrong with 40003, 45015 or 45047."""
        follower = self.find(account, openid)
        if follower is None:
            raise Wrong(40003)
        if follower.has_blocked:
            raise Wrong(48002)
        now = self.clock.now()
        usable = [one for one in follower.allowances.values() if one.expires_at > now]
        if not usable or not follower.is_followed:
            raise Wrong(45015)
        best = min((one for one in usable if one.left > 0), key=_ends_at, default=None)
        if best is None:
            raise Wrong(45047)
        best.left -= 1

    def use_up(self, account: str, openid: str) -> None:
        """Leave nothing to say to an openid."""
        for one in self.follower(account, openid).allowances.values():
            one.left = 0

    def close(self, account: str, openid: str) -> None:
        """Let 48 hours pass for an openid."""
        self.follower(account, openid).allowances.clear()

    def show(self, account: str, openid: str) -> list[Json]:
        """Show what may still be said, for the lab page."""
        now = self.clock.now()
        return [
            {"rule": rule, "left": one.left, "expires_at": one.expires_at.isoformat()}
            for rule, one in self.follower(account, openid).allowances.items()
            if one.expires_at > now
        ]


def _ends_at(one: _Allowance) -> datetime:
    return one.expires_at
