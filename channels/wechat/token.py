"""Keeps one access token for an account: stable_token, fetched by one caller at a time.

Source: developers.weixin.qq.com, 获取稳定版接口调用凭据: repeated calls return the same token,
and the platform renews it within its last five minutes while both are valid.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kernel.clock import Clock

EARLY = timedelta(seconds=300)
PATIENCE = timedelta(seconds=30)
"""The platform forces a new token at most once in 30 seconds."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and its end."""

    value: str = field(repr=False)
    expires_at: datetime


Fetch = Callable[[bool], Awaitable[Token]]
"""Asks the platform; True forces a new token."""


class TokenKeeper:
    """Hands out the current token; a hundred callers at once cost one fetch."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: Token | None = None
        self._forced_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        """Return a token that is valid for a while."""
        async with self._lock:
            token = self._token
            if token is None or token.expires_at - EARLY <= self._clock.now():
                token = self._token = await self._fetch(False)
            return token.value

    async def refresh(self, failing: str) -> str:
        """Return another token than `failing`, unless somebody has fetched one meanwhile."""
        async with self._lock:
            if self._token is not None and self._token.value != failing:
                return self._token.value
            self._token = None
            self._token = await self._fetch(False)
            if self._token.value == failing and self._may_force():
                self._forced_at = self._clock.now()
                self._token = await self._fetch(True)
            return self._token.value

    def _may_force(self) -> bool:
        last = self._forced_at
        return last is None or self._clock.now() - last >= PATIENCE
