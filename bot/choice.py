"""A number typed under a list of choices is the choice with that number.

WeChat and the chat show choices as links and buttons, SMS as a numbered list; a client who reads
"2. 查出金进度" may type it anywhere. Only a text that is nothing but a number counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST = 20
LONGEST_TEXT = 8
"""conversations/memory.py remembers no answer to so short a text under a list."""
LONGEST = 400
"""A payload is a short word; a longer one is not remembered but keeps its place."""

_DIGITS = {digit: at for at, digit in enumerate("一二三四五六七八九十", 1)}
_NUMBER = re.compile(
    r"[(\[]?(?:选|第|no\.?|#)?\s*(\d{1,2}|[一二三四五六七八九十])\s*[个项条]?[.,、。)\]]?"
)


def find_choice(text: str, shown: Sequence[str]) -> str | None:
    """Finds what the client picked: the payload, or None when the text is no number of the list.

    Args:
        text: what the client wrote: "1", "１", "一", "第一个", "1." and the like.
        shown: the payloads of the last reply in the order shown; an empty one cannot be picked.
    """
    typed = text.strip()
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", typed).lower())
    if found is None or len(typed) > LONGEST_TEXT:
        return None
    digits = found.group(1)
    place = _DIGITS[digits] if digits in _DIGITS else int(digits)
    return shown[place - 1] or None if 1 <= place <= len(shown) else None


def keep_shown(payloads: Sequence[str], *, asks_feedback: bool) -> tuple[str, ...]:
    """Gives what the next turn must know of the choices shown, in their order.

    Where a reply asks whether it helped, every channel shows that question's two answers last.
    """
    asked = ("/helpful", "/not_helpful") if asks_feedback else ()
    kept = (*payloads[: MOST - len(asked)], *asked)
    return tuple(one if len(one) <= LONGEST else "" for one in kept)
