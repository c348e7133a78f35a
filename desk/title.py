"""What a ticket is called: what its client asked, in one masked line; the reason where that is all.

Only masked words come in here, and the title rests in clear: it carries the masks' names
(`[手机号]`), never an end of what they hide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from kernel.masking import mask, may_hold_code
from kernel.message import Author
from store.conversation import Said

LENGTH: Final = 60
"""Characters of a title; what is longer ends in an ellipsis, the whole is in the conversation."""
FRESH: Final = timedelta(hours=1)
"""Words that are older than this were about something else: a conversation lives for ever."""

_TALKS: Final = {
    "check_balance": "余额",
    "check_deposit": "入金",
    "check_withdrawal": "出金",
    "check_withdrawal_limit": "出金额度",
    "check_permission": "交易权限",
    "apply_permission": "开通权限",
    "check_margin": "保证金",
    "check_ticket": "工单进度",
    "change_phone": "修改手机号",
    "change_bank_card": "更换银行卡",
}
_NUMBERED = re.compile(r"\[(\D+?)\d+\]")
_CLAUSE = re.compile(r"(?<=[，。！？!?；;\n])|(?<=[.,])(?=\s)")
_EMPTY_WORDS = re.compile(
    r"\[[^\]]*\]|真人|人工|客服|服务|坐席|直接|麻烦|谢谢|需要|可以|好的|是的|不是|确认|一下|在吗|"
    r"[转接找要想请帮给我你您好对是否行嗯个人吧吗的了呢啊快]|"
    r"\b(?:i|a|an|me|to|the|my|can|you|want|need|would|like|talk|speak|chat|with|get|connect|"
    r"transfer|human|person|agent|someone|somebody|real|please|hello|hi|hey|ok|okay|yes|no|"
    r"thanks|thank)\b|[\W\d_]",
    re.IGNORECASE,
)


def make_title(why: str, *, intent: str, summary: str, said: Iterable[Said]) -> str:
    """Return a ticket's title.

    Args:
        why: the reason in words, e.g. "客户要求人工".
        intent: what the assistant understood; names the business where it is one.
        summary: what the assistant says of a complaint, masked.
        said: the conversation's last messages, oldest first.
    """
    talk = _TALKS.get(intent)
    asked = _shorten(summary) if summary.startswith("投诉") else _find_asked(said)
    if asked is None:
        return f"{why} · {talk}" if talk else why
    return _shorten(f"{talk}：{asked}" if talk else asked)


def _find_asked(said: Iterable[Said]) -> str | None:
    """Return what the client said last of substance, or None.

    To ask for a person, to say yes, or to give a number says nothing of what it is about. Where
    the last message was partly such, the one before it is likely to hold the question.
    """
    messages = list(said)
    found: list[str] = []
    for one in reversed(messages):
        if one.author != Author.CLIENT or messages[-1].at - one.at > FRESH:
            continue
        text = one.content.text
        words = mask(text, code_expected=may_hold_code(text)).text.strip()
        kept = "".join(part for part in _CLAUSE.split(words) if _EMPTY_WORDS.sub("", part)).strip()
        if kept:
            found.insert(0, kept.rstrip("，,；;、"))
        if kept == words or len(found) == 2:
            break
    return _shorten(" ".join(found)) if found else None


def _shorten(words: str) -> str:
    """Return words in one line of at most `LENGTH` characters, the masks without their numbers."""
    line = " ".join(_NUMBERED.sub(r"[\1]", words).split())
    return line if len(line) <= LENGTH else line[: LENGTH - 1].rstrip() + "…"
