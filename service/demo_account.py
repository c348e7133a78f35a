"""The accounts of the demo: every channel works at once, against the lab.

Their secrets are derived from one key of this installation, so that the product and the lab
agree on them without telling each other.
"""

from __future__ import annotations

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


_MAKERS: Sequence[Callable[[Settings], Account]] = (
    _sms_twilio,
    _sms_aliyun,
)


def list_demo_accounts(settings: Settings) -> tuple[Account, ...]:
    """Return the demo's accounts; none where the demo is off."""
    return tuple(make(settings) for make in _MAKERS) if settings.demo else ()
