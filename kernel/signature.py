"""One signature for whoever posts to us with a shared key: HMAC over the moment and the body.

X-Zhida-Timestamp: 1795400000            Unix seconds, within five minutes of now
X-Zhida-Signature: 5f2c…                 hex HMAC-SHA-256 of "<timestamp>." and the body
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

from kernel.clock import Clock
from kernel.errors import BadSignature, Stale

TIMESTAMP: Final = "X-Zhida-Timestamp"
SIGNATURE: Final = "X-Zhida-Signature"
TOLERANCE_SECONDS: Final = 300


def check_signature(
    headers: Mapping[str, str], body: bytes, *, keys: Iterable[str], clock: Clock
) -> None:
    """Make sure that a post comes from a holder of one of these keys, and comes now.

    Raises:
        BadSignature: the signature is missing or not one of these keys'.
        Stale: it was signed more than five minutes ago, or ahead of time.
    """
    stamp, given = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise BadSignature(f"{TIMESTAMP} must be a Unix time.", zh="缺少时间戳或格式不正确。")
    signed = [sign(stamp, body, key) for key in keys if key]
    given_raw = given.strip().lower().encode("utf-8", "replace")
    fits = [hmac.compare_digest(given_raw, one.encode()) for one in signed]
    if not any(fits):
        raise BadSignature
    if abs(clock.now().timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        raise Stale


def sign(stamp: str, body: bytes, key: str) -> str:
    """Return the signature of a body posted at `stamp`."""
    return hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
