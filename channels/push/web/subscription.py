"""A browser's subscription: where its push service is, and the keys to encrypt for it.

The address in it is chosen by whoever registers, and we call it: only push services that the
account names are called, so that nobody makes us knock at doors inside the house.
Source: W3C Push API §8 (PushSubscription), RFC 8291.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from kernel.errors import InvalidInput

HOSTS: Final = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "push.apple.com",
    "notify.windows.com",
)
"""The push services of Chrome, Firefox, Safari and Edge."""
ENDPOINT_LIMIT: Final = 1000


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to push, and for whom to encrypt; keys are base64url as the browser gives them."""

    endpoint: str
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)

    @property
    def address(self) -> str:
        """The identity's address: the endpoint itself would be a secret in clear."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()

    @property
    def origin(self) -> str:
        """The push service, for which a VAPID token is made (RFC 8292 §2)."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    def to_detail(self) -> dict[str, str]:
        """Return what is sealed and kept."""
        return {"endpoint": self.endpoint, "p256dh": self.p256dh, "auth": self.auth}


def parse_subscription(body: object, hosts: Sequence[str]) -> Subscription:
    """Read what `PushSubscription.toJSON()` gives, or what `to_detail` gave.

    Raises:
        InvalidInput: a part is missing or wrong, or the endpoint is none of these services'.
    """
    if not isinstance(body, Mapping):
        raise InvalidInput("A subscription is a JSON object.", zh="订阅应为 JSON 对象。")
    keys = body.get("keys", body)
    endpoint = body.get("endpoint")
    if not isinstance(keys, Mapping) or not isinstance(endpoint, str):
        raise InvalidInput(
            "A subscription has endpoint and keys.", zh="订阅缺少 endpoint 或 keys。"
        )
    check_endpoint(endpoint, hosts)
    p256dh, auth = _read_key(keys, "p256dh", 65), _read_key(keys, "auth", 16)
    return Subscription(endpoint, p256dh, auth)


def check_endpoint(endpoint: str, hosts: Sequence[str]) -> None:
    """Refuse an endpoint that is not of a push service we know.

    A host of the list that begins with `http://` is a test's own and is compared whole.
    """
    wrong = InvalidInput("The endpoint is of no push service that is allowed here.")
    if len(endpoint) > ENDPOINT_LIMIT or not endpoint.isascii() or not endpoint.isprintable():
        raise wrong
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise wrong from error
    if f"{parts.scheme}://{parts.netloc}" in hosts and parts.scheme == "http":
        return
    is_known = any(host == one or host.endswith(f".{one}") for one in hosts)
    if parts.scheme != "https" or port not in {None, 443} or "@" in parts.netloc or not is_known:
        raise wrong


def _read_key(keys: Mapping[str, object], name: str, length: int) -> str:
    text = keys.get(name)
    wrong = InvalidInput(f"{name} is {length} bytes in base64url.", zh=f"订阅的 {name} 不正确。")
    if not isinstance(text, str) or len(text) > 200:
        raise wrong
    try:
        raw = base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (binascii.Error, ValueError) as error:
        raise wrong from error
    if len(raw) != length:
        raise wrong
    return text.rstrip("=")
