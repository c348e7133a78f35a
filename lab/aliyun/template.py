"""The lab's approved templates, and the checks that Aliyun makes of their variables.

Source: help.aliyun.com/zh/sms/user-guide/message-template-specifications (变量规范).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from lab.aliyun.code import Wrong
from lab.aliyun.house import HOUSE

APPROVED: Mapping[str, str] = {
    **HOUSE,
    "SMS_100000001": "您的咨询已有答复，请在微信公众号或App内查看并继续办理：{site}/${path}",
    "SMS_100000002": "您的账户${account}风险率已达${rate}，请尽快追加保证金，详情请登录App查看。",
}
"""The texts that an operator of the lab's account has had approved; `{site}` is the product."""
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_LONGEST = 35


def fill(code: str, param: str, *, site: str) -> str:
    """Return a template's text with its variables filled in, or raise Wrong."""
    text = APPROVED.get(code)
    if text is None:
        raise Wrong("isv.SMS_TEMPLATE_ILLEGAL")
    values = _read(param)
    for name in _VARIABLE.findall(text):
        if not values.get(name):
            raise Wrong("isv.TEMPLATE_MISSING_PARAMETERS")
    for value in values.values():
        if len(value) > _LONGEST:
            raise Wrong("isv.PARAM_LENGTH_LIMIT")
        if "://" in value:
            raise Wrong("isv.PARAM_NOT_SUPPORT_URL")
    filled = _VARIABLE.sub(lambda match: values[match.group(1)], text)
    return filled.replace("{site}", site)


def _read(param: str) -> dict[str, str]:
    try:
        values = json.loads(param or "{}")
    except ValueError:
        raise Wrong("isv.INVALID_JSON_PARAM") from None
    if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
        raise Wrong("isv.INVALID_JSON_PARAM")
    return values
