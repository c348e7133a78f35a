"""What each of Aliyun's error codes means for the message that was being sent.

Source: help.aliyun.com/zh/sms/developer-reference/api-error-codes, and the common codes of
the gateway (api.aliyun.com/document/Dysmsapi/2017-05-25/errorCode).
"""

from __future__ import annotations

from collections.abc import Mapping

from channels.wire import Answer
from kernel.message import Refusal, Rejected, Retryable, SendResult, Unknown

OK = "OK"
_REFUSALS: Mapping[Refusal, frozenset[str]] = {
    Refusal.RECIPIENT: frozenset(
        {"isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.DENY_IP_RANGE"}
    ),
    Refusal.CONSENT: frozenset({"isv.USER_UNSUBSCRIBED", "isv.BLACK_LIST_CONTROL"}),
    Refusal.CONTENT: frozenset(
        {
            "isv.SMS_TEMPLATE_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS", "isv.PARAM_LENGTH_LIMIT",
            "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.INVALID_PARAMETERS", "isv.INVALID_JSON_PARAM",
            "isv.BLACK_KEY_CONTROL_LIMIT", "isv.PARAM_NOT_SUPPORT_URL", "isv.SMS_CONTENT_ILLEGAL",
            "isv.TEMPLATE_COUNT_OVER_LIMIT", "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE",
        }
    ),
    Refusal.QUOTA: frozenset(
        {"isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"}
    ),
    Refusal.CONFIG: frozenset(
        {
            "isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_SIGN_ILLEGAL", "isv.AMOUNT_NOT_ENOUGH",
            "isv.OUT_OF_SERVICE", "isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE",
            "isv.ACCOUNT_NOT_EXISTS", "isv.ACCOUNT_ABNORMAL", "isp.RAM_PERMISSION_DENY",
"isv.EXTEND_CODE_ERROR", "SignatureDoesNotMatch",
        }
    ),
}  # fmt: skip
_BY_CODE = {code: refusal for refusal, codes in _REFUSALS.items() for code in codes}
_DOUBTFUL = frozenset({"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "InternalError", "isp.TIMEOUT"})
"""“Try again”, says Aliyun; whether the message left before, nobody says."""
_MINUTE_WAIT = 60.0
_BUSY_WAIT = 2.0


def judge_refusal(answer: Answer) -> SendResult:
    """Tell what an answer whose Code is not OK means; an undocumented one is for the operator."""
    body = answer.body or {}
    code, detail = body.get("Code"), str(body.get("Message", ""))[:200]
    if not isinstance(code, str) or not code:
        doubt = answer.status < 300
        return Unknown("no_code") if doubt else _closed(answer.status, detail)
    if code in _DOUBTFUL:
        return Unknown(code)
    if code.startswith("Throttling"):
        return Retryable(code, _BUSY_WAIT)
    if code == "isv.BUSINESS_LIMIT_CONTROL" and "分钟" in detail:
        return Retryable(code, _MINUTE_WAIT)
    return Rejected(_BY_CODE.get(code, Refusal.CONFIG), code, detail)


def _closed(status: int, detail: str) -> SendResult:
    return Rejected(Refusal.CONFIG, f"http_{status}", detail)
