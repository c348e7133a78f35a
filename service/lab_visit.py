"""A client who writes through one of the lab's fake providers, and reads what came to the lab."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from service.settings import Settings
from service.visit import Row, call_json, ms_since, wait_for


@dataclass(frozen=True, slots=True)
class Heard:
    """What came to the client: the ledger's entry, its text, and how fast."""

    entry: Row
    text: str
    ms: float


class LabVisit:
    """Somebody with an address in a channel: a number, a mailbox."""

    def __init__(
        self, http: aiohttp.ClientSession, settings: Settings, channel: str, address: str
    ) -> None:
        self._http, self._lab = http, settings.lab_url
        self._channel, self._address = channel, address
        self._after, self._began = 0, 0.0

    async def ask(self, path: str, body: Mapping[str, Any]) -> Heard:
        """Post to the lab's control API, and wait for what then comes to this address.

        Raises:
            Transient: the lab could not deliver it, or nothing came in time.
        """
        await self.begin()
        await call_json(self._http, "POST", f"{self._lab}{path}", json=body)
        return await self.hear()

    async def begin(self) -> None:
        """Begin to listen: what has come until now is not heard any more."""
        self._after, self._began = await self._last(), time.monotonic()

    async def hear(self, words: str = "") -> Heard:
        """Wait for what comes to this address and has `words` in it.

        Raises:
            Transient: nothing came in time.
        """

        async def look() -> Heard | None:
            for entry in await self._read(self._after):
                text = _read_text(entry["body"])
                is_mine = (entry["channel"], entry["address"]) == (self._channel, self._address)
                if is_mine and words in text:
                    return Heard(entry, text, ms_since(self._began))
            return None

        return await wait_for(look, f"an answer for {self._address} in the lab's ledger")

    async def _last(self) -> int:
        page = await self._page({"after": "0", "limit": "0"})
        return int(page["last"])

    async def _read(self, after: int) -> Sequence[Row]:
        entries: Sequence[Row] = (await self._page({"after": str(after)}))["entries"]
        return entries

    async def _page(self, params: Mapping[str, str]) -> Row:
        return await call_json(self._http, "GET", f"{self._lab}/lab/ledger", params=params)


def _read_text(body: Mapping[str, Any]) -> str:
    """Return the words of a message, however its provider calls them."""
    names = ("text", "content", "head_content")
    return next((str(body[name]) for name in names if body.get(name)), "")
