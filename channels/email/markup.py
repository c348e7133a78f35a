"""Reads an HTML mail as plain text; what is hidden, styled or quoted in it is left out.

A scanner of its own, in one pass: the standard library's parser takes minutes for some hundred
kilobytes of unfinished comments, which anybody can send.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

_SILENT = frozenset({"script", "style", "head", "title", "noscript", "template", "object"})
_BLOCKS = frozenset(
    "p div br tr table ul ol li h1 h2 h3 h4 h5 h6 hr section article header footer pre "
    "blockquote dl dt dd address center form".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_QUOTES = re.compile(
    r"gmail_quote|gmail_extra|moz-cite-prefix|divrplyfwdmsg|yahoo_quoted|includetail|"
    r"mail_quote|ntes-mailmaster-quote|foxmail_quote|isforward|replyseparator",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"display\s?:\s?none|visibility\s?:\s?hidden|font-size\s?:\s?0(?![.\d])", re.IGNORECASE
)
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_INSIDE = 1000
"""Characters of a tag in which its marks are looked for."""


class _Tag(NamedTuple):
    """One tag: `inside` is all between the angle brackets, as far as it is looked at."""

    name: str
    is_end: bool
    inside: str


class _Reader:
    """Collects the text; while an element is left out, only its own tags are counted."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._has_spoken = False
        self._left_out = ""
        self._depth = 0

    def take_text(self, text: str) -> None:
        if self._left_out or not text:
            return
        words = re.sub(r"\s+", " ", unescape(text))
        self._has_spoken = self._has_spoken or bool(words.strip())
        self.said.append(words)

    def take_tag(self, tag: _Tag) -> None:
        if self._left_out:
            self._count(tag)
        elif not tag.is_end and tag.name not in _VOID and self._is_left_out(tag):
            self._left_out, self._depth = tag.name, 1
        elif tag.name in _BLOCKS:
            self.said.append("\n- " if tag.name == "li" and not tag.is_end else "\n")
        elif tag.name in {"td", "th"}:
            self.said.append(" ")

    def _count(self, tag: _Tag) -> None:
        if tag.name != self._left_out:
            return
        self._depth += -1 if tag.is_end else 1
        if self._depth == 0:
            self._left_out = ""
            self.said.append("\n")

    def _is_left_out(self, tag: _Tag) -> bool:
        if tag.name in _SILENT:
            return True
        if self._has_spoken and _is_quote(tag):
            return True
        return "style" in tag.inside and bool(_HIDDEN.search(tag.inside))


def read_html(page: str) -> str:
    """Return the text of an HTML page, in time that grows with its length alone."""
    reader = _Reader()
    for piece in _scan(page):
        if isinstance(piece, str):
            reader.take_text(piece)
        else:
            reader.take_tag(piece)
    return _tidy("".join(reader.said))


def _scan(page: str) -> Iterator[str | _Tag]:
    """Give the texts and tags of a page; comments and declarations are passed over."""
    place, has_comment_ends = 0, True
    while (start := page.find("<", place)) >= 0:
        yield page[place:start]
        if page.startswith("<!--", start) and has_comment_ends:
            end = page.find("-->", start + 4)
            has_comment_ends = end >= 0
            place = end + 3 if has_comment_ends else start + 4
            continue
        end = page.find(">", start + 1)
        if end < 0:
            return  # a tag that was cut off: what it would have been is no text
        name = _NAME.match(page, start + 1)
        if name is not None:
            inside = page[start + 1 : min(end, start + 1 + _INSIDE)]
            yield _Tag(name[1].lower(), inside.startswith("/"), inside)
        elif page[start + 1] not in "!?/":
            yield "<"
            place = start + 1
            continue
        place = end + 1
    yield page[place:]


def _is_quote(tag: _Tag) -> bool:
    if tag.name == "blockquote" and "cite" in tag.inside:
        return True
    return bool(_QUOTES.search(tag.inside))


def _tidy(text: str) -> str:
    lines = [" ".join(line.replace("\xa0", " ").split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
