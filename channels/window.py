"""Tells whether a conversation can still be answered in its channel, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from channels.contract import Channel, Channels
from kernel.message import TEMPLATE, Address, Outbound
from store import window
from store.engine import Connection
from store.window import Window


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a person can answer now: `why` is Chinese and English if they cannot.

    `notice` is what they must know beforehand, a word of the glossary (`template_only`).
    """

    channel: str
    can_send: bool
    why: str | None
    why_en: str | None
    window: Window | None
    notice: str | None = None


async def find_reach(
    connection: Connection, channels: Channels, conversation_id: UUID, address: Address
) -> Reach:
    """Tell whether an agent's text would be taken by the channel right now."""
    can = channels.get(address).describe(address)
    if not can.takes_free_text and can.notice is None:
        return Reach(
            address.channel,
            can_send=False,
            why="该渠道只能发送已报备的模板，不能发送自由文本。",
            why_en="This channel takes approved templates only, no free text.",
            window=None,
        )
    if not can.has_windows:
        reach = Reach(address.channel, can_send=True, why=None, why_en=None, window=None)
    else:
        reach = _judge(address.channel, await window.find_open(connection, conversation_id))
    return replace(reach, notice=can.notice)


async def claim_replies(
    connection: Connection, channel: Channel, letters: Sequence[Outbound]
) -> frozenset[UUID]:
    """Spend a reply for each letter of free text; return those whose window has none to spare."""
    if not channel.capabilities.has_windows:
        return frozenset()
    free = [one for one in letters if TEMPLATE not in one.content.hints and not one.is_repeat]
    if not free:
        return frozenset()
    addresses = [one.address.address for one in free]
    open_now = await window.claim_many(connection, channel.name, channel.account, addresses)
    return frozenset(one.outbox_id for one in free if one.address.address not in open_now)


def _judge(channel: str, open_now: list[Window]) -> Reach:
    usable = [one for one in open_now if one.remaining > 0]
    if usable:
        total = sum(one.remaining for one in usable)
        last = usable[-1]
        shown = Window(last.rule, last.quota, total, last.expires_at)
        return Reach(channel, can_send=True, why=None, why_en=None, window=shown)
    if open_now:
        return Reach(
            channel,
            can_send=False,
            why="客户上次发言后的回复额度已用完，需等客户再次发言。",
            why_en="The replies allowed since the client last wrote are used up.",
            window=open_now[-1],
        )
    return Reach(
        channel,
        can_send=False,
        why="客户超过 48 小时未发言，回复窗口已关闭。",
        why_en="The client has not written for 48 hours; the reply window is closed.",
        window=None,
    )
