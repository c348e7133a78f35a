"""Checks ACS3-HMAC-SHA256 as the gateway does: over whatever headers the caller signed.

Source: help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from aiohttp import web

from lab.aliyun.code import Wrong

MOST_AGE = timedelta(minutes=15)
_HEADER = re.compile(
    r"ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([\w;-]+),\s*Signature=([0-9a-f]{64})"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_NEEDED = frozenset({"host", "x-acs-action", "x-acs-version", "x-acs-date"})


def check_signature(
    request: web.Request, body: bytes, keys: Mapping[str, str], now: datetime
) -> str:
    """Return the AccessKey id that signed a request, or raise Wrong as the gateway would."""
    match = _HEADER.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        raise Wrong("SignatureDoesNotMatch")
    key_id, names, given = match.group(1), match.group(2).split(";"), match.group(3)
    secret = keys.get(key_id)
    if secret is None:
        raise Wrong("InvalidAccessKeyId.NotFound")
    headers = {name: request.headers.get(name, "") for name in names}
    payload = hashlib.sha256(body).hexdigest()
    if not headers.keys() >= _NEEDED or request.headers.get("x-acs-content-sha256") != payload:
        raise Wrong("SignatureDoesNotMatch")
    lines = [request.method, "/", request.rel_url.raw_query_string]
    lines += [f"{name}:{headers[name].strip()}" for name in names]
    lines += ["", match.group(2), payload]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = f"ACS3-HMAC-SHA256\n{digest}".encode()
    if not hmac.compare_digest(hmac.new(secret.encode(), text, "sha256").hexdigest(), given):
        raise Wrong("SignatureDoesNotMatch")
    _check_age(headers["x-acs-date"], now)
    return key_id


def _check_age(text: str, now: datetime) -> None:
    if not _MOMENT.fullmatch(text):
        raise Wrong("InvalidTimeStamp.Expired")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong("InvalidTimeStamp.Expired") from None
    if abs(now - at) > MOST_AGE:
        raise Wrong("InvalidTimeStamp.Expired")
