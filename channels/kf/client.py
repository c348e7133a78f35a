"""The calls that 微信客服 has, for one kf account.

Source: developer.work.weixin.qq.com/document/path/94670 (接收消息), 94677 (发送消息), 95122
(发送欢迎语等事件响应消息), 94669 (分配客服会话).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from channels.wecom.client import WecomClient
from kernel.errors import OutcomeUnknown
from kernel.message import Json

PAGE: Final = 200
"""Messages of one pull; the platform gives up to 1000, a transaction should stay short."""
ASSISTANT: Final = 1
"""The service state “由智能助手接待”, in which the API may send."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what clients and the platform said, oldest first."""

    items: Sequence[Mapping[str, Json]]
    next_cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class KfClient:
    """Raises what WecomClient raises."""

    wecom: WecomClient
    open_kfid: str

    async def pull(self, cursor: str, token: str = "") -> Page:
        """Return what came after `cursor`; a callback's `token` lifts the limit on calls."""
        body: dict[str, Json] = {"limit": PAGE, "open_kfid": self.open_kfid, "voice_format": 0}
        if cursor:
            body["cursor"] = cursor
        if token:
            body["token"] = token
        answer = await self.wecom.call("kf/sync_msg", body)
        items, after = answer.get("msg_list"), answer.get("next_cursor")
        if not isinstance(items, list) or not isinstance(after, str):
            raise OutcomeUnknown("The answer holds no page of messages.")
        known = [one for one in items if isinstance(one, Mapping)]
        return Page(known, after or cursor, answer.get("has_more") == 1)

    async def send(self, user: str, msgid: str, message: Mapping[str, Json]) -> None:
        """Send within a client's window; the platform refuses a `msgid` that it has seen."""
        body: dict[str, Json] = {"touser": user, "open_kfid": self.open_kfid, "msgid": msgid}
        await self.wecom.call("kf/send_msg", body | dict(message))

    async def send_on_event(self, code: str, msgid: str, message: Mapping[str, Json]) -> None:
        """Answer an event with the code that it brought: once, a welcome within 20 s."""
        await self.wecom.call("kf/send_msg_on_event", {"code": code, "msgid": msgid, **message})

    async def find_state(self, user: str) -> int:
        """Return a session's service state: 0 new, 1 assistant, 2 waiting, 3 a person, 4 ended."""
        body: dict[str, Json] = {"open_kfid": self.open_kfid, "external_userid": user}
        state = (await self.wecom.call("kf/service_state/get", body)).get("service_state")
        return state if isinstance(state, int) else -1

    async def move_state(self, user: str, state: int) -> None:
        """Put a session into another service state."""
        body: dict[str, Json] = {
            "open_kfid": self.open_kfid,
            "external_userid": user,
            "service_state": state,
        }
        await self.wecom.call("kf/service_state/trans", body)
