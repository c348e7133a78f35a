"""Whom a subscription may make us call: the push services of browsers, and nobody else."""

from __future__ import annotations

import pytest

from channels.push.web.subscription import HOSTS, check_endpoint
from kernel.errors import InvalidInput
from kernel.message import (
    Content,
)

SECRET = Content(
    text="王小明，您的账户88001234可用资金-1,234,567.89元，请于15:00前追加保证金。",
    card={"title": "资金", "rows": [{"label": "可用", "value": "-1234567.89"}], "note": "张三"},
    article={"key": "k77", "title": "强平规则"},
    choices=({"title": "去追加9988", "payload": "/deposit"},),
    media={"url": "https://x.cn/4711.png", "name": "身份证.png"},
    hints={"category": "risk", "urgency": "critical", "client": "王小明"},
)
TELLING = ["王小明", "88001234", "1,234,567", "1234567", "15:00", "保证金", "资金", "张三"]
TELLING += ["强平规则", "9988", "4711", "身份证", "追加", "deposit", "k77"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=a",
        "https://updates.push.services.mozilla.com:443/wpush/v2/a",
    ],
)
def test_push_services_of_browsers_are_called(endpoint: str) -> None:
    check_endpoint(endpoint, HOSTS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/a",
        "https://evil.cn/fcm.googleapis.com",
        "https://fcm.googleapis.com.evil.cn/a",
        "https://xfcm.googleapis.com/a",
        "https://fcm.googleapis.com@evil.cn/a",
        "https://user:fcm.googleapis.com@127.0.0.1/a",
        "https://fcm.googleapis.com:22/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://[bad/a",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "a" * 1000,
        "https://fcm.googleapis.com/\n",
        "",
    ],
)
def test_nobody_makes_us_call_other_addresses(endpoint: str) -> None:
    with pytest.raises(InvalidInput):
        check_endpoint(endpoint, HOSTS)
