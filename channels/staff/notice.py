"""Topics that staff accounts listen to, and many notices as one message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from channels.account import Account, Accounts
from channels.wechat.render import cut
from kernel.errors import InvalidInput
from store.staff_notice import Notice

TICKET: Final = "ticket"
BREACH: Final = "breach"
PROVIDER: Final = "provider"
TOPICS: Final[Mapping[str, tuple[str, str]]] = {
    TICKET: ("新工单", "new tickets"),
    BREACH: ("工单超时", "tickets past their promise"),
    PROVIDER: ("渠道异常", "channels in trouble"),
}
ALL_TOPICS: Final = ",".join(TOPICS)

LINES: Final = 8
"""Notices of one topic that are shown in full; the rest is counted."""


def find_listeners(accounts: Accounts, topic: str) -> list[str]:
    """Return the staff accounts that listen to a topic."""
    return [one.name for one in accounts if one.channel == "staff" and topic in read_topics(one)]


def read_topics(account: Account) -> frozenset[str]:
    """Read what an account listens to: topics, separated by commas.

    Raises:
        InvalidInput: a topic that there is not.
    """
    named = account.public.get("topics", ALL_TOPICS).split(",")
    topics = frozenset(one.strip() for one in named if one.strip())
    if not topics or topics - TOPICS.keys():
        raise InvalidInput(
            f"topics are some of {', '.join(TOPICS)}, separated by commas.",
            zh=f"订阅内容只能是 {'、'.join(TOPICS)}，用英文逗号分隔。",
        )
    return topics


def compose(notices: Sequence[Notice], limit: int) -> str:
    """Write notices as one text of at most `limit` bytes: one as it is, many under headings."""
    if len(notices) == 1:
        return cut(notices[0].text, limit)
    by_topic: dict[str, list[str]] = {}
    for one in notices:
        by_topic.setdefault(one.topic, []).append(one.text)
    return cut("\n\n".join(_list(topic, lines) for topic, lines in by_topic.items()), limit)


def _list(topic: str, lines: Sequence[str]) -> str:
    zh, en = TOPICS.get(topic, (topic, topic))
    head = f"{len(lines)} 条{zh} · {len(lines)} {en}"
    shown = [f"· {line}" for line in lines[:LINES]]
    left = len(lines) - LINES
    return "\n".join([head, *shown, *([f"…… 另有 {left} 条 · {left} more"] if left > 0 else [])])
