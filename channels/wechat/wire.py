"""The wire to APIs that answer with an `errcode`: Tencent's and DingTalk's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias, cast

import aiohttp

from channels.wechat.fault import raise_for_status
from channels.wire import SECONDS, Heard, Wire
from kernel.errors import OutcomeUnknown, Transient
from kernel.message import Json, Retryable, Unknown

Answer: TypeAlias = "dict[str, Json]"


class ErrcodeWire:
    """Calls one provider over HTTP, and raises for what is no answer of its API."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._wire = Wire(seconds=seconds)

    async def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | aiohttp.FormData | None = None,
    ) -> Heard:
        """Make one call; bytes go out as JSON.

        Raises:
            Transient: provably not processed.
            OutcomeUnknown: nobody knows.
            ApiClosed: an HTTP error that is final.
        """
        headers = {"Content-Type": "application/json; charset=utf-8"}
        sent = headers if isinstance(data, bytes) else None
        heard = await self._wire.exchange(method, url, headers=sent, params=params, data=data)
        match heard:
            case Retryable():
                raise Transient("The provider's API cannot be reached.")
            case Unknown(code):
                raise OutcomeUnknown(f"The call ended without an answer ({code}).")
        raise_for_status(heard)
        return heard

    async def close(self) -> None:
        """Close every connection."""
        await self._wire.close()


def write_json(body: Mapping[str, Json]) -> bytes:
    """Return a body as raw UTF-8; WeChat answers escapes with 40033."""
    return json.dumps(body, ensure_ascii=False).encode()


def read_code(status: int, body: bytes) -> tuple[int, Answer]:
    """Read an answer's errcode; 0 is success.

    Raises:
        OutcomeUnknown: the answer is not JSON, or not an object, whatever its status says.
    """
    try:
        answer = json.loads(body)
        code = int(answer.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise OutcomeUnknown(f"HTTP {status} with a body that is not the API's JSON.") from error
    return code, cast("Answer", answer)
