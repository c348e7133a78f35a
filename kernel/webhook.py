"""The kinds of things that other systems of the broker may be told, by webhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "message.accepted": ("消息已受理", "a provider took a message that this source ordered"),
    "message.delivered": ("消息已送达", "it was delivered"),
    "message.read": ("消息已读", "it was read"),
    "message.failed": ("消息失败", "it was refused or failed"),
    "message.expired": ("消息过期", "it was too late to send it"),
    "notice.reached": ("客户已知悉", "the client knows"),
    "notice.unreached": ("未能触达", "every rung was tried, and the client does not know"),
    "notice.escalated": ("已转人工待办", "a person has the task to reach the client"),
    "notice.closed": ("待办已结束", "the person's task is done"),
    "notice.cancelled": ("通知已取消", "it was cured or stopped"),
    "notice.expired": ("通知过期", "its time was over"),
    "campaign.sent": ("活动批次", "how the calls of a batch ended, as counts"),
    "campaign.ended": ("活动结束", "a campaign is done or was cancelled"),
    "campaign_message.delivered": ("活动消息已送达", "a campaign's message was delivered"),
    "campaign_message.read": ("活动消息已读", "a campaign's message was read"),
    "campaign_message.failed": ("活动消息失败", "a campaign's message failed after all"),
    "campaign_message.expired": ("活动消息过期", "it was too late to send a campaign's message"),
    "consent.subscribed": ("客户重新订阅", "a client wants a kind of message again"),
    "consent.unsubscribed": ("客户退订", "a client wants a kind of message no more"),
    "ticket.closed": ("工单关闭", "a ticket was closed"),
}
"""Each kind with its meaning, Chinese and English."""

TEST: Final = "test"
"""The kind of a delivery that an admin asked for, to try a webhook out."""

OF_ORDERS: Final = ("message.", "notice.")
"""How the kinds begin that a webhook hears only of what its own source ordered."""
