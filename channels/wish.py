"""Words by which a client stops or restarts marketing, read the same way on every channel."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kernel.message import Inbound, InboundKind


class Wish(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


TALKS: Final = frozenset({"chat", "kf", "wechat"})
"""Channels on which a word alone is a wish; SMS and mail have the rules of their carriers."""
WORDS: Final[Mapping[str, Wish]] = {
    **dict.fromkeys(("退订", "取消订阅", "拒收", "TD", "STOP", "UNSUBSCRIBE"), Wish.STOP),
    **dict.fromkeys(("订阅", "恢复订阅", "SUBSCRIBE"), Wish.START),
}


def find_wish(inbound: Inbound) -> Wish | None:
    """Return what a typed message of a talk asks for, if it is nothing but such a word."""
    if inbound.kind is not InboundKind.MESSAGE or inbound.menu_payload is not None:
        return None
    return find_typed_wish(inbound.address.channel, inbound.content.text)


def find_typed_wish(channel: str, text: str) -> Wish | None:
    """Return what a text asks for on a channel, if it is nothing but such a word."""
    return parse_wish(text, WORDS) if channel in TALKS else None


def parse_wish(text: str, words: Mapping[str, Wish]) -> Wish | None:
    """Return what a message asks for if it is nothing but one of `words`, else None.

    Case, surrounding blanks, a full stop at the end and full-width letters do not matter.
    """
    bare = text.strip().rstrip(".。!！").strip()
    narrow = "".join(_narrow(letter) for letter in bare)
    return words.get(narrow.upper())


def _narrow(letter: str) -> str:
    """Return the plain form of a full-width letter (U+FF01 to U+FF5E)."""
    code = ord(letter)
    return chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else letter
