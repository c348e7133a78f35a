"""What a Twilio account needs to call people, and how a channel is made of it."""

from __future__ import annotations

import re

from channels.account import Account, Detail, Provider
from channels.contract import Channel
from channels.sms.twilio.client import API_BASE, TwilioClient
from channels.voice.channel import NAME, Caller, VoiceChannel
from kernel.errors import InvalidInput
from kernel.number import parse_number

TWILIO = "twilio"
_SID = re.compile(r"AC[0-9a-f]{32}", re.ASCII)


def build_voice(account: Account) -> Channel:
    """Make the channel of a number at Twilio.

    Raises:
        InvalidInput: the SID or the number is not what Twilio gives, or our address is missing.
    """
    public, secret = account.public, account.secret
    if not _SID.fullmatch(public["account_sid"]):
        raise InvalidInput(
            "account_sid is AC and 32 hexadecimal digits.", zh="Account SID 应为 AC 加 32 位。"
        )
    number, site = public["number"], public["site"].rstrip("/")
    if parse_number(number) != number:
        raise InvalidInput(
            "number is a telephone number with + and its country code.",
            zh="主叫号码应带 + 和国家码。",
        )
    if not site.startswith(("https://", "http://")):
        raise InvalidInput(
            "site is our public address, which Twilio calls back.", zh="请填写可被回调的公网地址。"
        )
    client = TwilioClient(public["account_sid"], secret["auth_token"], api_base=public["api_base"])
    return VoiceChannel(Caller(account.name, number, site), client)


PROVIDER = Provider(
    channel=NAME,
    name=TWILIO,
    zh="Twilio 语音电话",
    en="Twilio voice calls",
    details=(
        Detail("account_sid", "Account SID", "the Account SID of the Twilio console"),
        Detail("auth_token", "Auth Token", "the auth token; it also signs callbacks", True),
        Detail("number", "主叫号码", "the number that calls, with + and its country code"),
        Detail("site", "公网地址", "our public address, which Twilio calls back"),
        Detail("api_base", "接口地址", "the API's address", default=API_BASE),
    ),
    build=build_voice,
    path="",
)
