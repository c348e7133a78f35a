"""Quiet hours: when a client is not to be disturbed, by the clock on the client's own wall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.calendar import TradingCalendar

_LOOK_AHEAD_DAYS = 4
_LOOK_AHEAD = timedelta(days=_LOOK_AHEAD_DAYS)
_STRIDE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until before `end`, across midnight where `end` is earlier; equal is never.

    `rest` are the hours of days on which the exchange does not trade, by the calendar that
    `next_allowed` is given; each day, from midnight to midnight, has its own.
    """

    start: time = time(22)
    end: time = time(8)
    rest: QuietHours | None = None

    def of(self, day: date, calendar: TradingCalendar | None = None) -> QuietHours:
        """Return the hours that hold on a day."""
        if self.rest and calendar and not calendar.is_trading_day(day):
            return self.rest
        return self

    def covers(self, clock: time) -> bool:
        """Tell whether a wall clock's time is quiet, by these hours alone."""
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name, China's where nobody knows the name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return CHINA


def parse_quiet(text: str) -> QuietHours:
    """Read “22:00-08:00”."""
    try:
        start, end = (time.fromisoformat(one.strip()) for one in text.split("-"))
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} are not quiet hours; right is for example 22:00-08:00.",
            zh=f"“{text}”不是免打扰时段，应如 22:00-08:00。",
        ) from error
    return QuietHours(start, end)


def is_quiet(
    at: datetime, zone: ZoneInfo, quiet: QuietHours, calendar: TradingCalendar | None = None
) -> bool:
    """Tell whether the wall clock in `zone` is within the quiet hours at this moment."""
    local = at.astimezone(zone)
    return quiet.of(local.date(), calendar).covers(local.time())


def next_allowed(
    at: datetime,
    zone: ZoneInfo,
    quiet: QuietHours,
    calendar: TradingCalendar | None = None,
) -> datetime:
    """Return the first moment from `at` on that is not quiet: `at` itself if it is not.

    Where clocks are put forward or back the wall's reading counts, as it does for the client.

    Raises:
        InvalidInput: nothing but quiet follows for days.
    """
    if not is_quiet(at, zone, quiet, calendar):
        return at
    for moment in sorted(_turns(at, zone, quiet, calendar)):
        if moment > at and not is_quiet(moment, zone, quiet, calendar):
            return moment.astimezone(at.tzinfo)
    raise InvalidInput("These quiet hours leave no time to send.", zh="免打扰时段覆盖了全天。")


def _turns(
    at: datetime, zone: ZoneInfo, quiet: QuietHours, calendar: TradingCalendar | None
) -> Iterator[datetime]:
    """Yield every moment, in no order, at which what is quiet may end."""
    first = at.astimezone(zone).date()
    for n in range(_LOOK_AHEAD_DAYS):
        day = first + timedelta(days=n)
        for clock in (quiet.of(day, calendar).end, time()):
            for fold in (0, 1):
                yield datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC)
    moment = at.astimezone(UTC)
    while moment < at + _LOOK_AHEAD:
        if moment.astimezone(zone).utcoffset() != (moment + _STRIDE).astimezone(zone).utcoffset():
            yield _find_change(moment, moment + _STRIDE, zone)
        moment += _STRIDE


def _find_change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second after `low` at which the zone's offset is that of `high`."""
    after = high.astimezone(zone).utcoffset()
    seconds = int((high - low).total_seconds())
    left, right = 0, seconds
    while left < right:
        middle = (left + right) // 2
        if (low + timedelta(seconds=middle)).astimezone(zone).utcoffset() == after:
            right = middle
        else:
            left = middle + 1
    return low + timedelta(seconds=left)
