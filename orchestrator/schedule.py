"""When a campaign goes out: at once, once, daily, weekly, monthly, or by the trading calendar.

    {"kind": "now"}
    {"kind": "once", "at": "2026-12-01T10:00:00+08:00"}
    {"kind": "daily", "time": "10:00", "until": "2027-01-31"}
    {"kind": "weekly", "weekdays": [1, 5], "time": "16:30"}          1 is Monday
    {"kind": "monthly", "days": [1, 31], "time": "10:00"}            31: a short month's last day
    {"kind": "trading", "exchange": "SHFE", "session": "open", "minutes": -30}

Every clock is the exchange's, Asia/Shanghai. `trading` is so many minutes after the day's first
opening or last close of the daytime on each trading day; negative is before.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.calendar import TradingCalendar
from orchestrator.content_form import explain

FindCalendar: TypeAlias = Callable[[str], TradingCalendar]
"""Returns the calendar of an exchange; InvalidInput where there is none of this name."""

HORIZON_DAYS: Final = 400
_EVENING: Final = 18 * 60
_DAY: Final = timedelta(days=1)


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Now(_Plan):
    """As soon as it is launched."""

    kind: Literal["now"]


class Once(_Plan):
    """At one moment."""

    kind: Literal["once"]
    at: AwareDatetime


class _Clock(_Plan):
    time: Annotated[time, Field(description="HH:MM")]
    until: date | None = None

    def falls_on(self, day: date) -> bool:
        """Tell whether this is one of its days."""
        raise NotImplementedError


class Daily(_Clock):
    """Every day."""

    kind: Literal["daily"]

    def falls_on(self, day: date) -> bool:
        """Tell that every day is one of its days."""
        del day
        return True


class Weekly(_Clock):
    """On some days of each week."""

    kind: Literal["weekly"]
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]

    def falls_on(self, day: date) -> bool:
        """Tell whether this is one of its weekdays."""
        return day.isoweekday() in self.weekdays


class Monthly(_Clock):
    """On some days of each month; what a short month lacks is its last day."""

    kind: Literal["monthly"]
    days: Annotated[list[Annotated[int, Field(ge=1, le=31)]], Field(min_length=1, max_length=31)]

    def falls_on(self, day: date) -> bool:
        """Tell whether this is one of its days."""
        last = months.monthrange(day.year, day.month)[1]
        return day.day in {min(one, last) for one in self.days}


class Trading(_Plan):
    """On each trading day of an exchange, so many minutes after it opens or closes."""

    kind: Literal["trading"]
    exchange: Annotated[str, Field(min_length=1, max_length=10)]
    session: Literal["open", "close"] = "open"
    minutes: Annotated[int, Field(ge=-720, le=720)] = 0
    until: date | None = None


Schedule: TypeAlias = Annotated[
    Now | Once | Daily | Weekly | Monthly | Trading, Field(discriminator="kind")
]
_ADAPTER: TypeAdapter[Any] = TypeAdapter(Schedule)


def parse_schedule(body: Mapping[str, object]) -> Schedule:
    """Return the schedule of a JSON object.

    Raises:
        InvalidInput: it is none; the message names the place.
    """
    try:
        found: Schedule = _ADAPTER.validate_python(body)
    except ValidationError as error:
        raise explain(error) from None
    return found


def is_recurring(schedule: Schedule) -> bool:
    """Tell whether it comes again."""
    return not isinstance(schedule, Now | Once)


def find_next(
    schedule: Schedule, after: datetime, *, find_calendar: FindCalendar
) -> datetime | None:
    """Return the first moment after `after` at which it goes out; None if there is none any more.

    Raises:
        InvalidInput: it names an exchange that there is no calendar of.
    """
    if isinstance(schedule, Now):
        return after
    if isinstance(schedule, Once):
        return schedule.at if schedule.at > after else None
    for moment in _list_moments(schedule, after, find_calendar):
        if moment > after:
            return moment
    return None


def check_future(schedule: Schedule, now: datetime, *, find_calendar: FindCalendar) -> datetime:
    """Return when it goes out first.

    Raises:
        InvalidInput: that is in the past, or never.
    """
    found = find_next(schedule, now, find_calendar=find_calendar)
    if found is None:
        when = f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"
        raise InvalidInput(
            f"The schedule lies in the past; it is {when} now. Choose a later time.",
            zh=f"发送时间已过（现在是 {when}），请选择将来的时间。",
        )
    return found


def _list_moments(
    schedule: Daily | Weekly | Monthly | Trading, after: datetime, find_calendar: FindCalendar
) -> Iterator[datetime]:
    first = after.astimezone(CHINA).date() - _DAY
    exchange = find_calendar(schedule.exchange) if isinstance(schedule, Trading) else None
    for number in range(HORIZON_DAYS):
        day = first + number * _DAY
        if schedule.until is not None and day > schedule.until:
            return
        if isinstance(schedule, Trading):
            if exchange is not None and (moment := _find_session(schedule, exchange, day)):
                yield moment
        elif schedule.falls_on(day):
            yield datetime.combine(day, schedule.time, CHINA)


def _find_session(schedule: Trading, exchange: TradingCalendar, day: date) -> datetime | None:
    """Return the moment on a trading day; the daytime counts, not the night that opens it."""
    daytime = [one for one in exchange.list_sessions(day) if one.end <= _EVENING]
    if not daytime:
        return None
    minute = daytime[0].start if schedule.session == "open" else daytime[-1].end
    return datetime.combine(day, time(), CHINA) + timedelta(minutes=minute + schedule.minutes)
