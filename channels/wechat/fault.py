"""What each of WeChat's error codes means for the message that was being sent.

Source: developers.weixin.qq.com, 全局返回码, and the page of each call.
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel.errors import OutcomeUnknown, Permanent, Transient
from kernel.message import Accepted, Refusal, Rejected, Retryable, SendResult, Unknown

_REFUSALS: Mapping[Refusal, frozenset[int]] = {
    Refusal.RECIPIENT: frozenset({40003, 43004, 43019, 48002, 50002}),
    Refusal.CONTENT: frozenset(
        {40004, 40007, 40008, 40033, 40037, 44002, 44004, 45002, 45008, 47001, 47003, 87014}
    ),
    Refusal.CONFIG: frozenset({40013, 40066, 40125, 40164, 48001, 48004, 50001, 61004}),
    Refusal.CONSENT: frozenset({43101}),
    Refusal.WINDOW: frozenset({45015, 45047}),
    Refusal.QUOTA: frozenset({45009}),
}
_BY_CODE = {code: refusal for refusal, codes in _REFUSALS.items() for code in codes}
_WAITS: Mapping[int, float] = {
    -1: 1.0,
    45011: 60.0,
    40001: 30.0,
    40014: 30.0,
    41001: 30.0,
    42001: 30.0,
}
"""Seconds after which a call that was provably not processed may be made again."""
_ALREADY_DONE = 45065


class ApiRefused(Permanent):
    """WeChat refused the call."""

    code = "wechat_refused"
    message_zh = "微信接口拒绝了请求。"

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"WeChat answered {errcode}: {errmsg[:200]}")
        self.errcode = errcode


class ApiBusy(Transient):
    """WeChat, or what stands before it, asks us to wait."""

    code = "wechat_busy"

    def __init__(self, status: int, wait: float) -> None:
        super().__init__(f"HTTP {status}; wait {wait:g} s.")
        self.wait = wait


class ApiClosed(Permanent):
    """An HTTP error that is not WeChat's: the address or the way there is wrong."""

    code = "wechat_closed"

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status} instead of WeChat's answer.")
        self.http_status = status


def raise_for_status(status: int, retry_after: str | None) -> None:
    """Sort HTTP errors: 429 was not processed, 5xx may have been, other 3xx and 4xx never."""
    if status == 429:
        is_number = bool(retry_after and retry_after.isascii() and retry_after.isdigit())
        raise ApiBusy(status, float(retry_after or 1) if is_number else 1.0)
    if status >= 500:
        raise OutcomeUnknown(f"HTTP {status}.")
    if status >= 300:
        raise ApiClosed(status)


def judge(error: Exception) -> SendResult:
    """Turn what a call raised into the result of sending; anything strange is Unknown."""
    match error:
        case ApiRefused():
            return judge_code(error.errcode, error.message)
        case ApiClosed():
            return Rejected(Refusal.CONFIG, f"http_{error.http_status}", error.message)
        case ApiBusy():
            return Retryable("http_429", error.wait)
        case Transient():
            return Retryable("unreachable", 2.0)
        case TimeoutError():
            return Unknown("timeout")
        case OutcomeUnknown():
            return Unknown("no_answer")
        case _:
            return Unknown(type(error).__name__)


def judge_code(errcode: int, detail: str = "") -> SendResult:
    """Tell what an errcode means; an undocumented one is for the operator to look at."""
    if errcode in {0, _ALREADY_DONE}:
        return Accepted()
    if errcode in _WAITS:
        return Retryable(str(errcode), _WAITS[errcode])
    return Rejected(_BY_CODE.get(errcode, Refusal.CONFIG), str(errcode), detail)
