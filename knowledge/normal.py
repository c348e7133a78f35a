"""One spelling for texts that mean the same: width, script, case, spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from opencc import OpenCC

_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_ENDING = "?？!！。.~～,，;；、… "
_CHINESE = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]{2,}")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Return the text in half width, Simplified Chinese and lower case, without loose ends.

    Full-width forms follow NFKC, Traditional characters OpenCC's `t2s`; runs of white space become
    one space, invisible characters and marks at the end go. Applying it twice changes nothing.
    """
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    plain = _converter().convert(plain).lower()
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", plain)).strip().rstrip(_ENDING)


def find_language(text: str) -> str:
    """Return `en` for a text of Latin words without Chinese characters, else `zh`."""
    if _CHINESE.search(text):
        return "zh"
    return "en" if _LATIN.search(text) else "zh"
