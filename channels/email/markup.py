"""Reads an HTML mail as plain text; what is hidden, styled or quoted in it is left out."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "head", "title", "noscript", "template", "object"})
_BLOCKS = frozenset(
    "p div br tr table ul ol li h1 h2 h3 h4 h5 h6 hr section article header footer pre "
    "blockquote dl dt dd address center form".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_QUOTES = re.compile(
    r"gmail_quote|gmail_extra|moz-cite-prefix|divrplyfwdmsg|yahoo_quoted|includetail|"
    r"mail_quote|ntes-mailmaster-quote|zhida-quote|foxmail_quote|isforward|replyseparator",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,2000}>")


class _Reader(HTMLParser):
    """Collects the text; `depth` counts the open elements since one that is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._left_out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._left_out:
            if tag not in _VOID:
                self._left_out.append(tag)
            return
        if tag not in _VOID and self._is_left_out(tag, attrs):
            self._left_out.append(tag)
            return
        if tag in _BLOCKS:
            self.said.append("\n")
        if tag == "li":
            self.said.append("- ")
        if tag in {"td", "th"}:
            self.said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            if tag in self._left_out:
                while self._left_out and self._left_out.pop() != tag:
                    pass
                if not self._left_out:
                    self.said.append("\n")
            return
        if tag in _BLOCKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self.said.append(re.sub(r"\s+", " ", data))

    def _is_left_out(self, tag: str, attrs: list[tuple[str, str | None]]) -> bool:
        if tag in _SILENT:
            return True
        given = {name: value or "" for name, value in attrs}
        marks = f"{given.get('class', '')} {given.get('id', '')}"
        has_spoken = bool("".join(self.said).strip()) if _is_quote(tag, given, marks) else False
        return has_spoken or bool(_HIDDEN.search(given.get("style", "")))


def read_html(page: str) -> str:
    """Return the text of an HTML page; a page that is no HTML at all loses its tags only."""
    reader = _Reader()
    try:
        reader.feed(page)
        reader.close()
    except (AssertionError, ValueError, RecursionError):  # a marked section that never ends
        return _tidy(unescape(_TAG.sub(" ", page)))
    return _tidy("".join(reader.said))


def _is_quote(tag: str, given: dict[str, str], marks: str) -> bool:
    if tag == "blockquote" and (given.get("type") == "cite" or "cite" in given):
        return True
    return bool(_QUOTES.search(marks))


def _tidy(text: str) -> str:
    lines = [" ".join(line.replace("\xa0", " ").split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
