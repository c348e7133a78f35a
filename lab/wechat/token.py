"""Access tokens with the real ones' semantics: classic ones cut each other off, stable ones stay.

Source: developers.weixin.qq.com, 获取接口调用凭据 and 获取稳定版接口调用凭据.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.clock import Clock
from kernel.message import Json
from lab.wechat.account import LabAccount
from lab.wechat.code import Wrong

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(seconds=300)
CLASSIC_A_DAY = 2000
FORCED_A_DAY = 20
FORCED_APART = timedelta(seconds=30)


@dataclass(slots=True)
class _Issued:
    value: str
    account: str
    expires_at: datetime


@dataclass(slots=True)
class _Shelf:
    """One account's tokens and how often they were asked for today."""

    classic: _Issued | None = None
    stable: _Issued | None = None
    fetches: int = 0
    forced: int = 0
    forced_at: datetime | None = None
    day: str = ""


@dataclass(slots=True)
class TokenDesk:
    """Issues and checks the tokens of every account."""

    clock: Clock
    _shelves: dict[str, _Shelf] = field(default_factory=dict)
    _known: dict[str, _Issued] = field(default_factory=dict)

    def issue_classic(self, account: LabAccount) -> Mapping[str, Json]:
        """Issue a new token; the one before is valid for five minutes more."""
        shelf = self._shelf(account)
        shelf.fetches += 1
        if shelf.fetches > CLASSIC_A_DAY:
            raise Wrong(45009)
        now = self.clock.now()
        if shelf.classic:
            shelf.classic.expires_at = min(shelf.classic.expires_at, now + OVERLAP)
        shelf.classic = self._issue(account)
        return _show(shelf.classic, now)

    def issue_stable(self, account: LabAccount, *, force: bool) -> Mapping[str, Json]:
        """Return the present token, or a new one within the last five minutes or when forced."""
        shelf, now = self._shelf(account), self.clock.now()
        if force:
            self._check_force(shelf, now)
            if shelf.stable:
                shelf.stable.expires_at = now
            shelf.stable = self._issue(account)
        elif shelf.stable is None or shelf.stable.expires_at - OVERLAP <= now:
            shelf.stable = self._issue(account)
        return _show(shelf.stable, now)

    def check(self, value: str | None) -> str:
        """Return the name of the account that a token belongs to, or raise Wrong."""
        if not value:
            raise Wrong(41001)
        issued = self._known.get(value)
        if issued is None:
            raise Wrong(40001)
        if issued.expires_at <= self.clock.now():
            raise Wrong(42001)
        return issued.account

    def expire_all(self) -> None:
        """Invalidate every token at once, as a change of the secret does."""
        self._known.clear()
        for shelf in self._shelves.values():
            shelf.classic = shelf.stable = None

    def _check_force(self, shelf: _Shelf, now: datetime) -> None:
        if shelf.forced_at and now - shelf.forced_at < FORCED_APART:
            raise Wrong(45011)
        shelf.forced += 1
        if shelf.forced > FORCED_A_DAY:
            raise Wrong(45009)
        shelf.forced_at = now

    def _issue(self, account: LabAccount) -> _Issued:
        value = "lab-token-" + secrets.token_urlsafe(48)
        issued = _Issued(value, account.name, self.clock.now() + LIFE)
        self._known[value] = issued
        return issued

    def _shelf(self, account: LabAccount) -> _Shelf:
        shelf = self._shelves.setdefault(account.name, _Shelf())
        today = self.clock.now().date().isoformat()
        if shelf.day != today:
            shelf.day, shelf.fetches, shelf.forced = today, 0, 0
        return shelf


def _show(issued: _Issued, now: datetime) -> Mapping[str, Json]:
    left = int((issued.expires_at - now).total_seconds())
    return {"access_token": issued.value, "expires_in": left}
