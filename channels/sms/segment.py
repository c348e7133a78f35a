"""How many SMS a text becomes, and in which alphabet: what a carrier charges for.

Source: 3GPP TS 23.038 §6.2.1 (the alphabet), TS 23.040 §9.2.3.24 (the header of a part);
twilio.com/docs/glossary/what-sms-character-limit.
"""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each takes two of the seven-bit places."""

_GSM = (160, 153)
_UCS = (70, 67)
"""Places of a message that stands alone, and of each part of a longer one."""


@dataclass(frozen=True, slots=True)
class Size:
    """A text as SMS: `alphabet` is GSM-7 or UCS-2, `units` its places, `count` its parts."""

    alphabet: str
    units: int
    count: int


def measure(text: str) -> Size:
    """Return how many parts a text takes; an empty one takes none."""
    widths = _gsm_widths(text)
    if widths is not None:
        return Size("GSM-7", sum(widths), _count(widths, *_GSM))
    units = [len(letter.encode("utf-16-le", "surrogatepass")) // 2 for letter in text]
    return Size("UCS-2", sum(units), _count(units, *_UCS))


def cut(text: str, count: int) -> str:
    """Shorten a text to at most `count` parts; `…` marks the cut."""
    if measure(text).count <= count:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(_shorten(text, middle)).count <= count:
            low = middle
        else:
            high = middle - 1
    return _shorten(text, low)


def _shorten(text: str, length: int) -> str:
    mark = "..." if _gsm_widths(text[:length]) is not None else "…"
    return text[:length].rstrip("\u200d\ufe0f ") + mark


def _gsm_widths(text: str) -> list[int] | None:
    widths = []
    for letter in text:
        if letter in _BASIC:
            widths.append(1)
        elif letter in _EXTENDED:
            widths.append(2)
        else:
            return None
    return widths


def _count(widths: list[int], alone: int, part: int) -> int:
    """Count parts; what takes two places is not torn apart between two of them."""
    if sum(widths) <= alone:
        return 1 if widths else 0
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count
