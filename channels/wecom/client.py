"""Calls WeCom's API: one token for all callers, one repetition for a stale one, no more.

Source: developer.work.weixin.qq.com/document/path/91039 (获取access_token): a token lasts
7200 s, and asking again gives the same one while it is valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from channels.wechat.fault import ApiRefused
from channels.wechat.token import Token, TokenKeeper
from channels.wechat.wire import Answer, ErrcodeWire, read_code, write_json
from channels.wecom.fault import TOKEN_FAULTS
from channels.wire import SECONDS
from kernel.clock import Clock, SystemClock
from kernel.errors import OutcomeUnknown, Transient
from kernel.message import Json

API_BASE = "https://qyapi.weixin.qq.com"


class WecomClient:
    """One application of one corporation.

    Raises:
        ApiRefused: the platform answered with an errcode.
        Transient: provably not processed.
        OutcomeUnknown: nobody knows.
    """

    def __init__(
        self,
        corp_id: str,
        secret: str,
        *,
        api_base: str = API_BASE,
        seconds: float = SECONDS,
        clock: Clock | None = None,
    ) -> None:
        self._corp_id, self._secret = corp_id, secret
        self._base = api_base.rstrip("/") + "/cgi-bin/"
        self._clock = clock or SystemClock()
        self._wire = ErrcodeWire(seconds=seconds)
        self.tokens = TokenKeeper(self._fetch_token, self._clock)

    async def call(self, path: str, body: Mapping[str, Json]) -> Answer:
        """Post a body to `path` (below `/cgi-bin/`) and return the answer."""
        token = await self.tokens.get()
        for is_last in (False, True):
            heard = await self._wire.call(
                "post", self._base + path, params={"access_token": token}, data=write_json(body)
            )
            code, answer = read_code(heard.status, heard.body)
            if code in TOKEN_FAULTS and not is_last:
                token = await self.tokens.refresh(token)
                continue
            if code:
                raise ApiRefused(code, str(answer.get("errmsg", "")))
            return answer
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()

    async def _fetch_token(self, force: bool) -> Token:
        del force  # WeCom has no such wish: it gives a new token once the old one is invalid
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        try:
            heard = await self._wire.call("get", self._base + "gettoken", params=params)
            code, answer = read_code(heard.status, heard.body)
        except OutcomeUnknown as error:
            raise Transient("No access token can be had now.") from error
        if code:
            raise ApiRefused(code, str(answer.get("errmsg", "")))
        value, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(lasts, int):
            raise Transient("The answer holds no access token.")
        return Token(value, self._clock.now() + timedelta(seconds=lasts))
