"""One signature in both directions: HMAC over the moment and the body, with a shared secret.

X-Zhida-Timestamp: 1795400000            Unix seconds, within five minutes of now
X-Zhida-Signature: 5f2c…                 hex HMAC-SHA-256 of "<timestamp>." and the body; of a
                                         webhook perhaps two with a comma, after a rotation
X-Zhida-Delivery: 0197…                  of a webhook: the same for each try of one delivery
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Final

from zhida_client.errors import Untrusted

TIMESTAMP: Final = "X-Zhida-Timestamp"
SIGNATURE: Final = "X-Zhida-Signature"
DELIVERY: Final = "X-Zhida-Delivery"
TOLERANCE_SECONDS: Final = 300


def sign(stamp: str, body: bytes, secret: str) -> str:
    """Return the signature of a body sent at `stamp`."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def verify_webhook(
    headers: Mapping[str, str], body: bytes, secret: str, now: float | None = None
) -> str:
    """Make sure that Zhida sent this body, and sent it now; return the delivery's id.

    Hand in the body as it came, before anything parses it. One delivery may come more than once,
    each time with the same id: keep the ids that were handled. `now` is Unix seconds.

    Raises:
        Untrusted: answer 403 and keep nothing of it.
    """
    given = {name.lower(): value for name, value in headers.items()}
    stamp, signature = given.get(TIMESTAMP.lower(), ""), given.get(SIGNATURE.lower(), "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise Untrusted(f"{TIMESTAMP} 缺失或不是 Unix 时间 · is missing or no Unix time")
    right = sign(stamp, body, secret).encode()
    told = [one.strip().lower().encode("utf-8", "replace") for one in signature.split(",")]
    if not secret or not any(hmac.compare_digest(one, right) for one in told):
        raise Untrusted("签名不匹配 · the signature does not match")
    if abs((time.time() if now is None else now) - int(stamp)) > TOLERANCE_SECONDS:
        raise Untrusted("时间超出允许范围 · signed more than five minutes from now")
    return given.get(DELIVERY.lower(), "")
