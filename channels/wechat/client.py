"""Calls WeChat's API: wechatpy's methods over our own asynchronous transport.

wechatpy's own transport blocks, fetches tokens without a timeout and repeats without end when
a token stays wrong; so one method, `_request`, is replaced and everything else of it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeAlias, cast

import aiohttp
from wechatpy import WeChatClient

from channels.wechat.fault import ApiRefused
from channels.wechat.token import Token, TokenKeeper
from channels.wechat.wire import Answer, ErrcodeWire, read_code, write_json
from channels.wire import SECONDS, Heard
from kernel.clock import Clock, SystemClock
from kernel.errors import InvalidInput, OutcomeUnknown, TooLarge, Transient
from kernel.message import Json

Processor: TypeAlias = "Callable[[Answer], object]"

TOKEN_FAULTS = frozenset({40001, 40014, 42001, 41001})
MEDIA_LIMITS: Mapping[str, int] = {
    "image": 10 * 1024 * 1024,
    "voice": 2 * 1024 * 1024,
    "video": 10 * 1024 * 1024,
    "thumb": 64 * 1024,
}
"""Bytes, by type; 新增临时素材."""


class WechatClient(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """One account's API; `await client.menu.create(…)` and every other wechatpy method works.

    Raises:
        ApiRefused: the platform answered with an errcode, or with an HTTP error that is final.
        Transient: provably not processed.
        OutcomeUnknown: nobody knows.
    """

    def __init__(
        self,
        appid: str,
        secret: str,
        *,
        api_base: str = "https://api.weixin.qq.com",
        seconds: float = SECONDS,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(appid, secret, timeout=seconds, auto_retry=False)
        self._http.close()
        self.API_BASE_URL = api_base.rstrip("/") + "/cgi-bin/"
        self._clock = clock or SystemClock()
        self._wire = ErrcodeWire(seconds=seconds)
        self.tokens = TokenKeeper(self._fetch_token, self._clock)

    async def send_custom(self, body: Mapping[str, Json]) -> Answer:
        """Send a customer-service message; the platform gives no id for it."""
        return cast("Answer", await self.post("message/custom/send", data=dict(body)))

    async def send_typing(self, openid: str, *, on: bool = True) -> None:
        """Show or hide “对方正在输入…” on the client's phone."""
        command = "Typing" if on else "CancelTyping"
        await self.post("message/custom/typing", data={"touser": openid, "command": command})

    async def send_template(
        self,
        openid: str,
        template_id: str,
        *,
        data: Mapping[str, Json],
        client_msg_id: str,
        url: str = "",
    ) -> str:
        """Send a template message and return its msgid.

        The same `client_msg_id` to the same openid is delivered once within ten minutes.
        """
        body: dict[str, Json] = {
            "touser": openid,
            "template_id": template_id,
            "client_msg_id": client_msg_id,
            "data": {name: {"value": value} for name, value in data.items()},
        }
        if url:
            body["url"] = url
        answer = await self.post("message/template/send", data=body)
        return str(answer["msgid"])

    async def upload(self, kind: str, name: str, data: bytes) -> str:
        """Upload a temporary media file and return its media_id, valid for three days.

        Raises:
            InvalidInput: the type is unknown or the file is empty.
            TooLarge: the file is larger than the type takes.
        """
        limit = MEDIA_LIMITS.get(kind)
        if limit is None or not data:
            raise InvalidInput(f"A media file is one of {', '.join(MEDIA_LIMITS)} and not empty.")
        if len(data) > limit:
            raise TooLarge(f"The {kind} has {len(data)} bytes; WeChat takes {limit}.")
        answer = await self.post("media/upload", params={"type": kind}, upload=(name, data))
        return str(answer["media_id"])

    async def download(self, media_id: str) -> tuple[bytes, str]:
        """Return a media file's bytes, all of them, and its type."""
        token = await self.tokens.get()
        for is_last in (False, True):
            params = {"access_token": token, "media_id": media_id}
            heard = await self._call("get", "media/get", params=params)
            mime = heard.headers.get("Content-Type", "")
            is_file = "json" not in mime and "text" not in mime
            if is_file and heard.status == 200 and heard.body:
                return heard.body, mime
            code = read_code(heard.status, heard.body)[0]
            if code not in TOKEN_FAULTS or is_last:
                raise ApiRefused(code, "The media file is not to be had.")
            token = await self.tokens.refresh(token)
        raise AssertionError("unreachable")

    def fetch_access_token(self) -> None:
        """Refuse wechatpy's blocking way to a token; `tokens.get()` is ours."""
        raise NotImplementedError("Await client.tokens.get() instead.")

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()

    async def _request(self, method: str, url_or_endpoint: str, **parts: object) -> object:
        """Replace wechatpy's transport: one token for all, one repetition for a stale one."""
        processor = cast("Processor | None", parts.pop("result_processor", None))
        params = dict(cast("Mapping[str, str]", parts.pop("params", None) or {}))
        token = await self.tokens.get()
        for is_last in (False, True):
            sent = params | {"access_token": token}
            heard = await self._call(method, url_or_endpoint, params=sent, **parts)
            code, answer = read_code(heard.status, heard.body)
            if code in TOKEN_FAULTS and not is_last:
                token = await self.tokens.refresh(token)
                continue
            if code:
                raise ApiRefused(code, str(answer.get("errmsg", "")))
            return processor(answer) if processor else answer
        raise AssertionError("unreachable")

    async def _call(
        self, method: str, endpoint: str, *, params: Mapping[str, str], **parts: object
    ) -> Heard:
        base = str(parts.get("api_base_url") or self.API_BASE_URL)
        url = endpoint if endpoint.startswith("http") else base + endpoint
        return await self._wire.call(method, url, params=params, data=_build_body(parts))

    async def _fetch_token(self, force: bool) -> Token:
        body: dict[str, Json] = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        try:
            heard = await self._call("post", "stable_token", params={}, data=body)
            code, answer = read_code(heard.status, heard.body)
        except OutcomeUnknown as error:
            raise Transient("No access token can be had now.") from error
        if code:
            raise ApiRefused(code, str(answer.get("errmsg", "")))
        value, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(lasts, int):
            raise Transient("The answer holds no access token.")
        return Token(value, self._clock.now() + timedelta(seconds=lasts))


def _build_body(parts: Mapping[str, object]) -> bytes | aiohttp.FormData | None:
    upload = cast("tuple[str, bytes] | None", parts.get("upload"))
    if upload is not None:
        form = aiohttp.FormData()
        form.add_field("media", upload[1], filename=upload[0])
        return form
    if "files" in parts:
        raise InvalidInput("Use upload(): it sends all bytes again when a token was stale.")
    data = parts.get("data")
    if data is None or isinstance(data, bytes):
        return data
    return write_json(cast("Mapping[str, Json]", data))
