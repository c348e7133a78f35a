"""Links in contents: found in the words, signed for each message, led to where they point.

An address in a content becomes `{site}/t/{token}`; the token names the message and the number of
the address among those of the content, under an HMAC. Nothing in it says where it leads, so there
is nothing to redirect openly: the address is the one that was approved, or the one that a system
of the house ordered for this message (`OWN`), which is kept with the message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple
from uuid import UUID

from channels.letter import Unwritten
from kernel.message import UNSUBSCRIBE, Json
from store.cipher import Cipher
from store.content import Slot, Variant

Purpose = Literal["t", "u"]
TRACK_PATH: Final = "/t/{token}"
LEAVE_PATH: Final = "/u/{token}"
LINK: Final = "link_"
MOST_LINKS: Final = 20
OWN: Final = 255
"""The number of the address that a message brings itself, as the value of `OWN_FIELD`."""
OWN_FIELD: Final = "link"
OWN_LINK: Final = f"{LINK}{OWN}"
"""The field of the counted address that leads there."""
OWN_HINT: Final = "own_link"
"""A hint of a message: where its own link leads."""
_MAC_BYTES = 12
_URL = re.compile(r"https?://[^\s<>\"'{}|\\^`\u3000-\u303f\uff00-\uffef\u4e00-\u9fff]+")
_END = ".,;:!?)]"


class Token(NamedTuple):
    """What a token names: a message, and which of its content's links."""

    outbox_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Makes and reads the tokens of this installation's links."""

    site: str
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, cipher: Cipher, site: str) -> LinkSigner:
        """Return the signer whose key follows from the house's own."""
        return cls(site.rstrip("/"), cipher.blind("link", "key"))

    def make_link(self, outbox_id: UUID, number: int) -> str:
        """Return the counted address for link `number`, from 1, of a message's content."""
        return self.site + TRACK_PATH.format(token=self._make("t", outbox_id, number))

    def make_way_out(self, outbox_id: UUID) -> str:
        """Return the address by which the reader of a message ends those like it."""
        return self.site + LEAVE_PATH.format(token=self._make("u", outbox_id, 0))

    def read(self, purpose: Purpose, token: str) -> Token | None:
        """Return what a token names; None unless we made it, for this purpose."""
        try:
            raw = base64.b64decode(token.encode("ascii") + b"=", altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        if len(raw) != 17 + _MAC_BYTES:
            return None
        found = Token(UUID(bytes=raw[:16]), raw[16])
        made = self._make(purpose, found.outbox_id, found.number)
        return found if hmac.compare_digest(made.encode(), token.encode()) else None

    def _make(self, purpose: Purpose, outbox_id: UUID, number: int) -> str:
        named = outbox_id.bytes + bytes((number,))
        raw = named + self._sign(purpose, named)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    def _sign(self, purpose: Purpose, named: bytes) -> bytes:
        said = purpose.encode() + named
        return hmac.new(self.key, said, hashlib.sha256).digest()[:_MAC_BYTES]


@dataclass(frozen=True, slots=True)
class Filler:
    """Gives a message the values that the house knows: its names, counted links, the way out."""

    signer: LinkSigner
    house: Mapping[str, Json]

    def __call__(self, outbound: Unwritten, names: frozenset[str]) -> Mapping[str, Json]:
        """Return the values of those of the named fields that the house knows."""
        return self.fill(outbound.outbox_id, names)

    def fill(self, outbox_id: UUID, names: frozenset[str]) -> Mapping[str, Json]:
        """Return the same for a message of which no more is known than how it will be called."""
        values: dict[str, Json] = {name: self.house[name] for name in names if name in self.house}
        for name in names:
            if name.startswith(LINK):
                values[name] = self.signer.make_link(outbox_id, int(name[len(LINK) :]))
        if UNSUBSCRIBE in names:
            values[UNSUBSCRIBE] = self.signer.make_way_out(outbox_id)
        return values


def is_address(value: object) -> bool:
    """Tell whether a value is an address on the web, and nothing else."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def list_links(variants: Mapping[Slot, Variant]) -> tuple[str, ...]:
    """Return the addresses in a content's words, each once, always in the same order."""
    return tuple(sorted({url for one in variants.values() for url in _find(one.body)}))


def has_field_in_link(body: str) -> bool:
    """Tell whether a field stands in an address, which then could not be counted."""
    return any(body[match.end() :].startswith("{") for match in _URL.finditer(body))


def number_links(body: str, links: Iterable[str]) -> str:
    """Return the words with `{{ link_1 }}` and so on in place of their addresses."""
    numbers = {url: number for number, url in enumerate(links, 1)}

    def replace(match: re.Match[str]) -> str:
        url = match[0].rstrip(_END)
        return f"{{{{ {LINK}{numbers[url]} }}}}{match[0][len(url) :]}"

    return _URL.sub(replace, body)


def _find(body: str) -> list[str]:
    return [match.rstrip(_END) for match in _URL.findall(body)]
