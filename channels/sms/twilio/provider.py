"""What a Twilio account needs to send SMS, and how a channel is made of it."""

from __future__ import annotations

import re

from channels.account import Account, Detail, Provider
from channels.contract import Channel
from channels.sms.channel import NAME, SmsChannel
from channels.sms.twilio.carrier import PATH, Sender, TwilioCarrier
from channels.sms.twilio.client import API_BASE, TwilioClient
from kernel.errors import InvalidInput
from kernel.number import is_short_code, parse_number

TWILIO = "twilio"
NOTICE = "您的咨询已有答复，请在我们的微信公众号或 App 内查看并继续办理：{link}"

_SID = re.compile(r"AC[0-9a-f]{32}", re.ASCII)
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}", re.ASCII)


def build_twilio(account: Account) -> Channel:
    """Make the channel of a Twilio account.

    Raises:
        InvalidInput: the SID or the sender is not what Twilio gives.
    """
    public, secret = account.public, account.secret
    if not _SID.fullmatch(public["account_sid"]):
        raise InvalidInput(
            "account_sid is AC and 32 hexadecimal digits.", zh="Account SID 应为 AC 加 32 位。"
        )
    sender = public["sender"]
    if not (_SERVICE.fullmatch(sender) or parse_number(sender) == sender or is_short_code(sender)):
        raise InvalidInput(
            "sender is a number with + and its country code, or a Messaging Service (MG…).",
            zh="发送方应为带 + 和国家码的号码，或 MG 开头的 Messaging Service。",
        )
    site, link = public["site"].rstrip("/"), public["link"]
    notice = public["mainland_notice"].replace("{link}", link) if link else ""
    client = TwilioClient(public["account_sid"], secret["auth_token"], api_base=public["api_base"])
    return SmsChannel(
        account.name, TwilioCarrier(client, Sender(account.name, sender, site, notice))
    )


PROVIDER = Provider(
    channel=NAME,
    name=TWILIO,
    zh="Twilio 短信（港澳台及海外）",
    en="Twilio SMS (Hong Kong and overseas)",
    details=(
        Detail("account_sid", "Account SID", "the Account SID of the Twilio console"),
        Detail("auth_token", "Auth Token", "it also signs callbacks", is_secret=True),
        Detail("sender", "发送号码或 Messaging Service", "+ number or MG… that sends"),
        Detail("site", "公网地址", "our public address, which Twilio calls", default=""),
        Detail("link", "续聊链接", "where clients continue: WeChat or the app", default=""),
        Detail(
            "mainland_notice",
            "内地号码的报备短信",
            "the registered text for mainland numbers, with {link}",
            default=NOTICE,
        ),
        Detail("api_base", "接口地址", "the API's address", default=API_BASE),
    ),
    build=build_twilio,
    path=PATH,
)
