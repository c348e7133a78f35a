"""What an Aliyun account needs to send SMS, and how a channel is made of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from channels.account import Account, Detail, Provider
from channels.contract import Channel
from channels.sms.aliyun.carrier import AliyunCarrier, Approved
from channels.sms.aliyun.client import API_BASE, AliyunClient
from channels.sms.aliyun.signature import AccessKey
from channels.sms.channel import NAME, SmsChannel
from kernel.errors import InvalidInput

ALIYUN = "aliyun"
TOKEN_LENGTH = 24
"""Characters that the secret part of the pushes' address has at least."""


def build_aliyun(account: Account) -> Channel:
    """Make the channel of an Aliyun account.

    Raises:
        InvalidInput: the token is guessable, or the address of the API cannot be used.
    """
    public, secret = account.public, account.secret
    token = secret["push_token"]
    if len(token) < TOKEN_LENGTH or not token.replace("-", "").replace("_", "").isalnum():
        raise InvalidInput(
            f"push_token has at least {TOKEN_LENGTH} letters and digits, made by chance.",
            zh=f"推送令牌至少 {TOKEN_LENGTH} 位随机字母数字。",
        )
    if urlsplit(public["api_base"]).scheme not in {"https", "http"}:
        raise InvalidInput("api_base is an address https://….", zh="接口地址应为 https://…。")
    key = AccessKey(public["access_key_id"], secret["access_key_secret"])
    approved = Approved(
        signature=public["sign_name"],
        template=public["continue_template"],
        variable=public["continue_variable"],
        value=public["continue_value"],
    )
    client = AliyunClient(key, api_base=public["api_base"])
    return SmsChannel(account.name, AliyunCarrier(client, approved))


PROVIDER = Provider(
    channel=NAME,
    name=ALIYUN,
    zh="阿里云短信（内地）",
    en="Aliyun SMS (mainland China)",
    details=(
        Detail("access_key_id", "AccessKey ID", "the AccessKey's id"),
        Detail("access_key_secret", "AccessKey Secret", "the AccessKey's secret", is_secret=True),
        Detail("sign_name", "短信签名", "the approved signature, without 【】"),
        Detail(
            "continue_template",
            "“请到微信或 App 继续”模板",
            "the approved template “please continue in WeChat or the app” (SMS_…)",
        ),
        Detail(
            "continue_variable",
            "模板中的链接变量",
            "the template's variable that ends the link; empty: the template has none",
            default="",
        ),
        Detail(
            "continue_value",
            "链接变量的值",
            "what the variable gets: the link after the approved domain",
            default="",
        ),
        Detail("dest_code", "上行号码", "how our uplink numbers begin; empty: any", default=""),
        Detail(
            "push_token",
            "推送令牌",
            "the secret part of the address that Aliyun pushes to: at least 24 letters and digits",
            is_secret=True,
        ),
        Detail("api_base", "接口地址", "the API's address", default=API_BASE),
    ),
    build=build_aliyun,
    path=f"/channels/sms/{ALIYUN}/{{account}}/<push_token>",
)
