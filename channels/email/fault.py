"""What an SMTP server's answer means for the mail that was being sent.

Sources: RFC 5321 §4.2.3 (reply codes), RFC 3463 (enhanced status codes), RFC 4954 (AUTH).
The enhanced code says more than the three digits and decides where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from kernel.message import Refusal, Rejected, Retryable, SendResult, Unknown


class Stage(StrEnum):
    """How far a delivery got; from CONTENT on the server may have taken the mail."""

    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


_WAITS: Mapping[int, float] = {421: 30.0, 450: 60.0, 451: 60.0, 452: 120.0, 454: 60.0}
"""Seconds; 450 and 451 are also what a grey-listing server says to a first attempt."""

_ENHANCED = re.compile(r"(?<![\d.])5\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_BY_DETAIL: Mapping[tuple[int, int], Refusal] = {
    (1, 7): Refusal.CONFIG,
    (1, 8): Refusal.CONFIG,
    (2, 3): Refusal.CONTENT,
    (3, 4): Refusal.CONTENT,
    (4, 4): Refusal.RECIPIENT,
    (7, 13): Refusal.RECIPIENT,
}
"""Bad sender's address, too long for the mailbox or the system, no route, account disabled."""
_BY_SUBJECT: Mapping[int, Refusal] = {
    1: Refusal.RECIPIENT,
    2: Refusal.RECIPIENT,
    3: Refusal.CONFIG,
    4: Refusal.CONFIG,
    5: Refusal.CONFIG,
    6: Refusal.CONTENT,
}
_RECIPIENT_CODES = frozenset({550, 551, 553, 556})


def judge_answer(code: int, said: str, stage: Stage) -> SendResult:
    """Turn a refusing answer into the result: 4xx may be tried again, 5xx says what is wrong."""
    if 400 <= code < 500:
        return Retryable(str(code), _WAITS.get(code, 60.0))
    if not 500 <= code < 600:  # no answer of SMTP at all: who knows what was done with the mail
        is_late = stage is Stage.CONTENT
        return Unknown("strange_answer") if is_late else Retryable("strange_answer", 60.0)
    return Rejected(_find_refusal(code, said, stage), str(code), said[:200])


def _find_refusal(code: int, said: str, stage: Stage) -> Refusal:
    enhanced = _ENHANCED.search(said)
    if enhanced:
        subject, detail = int(enhanced[1]), int(enhanced[2])
        found = _BY_DETAIL.get((subject, detail)) or _BY_SUBJECT.get(subject)
        if found:
            return found
    if stage is Stage.CONTENT:
        return Refusal.CONTENT
    if stage is Stage.RECIPIENT and code in _RECIPIENT_CODES:
        return Refusal.RECIPIENT
    return Refusal.CONFIG
