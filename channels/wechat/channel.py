"""One WeChat Official Account as the house sees every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from channels.contract import Alike, Capabilities, WindowRule
from channels.wechat.client import WechatClient
from channels.wechat.fault import judge
from channels.wechat.payload import MENU_RULE, MESSAGE_RULE
from channels.wechat.render import TEXT_LIMIT, find_template, render_custom
from kernel.errors import ServiceError
from kernel.message import Accepted, Inbound, Json, Outbound, SendResult

NAME = "wechat"

_RULES: Mapping[str, WindowRule] = {
    MESSAGE_RULE: WindowRule(MESSAGE_RULE, quota=5, lasts=timedelta(hours=48)),
    MENU_RULE: WindowRule(MENU_RULE, quota=3, lasts=timedelta(minutes=1)),
}
"""Source: developers.weixin.qq.com, 客服消息, 发送条数限制."""

_CAPABILITIES = Capabilities(
    text_limit=TEXT_LIMIT,
    limit_in_bytes=True,
    is_pulled=False,
    has_windows=True,
    reserve=1,
    has_key=False,
    can_answer_passively=True,
    per_day=100_000,
)
"""`per_day` is what template messages have. Source: developers.weixin.qq.com, 模板消息接口."""


@dataclass(frozen=True, slots=True)
class WechatChannel(Alike):
    """Sends for one account; what comes in arrives through the webhook."""

    account: str
    client: WechatClient

    @property
    def name(self) -> str:
        """Return `wechat`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """Free text of 2048 bytes, buttons, windows; no receipts and no idempotency."""
        return _CAPABILITIES

    def find_window(self, inbound: Inbound) -> WindowRule | None:
        """Return 5 in 48 h for a message, 3 in 1 minute for a click, a scan or a follow."""
        return _RULES.get(inbound.window_rule or "")

    async def send(self, outbound: Outbound) -> SendResult:
        """Send one message: the template that it names, else a customer-service message.

        Every failure becomes a result.
        """
        wanted = find_template(outbound.content)
        if wanted is not None:
            return await self.send_template(outbound, *wanted)
        try:
            await self.client.send_custom(render_custom(outbound))
        except (ServiceError, TimeoutError) as error:
            return judge(error)
        return Accepted()

    async def send_template(
        self, outbound: Outbound, template_id: str, values: Mapping[str, Json]
    ) -> SendResult:
        """Send a template message, which needs no window and is de-duplicated by our id."""
        try:
            provider_id = await self.client.send_template(
                outbound.address.address,
                template_id,
                data=values,
                client_msg_id=outbound.outbox_id.hex,
            )
        except (ServiceError, TimeoutError) as error:
            return judge(error)
        return Accepted(provider_id)

    async def show_typing(self, openid: str) -> bool:
        """Show “对方正在输入…”; False if WeChat would not, which nobody needs to know."""
        try:
            await self.client.send_typing(openid)
        except (ServiceError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Close connections."""
        await self.client.close()
