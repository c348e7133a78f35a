"""Calls Twilio's REST API of 2010-04-01: one account, one attempt a call.

Twilio's own asynchronous client is not used: it ignores its timeout, posts a message again
after a 5xx, and hands callers each other's answers (facts/channels.md §2.2).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

from channels.wire import SECONDS, Answer, Wire
from kernel.message import Retryable, Unknown

API_BASE = "https://api.twilio.com"


class TwilioClient:
    """One account's API, for messages and calls alike.

    `key` is the account's own SID, or an API key's, whose secret `token` then is.
    """

    def __init__(
        self,
        sid: str,
        token: str,
        *,
        key: str = "",
        api_base: str = API_BASE,
        seconds: float = SECONDS,
    ) -> None:
        self._home = f"{api_base.rstrip('/')}/2010-04-01/Accounts/{sid}"
        pair = b64encode(f"{key or sid}:{token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}
        self._wire = Wire(seconds=seconds)

    async def post(
        self, resource: str, form: Mapping[str, str | tuple[str, ...]]
    ) -> Answer | Retryable | Unknown:
        """Post a form to a resource (`Messages.json`), once; a tuple is a field that repeats."""
        return await self._wire.call(
            "POST",
            f"{self._home}/{resource}",
            headers=self._headers | {"Content-Type": "application/x-www-form-urlencoded"},
            data=urlencode(form, doseq=True, encoding="utf-8", errors="replace").encode(),
        )

    async def get(self, resource: str, params: Mapping[str, str]) -> Answer | Retryable | Unknown:
        """Read a resource."""
        return await self._wire.call(
            "GET", f"{self._home}/{resource}", headers=self._headers, params=params
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()
