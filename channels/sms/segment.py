"""How many SMS a text becomes, and in which alphabet: what a carrier charges for.

Source: 3GPP TS 23.038 §6.2.1 (the alphabet), TS 23.040 §9.2.3.24 (the header of a part);
twilio.com/docs/glossary/what-sms-character-limit.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Each takes two of the seven-bit places."""

_JOINER = "\u200d"

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
    units = [_count_units(cluster) for cluster in _split(text)]
    return Size("UCS-2", sum(units), _count(units, *_UCS))


def count_parts(text: str) -> int:
    """Return the same number alone, at once where it is plain."""
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= _UCS[0]:
        return 1 if text else 0
    return measure(text).count


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


def _count_units(cluster: str) -> int:
    return len(cluster.encode("utf-16-le", "surrogatepass")) // 2


def _split(text: str) -> list[str]:
    """Split a text into what a reader sees as one letter; Twilio never tears one apart.

    Source: Unicode UAX #29 §3.1.1, as far as chat text needs it: marks, joined and coloured
    emoji, flags.
    """
    clusters: list[str] = []
    for letter in text:
        if clusters and _belongs(clusters[-1], letter):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def _belongs(cluster: str, letter: str) -> bool:
    """Tell whether a letter continues a cluster (GB4 to GB13)."""
    last = cluster[-1]
    if cluster == "\r":
        return letter == "\n"
    if unicodedata.category(last) == "Cc":
        return False
    if letter == _JOINER or _is_colour(letter) or unicodedata.category(letter)[0] == "M":
        return True
    if last == _JOINER:
        return _is_picture(cluster[0]) and _is_picture(letter)
    return _is_flag_half(letter) and len(cluster) == 1 and _is_flag_half(last)


def _is_colour(letter: str) -> bool:
    return "\U0001f3fb" <= letter <= "\U0001f3ff"


def _is_flag_half(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _is_picture(letter: str) -> bool:
    return unicodedata.category(letter) == "So" and not _is_flag_half(letter)


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
