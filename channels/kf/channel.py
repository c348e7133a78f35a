"""One kf account as the house sees every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from channels.contract import Alike, Capabilities, WindowRule
from channels.kf.client import ASSISTANT, KfClient
from channels.kf.payload import MESSAGE_RULE
from channels.kf.render import render
from channels.wechat.fault import ApiRefused, judge
from channels.wechat.render import TEXT_LIMIT
from channels.wecom.fault import WECOM, WRONG_STATE
from kernel.errors import ServiceError
from kernel.message import (
    REPLY_CODE,
    Accepted,
    Inbound,
    Json,
    Outbound,
    Refusal,
    Rejected,
    SendResult,
)

NAME: Final = "kf"

_RULE = WindowRule(MESSAGE_RULE, quota=5, lasts=timedelta(hours=48))
"""Source: developer.work.weixin.qq.com/document/path/94677."""

_CAPABILITIES = Capabilities(
    text_limit=TEXT_LIMIT,
    limit_in_bytes=True,
    has_windows=True,
    reserve=1,
    has_key=True,
    receipts=frozenset({"failed"}),
)
_WAITING = frozenset({0, 2, 4})
_STATES: Mapping[int, str] = {
    0: "The session waits for somebody to take it.",
    2: "The session waits in WeCom's queue (待接入池) and was not given to the assistant.",
    3: "A person answers this client inside WeCom (人工接待); answer there, or end the session.",
    4: "The session has ended; the client must write first.",
}


@dataclass(frozen=True, slots=True)
class KfChannel(Alike):
    """Sends for one kf account; what comes in is pulled (channels/kf/pull.py)."""

    account: str
    client: KfClient

    @property
    def name(self) -> str:
        """Return `kf`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """Free text of 2048 bytes, a menu, a window, our own key, word of failures."""
        return _CAPABILITIES

    def find_window(self, inbound: Inbound) -> WindowRule | None:
        """Return 5 in 48 h for whatever a client says, a tapped menu entry included."""
        return _RULE if inbound.window_rule == MESSAGE_RULE else None

    async def send(self, outbound: Outbound) -> SendResult:
        """Send one message under the outbox's id; every failure becomes a result.

        What WeCom has seen under this id it refuses, and does not say by which code: so on a
        repeat (`is_repeat`), a refusal for no other known reason means that it is there already.
        """
        msgid = outbound.outbox_id.hex
        try:
            await self._send(outbound, msgid, render(outbound))
        except _Unreachable as error:
            code = f"{WRONG_STATE}_state_{error.state}"
            return Rejected(Refusal.WINDOW, code, _STATES.get(error.state, ""))
        except (ServiceError, TimeoutError) as error:
            if outbound.is_repeat and _is_undocumented(error):
                return Accepted(msgid)
            return judge(error, WECOM)
        return Accepted(msgid)

    async def close(self) -> None:
        """Close connections."""
        await self.client.wecom.close()

    async def _send(self, outbound: Outbound, msgid: str, message: Mapping[str, Json]) -> None:
        user, code = outbound.address.address, outbound.content.hints.get(REPLY_CODE)
        if isinstance(code, str):
            await self.client.send_on_event(code, msgid, message)
            return
        try:
            await self.client.send(user, msgid, message)
        except ApiRefused as error:
            if error.errcode != WRONG_STATE:
                raise
            await self._take_session(user)
            await self.client.send(user, msgid, message)

    async def _take_session(self, user: str) -> None:
        """Give the session to the assistant, so that the API may send; people keep theirs."""
        state = await self.client.find_state(user)
        if state not in _WAITING:
            raise _Unreachable(state)
        try:
            await self.client.move_state(user, ASSISTANT)
        except ApiRefused as error:
            raise _Unreachable(state) from error


class _Unreachable(Exception):
    """The session is in a state in which only others may speak."""

    def __init__(self, state: int) -> None:
        super().__init__(state)
        self.state = state


def _is_undocumented(error: Exception) -> bool:
    if not isinstance(error, ApiRefused) or error.errcode in WECOM.waits:
        return False
    return WECOM.find_refusal(error.errcode) is None
