"""WeCom's access tokens: one an application, the same one until it ends.

Source: developer.work.weixin.qq.com/document/path/91039.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.clock import Clock
from kernel.message import Json
from lab.wecom.code import Wrong

LIFE = timedelta(seconds=7200)


@dataclass(frozen=True, slots=True)
class Issued:
    """A token and whose it is: the secret of an application."""

    value: str
    secret: str
    expires_at: datetime


@dataclass(slots=True)
class TokenDesk:
    """Issues and checks tokens."""

    clock: Clock
    fetches: int = 0
    _by_secret: dict[str, Issued] = field(default_factory=dict)
    _known: dict[str, Issued] = field(default_factory=dict)

    def issue(self, secret: str) -> Mapping[str, Json]:
        """Return the application's token, or a new one once the old one has ended."""
        self.fetches += 1
        now, issued = self.clock.now(), self._by_secret.get(secret)
        if issued is None or issued.expires_at <= now:
            issued = Issued("lab-wecom-" + secrets.token_urlsafe(48), secret, now + LIFE)
            self._by_secret[secret] = self._known[issued.value] = issued
        left = int((issued.expires_at - now).total_seconds())
        return {
            "errcode": 0,
            "errmsg": "ok",
            "access_token": issued.value,
            "expires_in": left,
        }

    def check(self, value: str | None) -> str:
        """Return the secret of the application that a token belongs to, or raise Wrong."""
        if not value:
            raise Wrong(41001)
        issued = self._known.get(value)
        if issued is None:
            raise Wrong(40014)
        if issued.expires_at <= self.clock.now():
            raise Wrong(42001)
        return issued.secret

    def expire_all(self) -> None:
        """Invalidate every token at once."""
        self._by_secret.clear()
        self._known.clear()
