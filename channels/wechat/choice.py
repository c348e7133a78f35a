"""Buttons in WeChat: a short id that goes out, and what it meant when it comes back.

`msgmenu` entries carry an id that returns as `bizmsgmenuid`. Ours names the message's seq and
the button's place, so that no payload travels through the client's phone.
"""

from __future__ import annotations

from typing import NamedTuple

from kernel.message import Choice, Content

MOST = 10
"""Buttons under one message; more would not fit a phone."""

_FACTOR = 100
_HELPFUL = (
    (("有帮助", "/helpful"), ("没有帮助", "/not_helpful")),
    (("Helpful", "/helpful"), ("Not helpful", "/not_helpful")),
)


class Picked(NamedTuple):
    """A button: the seq of the message that showed it, and its place from 0."""

    seq: int
    place: int


def list_choices(content: Content) -> tuple[Choice, ...]:
    """Return every button that a message shows, the question for feedback at the end."""
    asked: list[Choice] = []
    if content.feedback:
        pairs = _HELPFUL[0 if has_chinese(content.text) else 1]
        asked = [Choice(title=title, payload=payload) for title, payload in pairs]
    return (*content.choices[: MOST - len(asked)], *asked)


def name_choice(seq: int | None, place: int, choice: Choice) -> str:
    """Return the id of a button; without a seq the payload itself must travel."""
    return choice["payload"] if seq is None else str(seq * _FACTOR + place)


def parse_choice_id(text: str) -> Picked | None:
    """Read an id that `name_choice` made; None if it is none of ours."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    seq, place = divmod(int(text), _FACTOR)
    return Picked(seq, place) if seq > 0 and place < MOST else None


def has_chinese(text: str) -> bool:
    """Tell whether a text holds a Chinese character; an empty one counts as Chinese."""
    return not text or any("\u4e00" <= one <= "\u9fff" for one in text)
