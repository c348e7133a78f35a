"""Return addresses that only we can have made: `reply+<name>.<signature>@domain`.

The local part has at most 64 octets (RFC 5321 §4.5.3.1.1) and may be lower-cased on its way, so
both parts are base32 in small letters. The signature is HMAC-SHA-256, cut to 128 bits, over the
account, the kind and the name: a reply address is no bounce address, and not another account's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple
from uuid import UUID

Kind = Literal["reply", "bounce", "unsubscribe"]

_SHAPE = re.compile(r"(reply|bounce)\+([a-z2-7]{26})\.([a-z2-7]{26})@(.+)")
_TOKEN = re.compile(r"([a-z2-7]{26})\.([a-z2-7]{26})")


class Returned(NamedTuple):
    """What a return address names: `reply` a conversation, `bounce` one message of the outbox."""

    kind: str
    name: UUID


@dataclass(frozen=True, slots=True)
class ReturnDesk:
    """Makes and reads the return addresses of one account; the first key signs."""

    account: str
    domain: str
    keys: Sequence[str] = field(repr=False)

    def make(self, kind: Kind, name: UUID) -> str:
        """Return the address to which replies (or bounces) of `name` are to be sent."""
        return f"{kind}+{self.make_token(kind, name)}@{self.domain}"

    def make_token(self, kind: Kind, name: UUID) -> str:
        """Return the name with its signature, as it also stands in an unsubscribe link."""
        return f"{_to_text(name.bytes)}.{self._sign(self.keys[0], kind, name)}"

    def find(self, addresses: Iterable[str]) -> Returned | None:
        """Return what the first genuine return address among these names, None without one."""
        for address in addresses:
            shape = _SHAPE.fullmatch(address.strip().lower())
            if shape is None or shape[4] != self.domain.lower():
                continue
            kind: Kind = "reply" if shape[1] == "reply" else "bounce"
            name = self.read_token(kind, f"{shape[2]}.{shape[3]}")
            if name is not None:
                return Returned(kind, name)
        return None

    def read_token(self, kind: Kind, token: str) -> UUID | None:
        """Return the name in a token, None if it is not signed with a key of ours."""
        shape = _TOKEN.fullmatch(token.lower())
        if shape is None:
            return None
        try:
            name = UUID(bytes=base64.b32decode(shape[1].upper() + "======"))
        except (ValueError, binascii.Error):
            return None
        given = shape[2].encode()
        signed = [self._sign(key, kind, name).encode() for key in self.keys if key]
        fits = [hmac.compare_digest(given, one) for one in signed]
        return name if any(fits) and _to_text(name.bytes) == shape[1] else None

    def _sign(self, key: str, kind: Kind, name: UUID) -> str:
        said = f"{self.account}\n{kind}\n{name.hex}".encode()
        return _to_text(hmac.new(key.encode(), said, hashlib.sha256).digest()[:16])


def _to_text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
