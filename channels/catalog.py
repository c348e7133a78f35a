"""Every kind of account that this installation can set up, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from channels.account import QUOTA, RATE, Provider
from channels.email.provider import PROVIDER as EMAIL
from channels.kf.provider import PROVIDER as KF
from channels.push.device import Devices
from channels.push.jpush.provider import make_provider as make_jpush
from channels.push.web.provider import make_provider as make_web_push
from channels.sms.aliyun.provider import PROVIDER as SMS_ALIYUN
from channels.sms.twilio.provider import PROVIDER as SMS_TWILIO
from channels.staff.provider import DINGTALK, WECOM_APP, WECOM_ROBOT
from channels.voice.provider import PROVIDER as VOICE

SITE = "site"
"""The name of the detail that is our own public address, wherever a provider must be told it."""

PROVIDERS: Sequence[Provider] = (
    SMS_TWILIO,
    SMS_ALIYUN,
    EMAIL,
    VOICE,
    KF,
    WECOM_APP,
    WECOM_ROBOT,
    DINGTALK,
)


def list_providers(site: str, devices: Devices | None = None) -> tuple[Provider, ...]:
    """Return every kind of account; where one needs our public address, `site` goes without saying.

    `site` has no slash at its end; `devices` is what the push channels remember; where there is
    nothing that remembers, nothing is pushed.
    """
    pushes = (make_jpush(devices), make_web_push(devices)) if devices else ()
    return tuple(_complete(one, site) for one in (*PROVIDERS, *pushes))


def _complete(provider: Provider, site: str) -> Provider:
    details = tuple(
        replace(one, default=site) if one.name == SITE else one for one in provider.details
    )
    return replace(provider, details=(*details, RATE, QUOTA))
