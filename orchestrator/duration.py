"""Stretches of time as people write them: 30m, 2h, 3d, 1w."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Final

from kernel.errors import InvalidInput

LONGEST: Final = timedelta(days=731)
_FORM: Final = re.compile(r"([1-9]\d{0,5})\s*([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def parse_duration(text: str) -> timedelta:
    """Read “3d”; raise InvalidInput for what is none, is nothing, or is longer than two years."""
    found = _FORM.fullmatch(text.strip())
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    if length is None or length > LONGEST:
        raise InvalidInput(
            f"{text!r} is not a stretch of time; right is for example 30m, 2h, 3d or 1w, "
            "two years at most.",
            zh=f"“{text}”不是时长，应如 30m、2h、3d、1w，最长两年。",
        )
    return length


def parse_clock(text: str) -> time:
    """Read “14:55”; raise InvalidInput for what is no time of day."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise InvalidInput(
            f"{text!r} is not a time of day; right is for example 14:55.",
            zh=f"“{text}”不是时刻，应如 14:55。",
        )
    return time(int(found[1]), int(found[2]))
