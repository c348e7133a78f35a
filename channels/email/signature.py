"""What a mail server (or its small script) posts to us, signed with a key of the account.

    POST /channels/email/{account}
    X-Zhida-Timestamp: 1795400000            Unix seconds, within five minutes of now
    X-Zhida-Signature: 5f2c…                 hex HMAC-SHA-256 of "<timestamp>." and the body
    Content-Type: application/json

    {"from": "a@example.cn",                 the envelope's sender, empty for a bounce
     "to": ["reply+…@mail.example.cn"],      the envelope's recipients
     "dmarc": "pass",                        the server's verdict on the From header
     "raw": "UmV0dXJuLVBhdGg6…"}             the mail as it came, in base64

It is answered 200 once the mail is kept; after anything else the server tries again later.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

import orjson

from kernel.errors import Malformed

ADDRESSES_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail as the server handed it over; `is_proven`: its From is the sender's own domain."""

    sender: str
    recipients: tuple[str, ...]
    is_proven: bool
    raw: bytes = field(repr=False)


def parse_delivered(body: bytes) -> Delivered:
    """Read what was posted.

    Raises:
        Malformed: it is not the JSON that is described above.
    """
    try:
        posted = orjson.loads(body)
        recipients = posted["to"]
        raw = base64.b64decode(posted["raw"], validate=True)
        sender = posted.get("from", "")
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        raise Malformed('A JSON object with "from", "to", "dmarc" and "raw" is wanted.') from error
    if not isinstance(recipients, list) or len(recipients) > ADDRESSES_LIMIT:
        raise Malformed(f'"to" is a list of at most {ADDRESSES_LIMIT} addresses.')
    if not isinstance(sender, str) or not all(isinstance(one, str) for one in recipients):
        raise Malformed("Addresses are texts.")
    return Delivered(sender, tuple(recipients), posted.get("dmarc") == "pass", raw)
