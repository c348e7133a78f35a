"""WeCom for staff: messages of an application to employees, and a robot in a group.

Source: developer.work.weixin.qq.com/document/path/90236 (发送应用消息), 91770 (群机器人).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from channels.wechat.fault import ApiRefused, Codes
from channels.wechat.wire import ErrcodeWire, read_code, write_json
from channels.wecom.client import WecomClient
from channels.wecom.fault import WECOM
from kernel.message import Json

SAME_SECONDS: Final = 1800
"""How long WeCom remembers what it was told, to leave out the same once more."""


@dataclass(frozen=True, slots=True)
class WecomApp:
    """Writes to employees (`zhang|li`, or `@all`) as an application."""

    client: WecomClient
    agent_id: int
    to: str

    @property
    def codes(self) -> Codes:
        """Return WeCom's codes."""
        return WECOM

    @property
    def has_key(self) -> bool:
        """Return True: the whole message is compared with those of the last half hour."""
        return True

    async def say(self, text: str) -> None:
        """Send a text; the same one within half an hour arrives once."""
        body: dict[str, Json] = {
            "touser": self.to,
            "msgtype": "text",
            "agentid": self.agent_id,
            "text": {"content": text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": SAME_SECONDS,
        }
        await self.client.call("message/send", body)

    async def close(self) -> None:
        """Close connections."""
        await self.client.close()


@dataclass(frozen=True, slots=True)
class WecomRobot:
    """A robot in a group; its key is its whole secret, and it has no memory of what it said."""

    key: str = field(repr=False)
    api_base: str
    wire: ErrcodeWire

    @property
    def codes(self) -> Codes:
        """Return WeCom's codes."""
        return WECOM

    @property
    def has_key(self) -> bool:
        """Return False."""
        return False

    async def say(self, text: str) -> None:
        """Say a text in the group."""
        body: dict[str, Json] = {"msgtype": "text", "text": {"content": text}}
        url = f"{self.api_base.rstrip('/')}/cgi-bin/webhook/send"
        heard = await self.wire.call("post", url, params={"key": self.key}, data=write_json(body))
        code, answer = read_code(heard.status, heard.body)
        if code:
            raise ApiRefused(code, str(answer.get("errmsg", "")))

    async def close(self) -> None:
        """Close connections."""
        await self.wire.close()
