"""What a kf account needs to be set up."""

from __future__ import annotations

import base64
import binascii

from channels.account import Account, Detail, Provider
from channels.kf.channel import KfChannel
from channels.kf.client import KfClient
from channels.wecom.client import API_BASE, WecomClient
from kernel.errors import InvalidInput


def check_aes_key(aes_key: str) -> None:
    """Refuse an EncodingAESKey that is not the 43 characters of 32 bytes.

    Raises:
        InvalidInput: says what would be right.
    """
    try:
        key = base64.b64decode(aes_key + "=", validate=True)
    except binascii.Error:
        key = b""
    if len(key) != 32 or len(aes_key) != 43:
        raise InvalidInput(
            "aes_key must be the 43 characters that WeCom shows as EncodingAESKey.",
            zh="EncodingAESKey 必须是企业微信后台显示的 43 个字符。",
        )


def _build(account: Account) -> KfChannel:
    check_aes_key(account.secret["aes_key"])
    wecom = WecomClient(
        account.public["corp_id"], account.secret["secret"], api_base=account.public["api_base"]
    )
    return KfChannel(account.name, KfClient(wecom, account.public["open_kfid"]))


PROVIDER = Provider(
    channel="kf",
    name="wecom",
    zh="微信客服",
    en="WeChat customer service (微信客服)",
    details=(
        Detail("corp_id", "企业 ID", "the CorpId, on “My company” of the WeCom console"),
        Detail("open_kfid", "客服账号 ID", "the kf account's OpenKfId (wk…)"),
        Detail("secret", "应用 Secret", "the secret of the application that manages it", True),
        Detail("token", "回调 Token", "the Token of the callback settings", True),
        Detail("aes_key", "EncodingAESKey", "the EncodingAESKey of the callback settings", True),
        Detail("api_base", "接口地址", "the API's address", default=API_BASE),
    ),
    build=_build,
    path="/channels/kf/{account}",
)
