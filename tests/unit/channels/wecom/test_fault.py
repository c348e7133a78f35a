"""What WeCom's codes mean; each code has one meaning."""

from __future__ import annotations

import pytest

from channels.staff.dingtalk import DINGTALK
from channels.wechat.fault import WECHAT, Codes
from channels.wecom.fault import TOKEN_FAULTS, WECOM
from kernel.message import Accepted, Refusal, Rejected, Retryable


@pytest.mark.parametrize("codes", [WECHAT, WECOM, DINGTALK])
def test_each_code_has_one_meaning(codes: Codes) -> None:
    sets = [*codes.refusals.values(), frozenset(codes.waits), codes.done]
    assert sum(map(len, sets)) == len(frozenset().union(*sets))


@pytest.mark.parametrize(
    ("code", "refusal"),
    [(95001, Refusal.WINDOW), (95018, Refusal.WINDOW), (40001, Refusal.CONFIG),
     (45002, Refusal.CONTENT), (81013, Refusal.RECIPIENT), (99999, Refusal.CONFIG)],
)  # fmt: skip
def test_refusals(code: int, refusal: Refusal) -> None:
    result = WECOM.judge(code, "detail")
    assert isinstance(result, Rejected)
    assert result.refusal is refusal


def test_what_passes_is_waited_for_and_success_is_success() -> None:
    assert WECOM.judge(0) == Accepted()
    assert WECOM.judge(45009) == Retryable("45009", 60.0)
    assert all(isinstance(WECOM.judge(one), Retryable) for one in TOKEN_FAULTS)
    assert DINGTALK.judge(130101) == Retryable("130101", 600.0)
