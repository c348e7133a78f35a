"""Browsers as the house sees every channel: one VAPID key, a subscription for each browser.

Sources: RFC 8030 (TTL, Urgency, Topic, status codes), RFC 8291 (encryption), RFC 8292 (VAPID).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from py_vapid import Vapid02
from pywebpush import WebPusher

from channels.contract import Alike, Capabilities
from channels.push.device import Devices
from channels.push.sentence import NAME, NOTICE, Push, make_push
from channels.push.web.subscription import Subscription, parse_subscription
from channels.wire import Heard, Wire
from kernel.errors import InvalidInput, ServiceError
from kernel.message import (
    Accepted,
    Address,
    Outbound,
    Refusal,
    Rejected,
    Retryable,
    SendResult,
    Unknown,
)

TOKEN_SECONDS = 12 * 3600
"""RFC 8292 §2: not more than 24 hours."""
_URGENCIES: Mapping[str, str] = {
    "critical": "high",
    "high": "high",
    "normal": "normal",
    "low": "low",
}
_GONE = frozenset({404, 410})

CAPABILITIES = Capabilities(
    takes_free_text=False,
    takes_choices=False,
    takes_replies=False,
    receipts=frozenset({"read"}),
    notice=NOTICE,
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who pushes: our name of the account, its VAPID key, whom a push service may ask."""

    account: str
    private_key: str = field(repr=False)
    subject: str
    title: str
    hosts: Sequence[str]

    def sign(self, origin: str) -> str:
        """Return the Authorization header for a push service."""
        claims = {"sub": self.subject, "aud": origin, "exp": int(time.time()) + TOKEN_SECONDS}
        signed: Mapping[str, str] = Vapid02.from_string(self.private_key).sign(claims)
        return signed["Authorization"]


@dataclass(slots=True)
class WebPushChannel(Alike):
    """Pushes to the browsers that have subscribed."""

    sender: Sender
    devices: Devices
    wire: Wire = field(default_factory=Wire)

    @property
    def name(self) -> str:
        """Return `push`."""
        return NAME

    @property
    def account(self) -> str:
        """Return the account's name."""
        return self.sender.account

    @property
    def capabilities(self) -> Capabilities:
        """A fixed sentence; opened as the receipt."""
        return CAPABILITIES

    async def send(self, outbound: Outbound) -> SendResult:
        """Encrypt for the browser and hand over to its push service, once."""
        try:
            detail = await self.devices.find(outbound.address)
            if detail is None:
                return Rejected(Refusal.RECIPIENT, "gone", "This browser is not subscribed.")
            subscription = parse_subscription(detail, self.sender.hosts)
            push = make_push(outbound.content, outbound.outbox_id, title=self.sender.title)
            return await self._post(subscription, push, outbound.address)
        except InvalidInput as error:
            return Rejected(Refusal.RECIPIENT, "subscription", error.message)
        except ServiceError:
            return Retryable("store_down", 5.0)

    async def close(self) -> None:
        """Close connections."""
        await self.wire.close()

    async def _post(self, to: Subscription, push: Push, address: Address) -> SendResult:
        body, headers = _encrypt(to, push), self._headers(to, push)
        heard = await self.wire.exchange("post", to.endpoint, data=body, headers=headers)
        if not isinstance(heard, Heard):
            return heard
        if heard.status in _GONE:
            await self.devices.end(address)
        return judge_heard(heard)

    def _headers(self, to: Subscription, push: Push) -> dict[str, str]:
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(push.seconds),
            "Urgency": _URGENCIES[push.urgency],
            "Authorization": self.sender.sign(to.origin),
        }
        # A newer sentence of the same kind replaces one that still waits; an urgent one does not.
        return headers if push.urgency == "critical" else headers | {"Topic": push.category}


def judge_heard(heard: Heard) -> SendResult:
    """Tell what a push service's answer means (RFC 8030 §5, §7.3; RFC 8292 §4.2)."""
    status = heard.status
    if 200 <= status < 300:
        return Accepted(heard.headers.get("Location", "")[:500] or None)
    if status in _GONE:
        return Rejected(Refusal.RECIPIENT, "gone", f"HTTP {status}: no subscription any more.")
    if status == 429:
        return Retryable("http_429", heard.wait or 30.0)
    if status == 413:
        return Rejected(Refusal.CONTENT, "http_413")
    if status >= 500:
        return Unknown(f"http_{status}")
    return Rejected(Refusal.CONFIG, f"http_{status}")


def _encrypt(to: Subscription, push: Push) -> bytes:
    """Return what only this browser can read."""
    shown = {"title": push.title, "body": push.body, "id": push.name, "link": push.link}
    info = {"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}}
    encoded: Mapping[str, bytes] = WebPusher(info).encode(
        orjson.dumps(shown), content_encoding="aes128gcm"
    )
    return encoded["body"]
