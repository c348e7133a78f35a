"""Words by which a client stops or restarts SMS: a carrier's table, read the same way for all."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Wish(StrEnum):
    """What a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


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
