"""Signs calls to Aliyun's OpenAPI: ACS3-HMAC-SHA256 over method, query, headers and body.

Source: help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

ALGORITHM = "ACS3-HMAC-SHA256"
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the RPC style: everything is in the query, the body is empty."""

    host: str
    action: str
    version: str
    query: str
    at: datetime
    nonce: str


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An AccessKey pair."""

    id: str
    secret: str = field(repr=False)


def sign(key: AccessKey, call: Call) -> dict[str, str]:
    """Return the headers with which a POST to `/` is sent, the signature among them."""
    headers = {
        "host": call.host,
        "x-acs-action": call.action,
        "x-acs-content-sha256": _EMPTY,
        "x-acs-date": call.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": call.nonce,
        "x-acs-version": call.version,
    }
    signature = compute_signature(key.secret, call.query, headers)
    signed = ";".join(sorted(headers))
    credential = f"Credential={key.id},SignedHeaders={signed},Signature={signature}"
    return headers | {"Authorization": f"{ALGORITHM} {credential}"}


def compute_signature(secret: str, query: str, headers: Mapping[str, str]) -> str:
    """Return the signature over an empty body; `headers` are the signed ones, in small letters."""
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    payload = headers["x-acs-content-sha256"]
    request = f"POST\n/\n{query}\n{lines}\n{';'.join(names)}\n{payload}"
    text = f"{ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def write_query(params: Mapping[str, str]) -> str:
    """Return a query as it is signed: sorted by name, encoded after RFC 3986."""
    pairs = sorted(params.items())
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)


@lru_cache(maxsize=4096)
def _encode(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="~")
