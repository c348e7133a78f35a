"""Turns bytes into text as the sender meant them, also where the label is wrong or missing.

Chinese mail says GB2312 and means GBK or GB18030, says Big5 and means its Hong Kong extension,
or says nothing at all. What fits no charset is shown with marks, never lost.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping

_WIDER: Mapping[str, str] = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf8": "utf-8",
    "unknown-8bit": "",
    "default": "",
}
_GUESSES = ("utf-8", "gb18030")


def decode(raw: bytes, charset: str) -> str:
    """Return the text of some bytes; never fails, never holds a NUL."""
    label = charset.strip().strip("\"'").lower()
    for name in (_WIDER.get(label, label), *_GUESSES):
        if not _is_text_codec(name):
            continue
        try:
            return _clean(raw.decode(name))
        except (UnicodeDecodeError, ValueError):
            continue
    last = _WIDER.get(label, label)
    return _clean(raw.decode(last if _is_text_codec(last) else "utf-8", "replace"))


def _is_text_codec(name: str) -> bool:
    """Leave out what is no charset (`hex`, `zlib`) or is none of mail (`idna`, `unicode_…`)."""
    if not name or not name.isascii() or "\x00" in name or len(name) > 40:
        return False
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return bool(getattr(found, "_is_text_encoding", True)) and not found.name.startswith(
        ("idna", "punycode", "unicode", "raw-unicode", "undefined", "mbcs", "oem")
    )


def _clean(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\x00", "").encode("utf-8", "replace").decode()
