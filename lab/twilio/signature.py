"""Signs callbacks as Twilio does, independently of how the product checks them.

Source: twilio.com/docs/usage/webhooks/webhooks-security.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hmac import digest


def sign(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return X-Twilio-Signature for a form posted to an address."""
    text = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    return b64encode(digest(token.encode(), text.encode(), "sha1")).decode()
