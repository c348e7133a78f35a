"""What each of JPush's error codes means for the push that was being sent.

Source: docs.jiguang.cn, REST API v3, 推送 API, HTTP 返回码与错误码.
"""

from __future__ import annotations

from collections.abc import Mapping

from channels.wire import Answer
from kernel.message import Refusal, Rejected, Retryable, SendResult, Unknown

_REFUSALS: Mapping[Refusal, frozenset[int]] = {
    Refusal.RECIPIENT: frozenset({1011}),
    Refusal.CONTENT: frozenset({1005, 1012}),
    Refusal.QUOTA: frozenset({2005, 2008}),
    Refusal.CONFIG: frozenset(
        {1001, 1002, 1003, 1004, 1008, 1009, 1020, 2003, 2004, 2006, 2007, 2009}
    ),
}
_BY_CODE = {code: refusal for refusal, codes in _REFUSALS.items() for code in codes}
_DOUBTFUL = frozenset({1000, 1030})
"""The service failed or timed out inside: the push may be on its way."""
_WAITS: Mapping[int, float] = {2002: 60.0}
"""Too many calls within this minute; none of them is processed."""


def judge_refusal(answer: Answer) -> SendResult:
    """Tell what an answer other than 2xx means; an undocumented code is for the operator."""
    told = (answer.body or {}).get("error")
    error = told if isinstance(told, Mapping) else {}
    code, detail = error.get("code"), str(error.get("message", ""))[:200]
    if not isinstance(code, int) or isinstance(code, bool):
        return Rejected(Refusal.CONFIG, f"http_{answer.status}", detail)
    if code in _DOUBTFUL:
        return Unknown(str(code))
    if code in _WAITS:
        return Retryable(str(code), _WAITS[code])
    return Rejected(_BY_CODE.get(code, Refusal.CONFIG), str(code), detail)
