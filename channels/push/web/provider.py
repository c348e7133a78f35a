"""What web push needs, and how a channel is made of it."""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from channels.account import Account, Detail, Provider
from channels.contract import Channel
from channels.push.device import Devices
from channels.push.sentence import NAME
from channels.push.web.channel import Sender, WebPushChannel
from channels.push.web.subscription import HOSTS
from kernel.errors import InvalidInput

WEB = "web"


def make_provider(devices: Devices) -> Provider:
    """Return the kind of account, with the memory that its channels share."""

    def build(account: Account) -> Channel:
        public = account.public
        find_public_key(account)
        if not public["subject"].startswith(("mailto:", "https:")):
            raise InvalidInput(
                "subject is mailto:… or https:…, whom a push service may ask.",
                zh="联系人应以 mailto: 或 https: 开头。",
            )
        sender = Sender(
            account.name,
            account.secret["private_key"],
            public["subject"],
            public["title"],
            list_hosts(account),
        )
        return WebPushChannel(sender, devices)

    return Provider(
        channel=NAME,
        name=WEB,
        zh="浏览器推送（Web Push）",
        en="Web push (browsers)",
        details=(
            Detail("title", "通知标题", "what pushes are headed with: the house's name"),
            Detail("subject", "联系人", "mailto:… or https:…, whom a push service may ask"),
            Detail("hosts", "推送服务域名", "push services, by commas", default=",".join(HOSTS)),
            Detail(
                "private_key", "VAPID 私钥", "the VAPID key: 32 bytes in base64url", is_secret=True
            ),
        ),
        build=build,
        path="",
    )


def list_hosts(account: Account) -> list[str]:
    """Return the push services that this account calls."""
    return [one.strip() for one in account.public["hosts"].split(",") if one.strip()]


def find_public_key(account: Account) -> str:
    """Return the key that a browser subscribes with, base64url of the uncompressed point.

    Raises:
        InvalidInput: the private key is not 32 bytes of P-256 in base64url.
    """
    text = account.secret["private_key"]
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(raw) != 32:
            raise ValueError("The length is wrong.")
        key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    except (ValueError, binascii.Error) as error:
        raise InvalidInput(
            "private_key is 32 bytes in base64url.", zh="VAPID 私钥应为 32 字节的 base64url。"
        ) from error
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")
