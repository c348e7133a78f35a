"""The accounts of the demo: every channel works at once, against the lab.

Their secrets are derived from one key of this installation, so that the product and the lab
agree on them without telling each other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

from channels.account import Account
from service.settings import Settings


def make_secret(settings: Settings, name: str, length: int = 32) -> str:
    """Return hexadecimal digits, at most 64, that belong to this installation and this name."""
    digest = hmac.new(settings.demo_key.encode(), name.encode(), hashlib.sha256)
    return digest.hexdigest()[:length]


def _sms_twilio(settings: Settings) -> Account:
    return Account(
        channel="sms",
        provider="twilio",
        name="twilio",
        public={
            "account_sid": "AC" + make_secret(settings, "sms/twilio/account_sid"),
            "sender": "+15005550006",
            "site": settings.site_url,
            "link": f"{settings.site_url}/chat/demo",
            "api_base": f"{settings.lab_url}/twilio-api",
        },
        secret={"auth_token": make_secret(settings, "sms/twilio/auth_token")},
    )


def _sms_aliyun(settings: Settings) -> Account:
    return Account(
        channel="sms",
        provider="aliyun",
        name="aliyun",
        public={
            "access_key_id": "LTAI" + make_secret(settings, "sms/aliyun/access_key_id", 20),
            "sign_name": settings.brand,
            "continue_template": "SMS_100000001",
            "continue_variable": "path",
            "continue_value": "chat/demo",
            "dest_code": "10690001",
            "api_base": f"{settings.lab_url}/aliyun-api",
        },
        secret={
            "access_key_secret": make_secret(settings, "sms/aliyun/access_key_secret", 30),
            "push_token": make_secret(settings, "sms/aliyun/push_token"),
        },
    )


def _email(settings: Settings) -> Account:
    return Account(
        channel="email",
        provider="smtp",
        name="demo",
        public={
            "host": "127.0.0.1",
            "port": str(settings.lab_smtp_port),
            "security": "none",
            "sender": "service@mail.zhida.invalid",
            "sender_name": settings.brand,
            "site": settings.site_url,
        },
        secret={
            "reply_key": make_secret(settings, "email/reply_key"),
            "webhook_key": make_secret(settings, "email/webhook_key"),
        },
    )


def _voice(settings: Settings) -> Account:
    return Account(
        channel="voice",
        provider="twilio",
        name="demo",
        public={
            "account_sid": "AC" + make_secret(settings, "voice/account_sid"),
            "number": "+15005550009",
            "site": settings.site_url,
            "api_base": f"{settings.lab_url}/twilio-api",
        },
        secret={"auth_token": make_secret(settings, "voice/auth_token")},
    )


def _kf(settings: Settings) -> Account:
    key = bytes.fromhex(make_secret(settings, "kf/aes_key", 64))
    return Account(
        channel="kf",
        provider="wecom",
        name="demo",
        public={
            "corp_id": _corp_id(settings),
            "open_kfid": "wk" + make_secret(settings, "kf/open_kfid"),
            "api_base": f"{settings.lab_url}/wecom-api",
        },
        secret={
            "secret": make_secret(settings, "kf/secret", 43),
            "token": make_secret(settings, "kf/token"),
            "aes_key": base64.b64encode(key).decode().rstrip("="),
        },
    )


def _staff_app(settings: Settings) -> Account:
    return Account(
        channel="staff",
        provider="wecom_app",
        name="app",
        public={
            "corp_id": _corp_id(settings),
            "agent_id": "1000002",
            "topics": "breach,provider",
            "api_base": f"{settings.lab_url}/wecom-api",
        },
        secret={"secret": make_secret(settings, "staff/app/secret", 43)},
    )


def _staff_robot(settings: Settings) -> Account:
    return Account(
        channel="staff",
        provider="wecom_robot",
        name="group",
        public={"api_base": f"{settings.lab_url}/wecom-api"},
        secret={"key": make_secret(settings, "staff/group/key")},
    )


def _staff_dingtalk(settings: Settings) -> Account:
    return Account(
        channel="staff",
        provider="dingtalk",
        name="dingtalk",
        public={"api_base": f"{settings.lab_url}/dingtalk-api"},
        secret={
            "access_token": make_secret(settings, "staff/dingtalk/access_token", 64),
            "secret": "SEC" + make_secret(settings, "staff/dingtalk/secret", 64),
        },
    )


def _corp_id(settings: Settings) -> str:
    return "ww" + make_secret(settings, "wecom/corp_id", 16)


def _push_jpush(settings: Settings) -> Account:
    return Account(
        channel="push",
        provider="jpush",
        name="jpush",
        public={
            "app_key": make_secret(settings, "push/jpush/app_key", 24),
            "title": settings.brand,
            "api_base": f"{settings.lab_url}/jpush-api",
        },
        secret={"master_secret": make_secret(settings, "push/jpush/master_secret", 24)},
    )


def _push_web(settings: Settings) -> Account:
    """The browsers' own push services are called, unless a test names one of its own."""
    number = int(make_secret(settings, "push/web/private_key", 64), 16) % (_P256_ORDER - 1) + 1
    key = base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")
    return Account(
        channel="push",
        provider="web",
        name="web",
        public={"title": settings.brand, "subject": "mailto:service@mail.zhida.invalid"},
        secret={"private_key": key},
    )


_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The number of points of the curve (SEC 2, secp256r1); a private key is below it."""

_MAKERS: Sequence[Callable[[Settings], Account]] = (
    _sms_twilio,
    _sms_aliyun,
    _email,
    _voice,
    _push_jpush,
    _push_web,
    _kf,
    _staff_app,
    _staff_robot,
    _staff_dingtalk,
)


def list_demo_accounts(settings: Settings) -> tuple[Account, ...]:
    """Return the demo's accounts; none where the demo is off."""
    return tuple(make(settings) for make in _MAKERS) if settings.demo else ()
