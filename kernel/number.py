"""Telephone numbers: one way to write each, and whether it is in mainland China."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
"""Source: ITU-T E.164, §6.2.1: at most fifteen digits with the country code."""
_MAINLAND = re.compile(r"\+861[3-9]\d{9}", re.ASCII)
"""Source: MIIT, 电信网编号计划: mobile numbers have eleven digits and begin with 13 to 19."""
_LOCAL = re.compile(r"1[3-9]\d{9}", re.ASCII)
_SHORT = re.compile(r"\d{3,8}", re.ASCII)
_FILLING = str.maketrans("", "", " -().\u00a0")


def parse_number(text: str) -> str | None:
    """Return a number in E.164 (`+8613800138000`), or None if it is none.

    Eleven digits that a mainland mobile number has need no country code; every other number
    must carry its own, after `+` or `00`.
    """
    bare = text.strip().translate(_FILLING)
    if _LOCAL.fullmatch(bare):
        return f"+86{bare}"
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    if bare.startswith("86") and _LOCAL.fullmatch(bare[2:]):
        bare = f"+{bare}"
    return bare if _E164.fullmatch(bare) else None


def is_mainland(number: str) -> bool:
    """Tell whether an E.164 number is a mobile number of mainland China."""
    return _MAINLAND.fullmatch(number) is not None


def is_short_code(text: str) -> bool:
    """Tell whether this is a service's short number, which has no country code."""
    return _SHORT.fullmatch(text) is not None
