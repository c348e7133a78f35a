from __future__ import annotations

import pytest

from channels.wechat.fault import ApiBusy, ApiClosed, ApiRefused, judge, raise_for_status
from channels.wire import Heard
from kernel.errors import OutcomeUnknown, Transient
from kernel.message import Accepted, Refusal, Rejected, Retryable, SendResult, Unknown

CODES = {
    Refusal.RECIPIENT: [40003, 43004, 43019, 48002, 50002],
    Refusal.CONTENT: [40037, 47003, 40033, 45002, 47001, 40007],
    Refusal.CONFIG: [40164, 48001, 48004, 40013, 40125, 61004, 99999],
    Refusal.CONSENT: [43101],
    Refusal.WINDOW: [45015, 45047],
    Refusal.QUOTA: [45009],
}


@pytest.mark.parametrize(
    ("code", "refusal"), [(code, refusal) for refusal in CODES for code in CODES[refusal]]
)
def test_each_code_has_its_class(code: int, refusal: Refusal) -> None:
    result = judge(ApiRefused(code, "rid: 1"))
    assert isinstance(result, Rejected)
    assert (result.refusal, result.code) == (refusal, str(code))


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (ApiRefused(45065, ""), Accepted()),
        (ApiRefused(-1, "busy"), Retryable("-1", 1.0)),
        (ApiRefused(45011, ""), Retryable("45011", 60.0)),
        (ApiRefused(40001, ""), Retryable("40001", 30.0)),
        (ApiBusy(429, 7.0), Retryable("http_429", 7.0)),
        (Transient(), Retryable("unreachable", 2.0)),
        (OutcomeUnknown(), Unknown("no_answer")),
        (TimeoutError(), Unknown("timeout")),
        (ZeroDivisionError(), Unknown("ZeroDivisionError")),
    ],
)
def test_each_failure_has_its_result(error: Exception, result: SendResult) -> None:
    assert judge(error) == result


def test_closed_way_is_a_matter_of_configuration() -> None:
    result = judge(ApiClosed(403))
    assert isinstance(result, Rejected)
    assert result.refusal is Refusal.CONFIG


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, ApiBusy), (500, OutcomeUnknown), (502, OutcomeUnknown), (302, ApiClosed)],
)
def test_http_statuses(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        raise_for_status(Heard(status, {"Retry-After": "soon"}, b""))
    raise_for_status(Heard(200, {}, b""))
