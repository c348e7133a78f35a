"""Checks X-Twilio-Signature: HMAC-SHA1 over our address and every field, in constant time.

Source: twilio.com/docs/usage/webhooks/webhooks-security: the full URL with its query, then each
field's name and value, sorted by name; a name that comes twice adds its values sorted, once each.
The address is ours as it is configured: behind a proxy the request does not know it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kernel.errors import BadSignature

Fields = Mapping[str, Sequence[str]]
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class TwilioSignature:
    """One account's auth token, the one before it, and the address that Twilio was given."""

    token: str = field(repr=False)
    previous: str = field(default="", repr=False)
    site: str = ""

    def check(self, path: str, fields: Fields, given: str | None) -> str:
        """Return which token signed: `token` or `previous`.

        `path` is the raw path with its query, as it came.

        Raises:
            BadSignature: neither did.
        """
        known = (("token", self.token), ("previous", self.previous))
        for name, token in known:
            for url in _spell(self.site + path) if token else ():
                if hmac.compare_digest(sign(token, url, fields).encode(), _bytes(given)):
                    return name
        raise BadSignature


def sign(token: str, url: str, fields: Fields) -> str:
    """Return the signature that Twilio would send with a form."""
    parts = [url]
    for name in sorted(fields):
        parts += [name + value for value in sorted(set(fields[name]))]
    text = "".join(parts).encode("utf-8", "surrogateescape")
    digest = hmac.new(token.encode(), text, hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _spell(url: str) -> tuple[str, str]:
    """Return an address with and without the port that goes without saying; Twilio does either."""
    parts = urlsplit(url)
    default = _PORTS.get(parts.scheme, 0)
    host = parts.netloc.removesuffix(f":{default}")
    if ":" in host.rpartition("]")[2]:
        return url, url
    bare = parts._replace(netloc=host).geturl()
    return bare, parts._replace(netloc=f"{host}:{default}").geturl()


def _bytes(given: str | None) -> bytes:
    return (given or "").encode("utf-8", "replace")
