"""Why a conversation comes to the desk, in words, and how urgent that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """What staff read of a hand-over's reason, and the priority that its ticket begins with."""

    words: str
    priority: str = "normal"


_REASONS: Final[Mapping[str, Reason]] = {
    "client_asked": Reason("客户要求人工"),
    "complaint": Reason("客户投诉", "high"),
    "unsure": Reason("智能助手没有把握"),
    "advice": Reason("需要投资顾问", "low"),
    "identity_failed": Reason("身份核验未通过"),
    "talk_failed": Reason("智能助手出错"),
    "core_down": Reason("核心系统无响应"),
}


def describe_reason(name: str) -> Reason:
    """Return what is known of a reason; one that nobody has named is a plain hand-over."""
    return _REASONS.get(name, Reason("转人工"))
