"""DingTalk's group robot with a signed address.

Source: open.dingtalk.com, 自定义机器人接入 and 安全设置: the signature is the base64 of
HMAC-SHA256 over the milliseconds, a line feed and the secret, valid for an hour; 20 messages a
minute, more are blocked for ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from channels.wechat.fault import ApiRefused, Codes
from channels.wechat.wire import ErrcodeWire, read_code, write_json
from kernel.clock import Clock
from kernel.message import Json, Refusal

API_BASE: Final = "https://oapi.dingtalk.com"

DINGTALK: Final = Codes(
    refusals={
        Refusal.CONTENT: frozenset({40035, 400105, 460101}),
        Refusal.CONFIG: frozenset({40014, 43004, 300001, 300005, 310000, 400101, 400102, 400106}),
    },
    waits={-1: 1.0, 130101: 600.0, 410100: 600.0},
)


def sign(secret: str, milliseconds: int) -> str:
    """Return the signature of a moment, not yet quoted for a URL."""
    words = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), words, hashlib.sha256)).decode()


@dataclass(frozen=True, slots=True)
class DingtalkRobot:
    """A robot in a group."""

    access_token: str = field(repr=False)
    secret: str = field(repr=False)
    api_base: str
    wire: ErrcodeWire
    clock: Clock

    @property
    def codes(self) -> Codes:
        """Return DingTalk's codes."""
        return DINGTALK

    @property
    def has_key(self) -> bool:
        """Return False."""
        return False

    async def say(self, text: str) -> None:
        """Say a text in the group."""
        now = int(self.clock.now().timestamp() * 1000)
        params = {
            "access_token": self.access_token,
            "timestamp": str(now),
            "sign": sign(self.secret, now),
        }
        body: dict[str, Json] = {"msgtype": "text", "text": {"content": text}}
        url = f"{self.api_base.rstrip('/')}/robot/send"
        heard = await self.wire.call("post", url, params=params, data=write_json(body))
        code, answer = read_code(heard.status, heard.body)
        if code:
            raise ApiRefused(code, str(answer.get("errmsg", "")))

    async def close(self) -> None:
        """Close connections."""
        await self.wire.close()
