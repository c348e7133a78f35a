"""Aliyun's error codes with the HTTP status and the sentence that it answers.

Source: help.aliyun.com/zh/sms/developer-reference/api-error-codes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from aiohttp import web

MESSAGES: Mapping[str, tuple[int, str]] = {
    "InvalidAccessKeyId.NotFound": (404, "Specified access key is not found."),
    "SignatureDoesNotMatch": (400, "Specified signature does not match our calculation."),
    "SignatureNonceUsed": (400, "Specified signature nonce was used already."),
    "InvalidTimeStamp.Expired": (400, "Specified time stamp or date value is expired."),
    "InvalidVersion": (400, "Specified parameter Version is not valid."),
    "InvalidAction.NotFound": (404, "Specified api is not found."),
    "MissingPhoneNumbers": (400, "PhoneNumbers is mandatory for this action."),
    "MissingPhoneNumber": (400, "PhoneNumber is mandatory for this action."),
    "MissingSignName": (400, "SignName is mandatory for this action."),
    "MissingTemplateCode": (400, "TemplateCode is mandatory for this action."),
    "MissingSendDate": (400, "SendDate is mandatory for this action."),
    "Throttling.User": (400, "Request was denied due to user flow control."),
    "isv.MOBILE_NUMBER_ILLEGAL": (200, "非法手机号"),
    "isv.SMS_SIGNATURE_ILLEGAL": (200, "该账号下找不到对应签名"),
    "isv.SMS_TEMPLATE_ILLEGAL": (200, "该账号下找不到对应模板"),
    "isv.TEMPLATE_MISSING_PARAMETERS": (200, "模板变量缺少对应参数值"),
    "isv.INVALID_JSON_PARAM": (200, "JSON参数不合法，只接受字符串值"),
    "isv.PARAM_LENGTH_LIMIT": (200, "参数超过长度限制"),
    "isv.PARAM_NOT_SUPPORT_URL": (200, "变量不支持传入链接"),
    "isv.BUSINESS_LIMIT_CONTROL": (200, "触发天级流控Permits:50"),
    "isv.AMOUNT_NOT_ENOUGH": (200, "当前账户余额不足"),
    "isp.SYSTEM_ERROR": (200, "系统异常，请重试"),
}


class Wrong(Exception):
    """Aliyun answers with a code that is not OK."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def answer(self) -> web.Response:
        """Return the answer that Aliyun gives."""
        status, sentence = MESSAGES[self.code]
        body = {"Code": self.code, "Message": sentence, "RequestId": new_request_id()}
        return web.json_response(body, status=status)


def new_request_id() -> str:
    """Return an id as the gateway gives one to every call."""
    mark = secrets.token_hex(16).upper()
    return "-".join((mark[:8], mark[8:12], mark[12:16], mark[16:20], mark[20:]))
