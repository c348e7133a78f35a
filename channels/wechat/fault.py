"""What each of WeChat's error codes means for the message that was being sent.

Source: developers.weixin.qq.com, 全局返回码, and the page of each call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from channels.wire import Heard
from kernel.errors import OutcomeUnknown, Permanent, Transient
from kernel.message import Accepted, Refusal, Rejected, Retryable, SendResult, Unknown


@dataclass(frozen=True, slots=True)
class Codes:
    """A platform's error codes as data: who is at fault, what to wait for, what is done already.

    `waits` are seconds after which a call that was provably not processed may be made again.
    """

    refusals: Mapping[Refusal, frozenset[int]]
    waits: Mapping[int, float]
    done: frozenset[int] = frozenset()

    def judge(self, errcode: int, detail: str = "") -> SendResult:
        """Tell what an errcode means; an undocumented one is for the operator to look at."""
        if errcode == 0 or errcode in self.done:
            return Accepted()
        if errcode in self.waits:
            return Retryable(str(errcode), self.waits[errcode])
        refusal = self.find_refusal(errcode) or Refusal.CONFIG
        return Rejected(refusal, str(errcode), detail)

    def find_refusal(self, errcode: int) -> Refusal | None:
        """Return what is refused by an errcode; None if the platform documents no such code."""
        return next((one for one, codes in self.refusals.items() if errcode in codes), None)


WECHAT = Codes(
    refusals={
        Refusal.RECIPIENT: frozenset({40003, 43004, 43019, 48002, 50002}),
        Refusal.CONTENT: frozenset(
            {40004, 40007, 40008, 40033, 40037, 44002, 44004, 45002, 45008, 47001, 47003, 87014}
        ),
        Refusal.CONFIG: frozenset({40013, 40066, 40125, 40164, 48001, 48004, 50001, 61004}),
        Refusal.CONSENT: frozenset({43101}),
        Refusal.WINDOW: frozenset({45015, 45047}),
        Refusal.QUOTA: frozenset({45009}),
    },
    waits={-1: 1.0, 45011: 60.0, 40001: 30.0, 40014: 30.0, 41001: 30.0, 42001: 30.0},
    done=frozenset({45065}),
)
"""WeChat Official Accounts."""


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


def raise_for_status(heard: Heard) -> None:
    """Sort HTTP errors: 429 was not processed, 5xx may have been, other 3xx and 4xx never."""
    if heard.status == 429:
        raise ApiBusy(heard.status, heard.wait or 1.0)
    if heard.status >= 500:
        raise OutcomeUnknown(f"HTTP {heard.status}.")
    if heard.status >= 300:
        raise ApiClosed(heard.status)


def judge(error: Exception, codes: Codes = WECHAT) -> SendResult:
    """Turn what a call raised into the result of sending; anything strange is Unknown."""
    match error:
        case ApiRefused():
            return codes.judge(error.errcode, error.message)
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
    """Tell what one of WeChat's errcodes means."""
    return WECHAT.judge(errcode, detail)
