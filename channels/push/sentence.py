"""What a push shows: one fixed sentence for each category, never a word of the message itself.

A push passes through the servers of others and lies on locked screens, so names, numbers and
amounts have no place in it (docs.jiguang.cn, 推送内容规范; RFC 8030 §8.1). The message is read in
the app after signing in; the push carries our own name for it and a link there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kernel.message import Content

NAME: Final = "push"
NOTICE: Final = "generic_only"
"""What an agent must know beforehand: the text is not shown; the client is told to look."""
SCHEME: Final = "zhida://message/"
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is shown for a category, in both languages."""

    zh: str
    en: str


SENTENCES: Final[Mapping[str, Sentence]] = {
    "account": Sentence("您有一条新的账户通知", "You have a new account notice"),
    "trade": Sentence("您有一条新的交易通知", "You have a new trade notice"),
    "risk": Sentence("您有一条重要的风险提示，请尽快查看", "An important risk notice awaits you"),
    "ticket": Sentence("您的咨询有新进展", "There is news about your enquiry"),
    "service": Sentence("客服给您发来一条新消息", "You have a new message from our service"),
    "marketing": Sentence("有一条您可能感兴趣的内容", "Something that may interest you"),
    _OTHER: Sentence("您有一条新消息", "You have a new message"),
}
URGENCIES: Final = ("critical", "high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Push:
    """All that leaves the house in a push."""

    title: str
    body: str
    category: str
    urgency: str
    name: str

    @property
    def link(self) -> str:
        """The address inside the app at which the message is read."""
        return SCHEME + self.name

    @property
    def seconds(self) -> int:
        """How long a provider may keep it for a device that is off; old news are no news."""
        return 3600 if self.urgency == "critical" else 86_400


def make_push(content: Content, outbox_id: UUID, *, title: str) -> Push:
    """Return the push for a message; of its content only the category and urgency are looked at.

    `title` is the house's own name, as the account has it.
    """
    category = content.hints.get("category")
    urgency = content.hints.get("urgency")
    known = str(category) if category in SENTENCES else _OTHER
    sentence = SENTENCES[known]
    return Push(
        title=title,
        body=sentence.en if content.hints.get("language") == "en" else sentence.zh,
        category=known,
        urgency=str(urgency) if urgency in URGENCIES else "normal",
        name=str(outbox_id),
    )
