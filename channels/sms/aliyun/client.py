"""Calls Aliyun's SMS API of 2017-05-25: signed POSTs, one attempt a call."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from urllib.parse import urlsplit

from yarl import URL

from channels.sms.aliyun.signature import AccessKey, Call, sign, write_query
from channels.wire import SECONDS, Answer, Wire
from kernel.clock import Clock, SystemClock
from kernel.message import Retryable, Unknown

API_BASE = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"


class AliyunClient:
    """One AccessKey's API."""

    def __init__(
        self,
        key: AccessKey,
        *,
        api_base: str = API_BASE,
        seconds: float = SECONDS,
        clock: Clock | None = None,
    ) -> None:
        self._key = key
        self._home = api_base.rstrip("/")
        self._host = urlsplit(self._home).netloc
        self._clock = clock or SystemClock()
        self._wire = Wire(seconds=seconds)

    async def call(self, action: str, params: Mapping[str, str]) -> Answer | Retryable | Unknown:
        """Make one call of an action (`SendSms`)."""
        query = write_query(params)
        call = Call(self._host, action, VERSION, query, self._clock.now(), token_hex(16))
        # The query is sent as it was signed, letter by letter.
        url = URL(f"{self._home}/?{query}", encoded=True)
        headers = sign(self._key, call) | {"Accept": "application/json"}
        return await self._wire.call("POST", url, headers=headers)

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()
