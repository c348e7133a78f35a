"""When each exchange trades on a day: its sessions, as minutes of that day.

The times are those of the exchanges' trading rules: stocks 9:30–11:30 and 13:00–15:00 (SSE and
SZSE trading rules 2023, section 2.4), commodity futures with a break at 10:15–10:30 and a lunch
from 11:30, stock index and bond futures by CFFEX's contracts. A night session is as long as the
exchange's longest product trades (gold and silver on SHFE, crude oil on INE).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from kernel.errors import InvalidInput

DAY_MINUTES = 24 * 60
_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, order=True)
class Session:
    """A stretch of trading in minutes from the day's midnight; past 1440 it is the next day."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read “09:30-11:30”; an end that is not after the start is on the next day."""
        found = _FORM.fullmatch(text.strip())
        if not found:
            raise InvalidInput(
                f"{text!r} is not a session; right is for example 09:30-11:30 or 21:00-02:30.",
                zh=f"“{text}”不是交易时段，应如 09:30-11:30 或 21:00-02:30。",
            )
        hour, minute, last_hour, last_minute = map(int, found.groups())
        start, end = hour * 60 + minute, last_hour * 60 + last_minute
        return cls(start, end if end > start else end + DAY_MINUTES)

    def __str__(self) -> str:
        def show(minute: int) -> str:
            return f"{minute // 60 % 24:02}:{minute % 60:02}"

        return f"{show(self.start)}-{show(self.end)}"


def parse_sessions(texts: Iterable[str]) -> tuple[Session, ...]:
    """Read a day's sessions in order; raise InvalidInput where two overlap."""
    sessions = tuple(sorted(Session.parse(one) for one in texts))
    for before, after in itertools.pairwise(sessions):
        if after.start < before.end:
            raise InvalidInput(
                f"The sessions {before} and {after} overlap.",
                zh=f"交易时段 {before} 与 {after} 重叠。",
            )
    return sessions


@dataclass(frozen=True, slots=True)
class Hours:
    """An exchange's usual day, and the night session that follows it unless a holiday does."""

    day: tuple[Session, ...]
    night: Session | None = None


def _hours(day: str, night: str | None = None) -> Hours:
    return Hours(parse_sessions(day.split()), Session.parse(night) if night else None)


_STOCK = "09:30-11:30 13:00-15:00"
_COMMODITY = "09:00-10:15 10:30-11:30 13:30-15:00"

EXCHANGES: Mapping[str, Hours] = MappingProxyType(
    {
        "SSE": _hours(_STOCK),
        "SZSE": _hours(_STOCK),
        "SHFE": _hours(_COMMODITY, "21:00-02:30"),
        "INE": _hours(_COMMODITY, "21:00-02:30"),
        "DCE": _hours(_COMMODITY, "21:00-23:00"),
        "CZCE": _hours(_COMMODITY, "21:00-23:00"),
        "GFEX": _hours(_COMMODITY),
        "CFFEX": _hours("09:30-11:30 13:00-15:15"),
    }
)
"""The exchanges that are known, by their usual codes."""
