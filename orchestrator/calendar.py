"""Trading time: when an exchange is open, and what a stretch of trading minutes comes to.

A calendar is made for one exchange from its usual hours, the published holidays, and the days
that an operator imported (`trading_day` rows), which win over both. Rules, from the exchanges'
yearly notices: weekends are closed, also those that offices work (调休); there is no night
session on the evening before a holiday; a night session belongs to the trading day after it.
All moments are aware; days are China's. A session holds its first moment and not its last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.holiday import Holidays, load_holidays
from orchestrator.session import EXCHANGES, Session

_SATURDAY = 5
_EVENING = 18 * 60
_LOOK_AHEAD_DAYS = 800
_ONE = timedelta(days=1)


class TradingCalendar:
    """One exchange's trading time."""

    __slots__ = ("_days", "_holidays", "_hours", "_made", "exchange")

    def __init__(
        self,
        exchange: str,
        days: Mapping[date, tuple[Session, ...]] = MappingProxyType({}),
        *,
        holidays: Holidays | None = None,
    ) -> None:
        """Make a calendar; `days` holds what differs from the usual week, `()` is a holiday."""
        if exchange not in EXCHANGES:
            raise InvalidInput(
                f"{exchange!r} is not an exchange; known are {', '.join(EXCHANGES)}.",
                zh=f"没有交易所“{exchange}”，可用：{'、'.join(EXCHANGES)}。",
            )
        self.exchange = exchange
        self._hours = EXCHANGES[exchange]
        self._days = days
        self._holidays = holidays or load_holidays()
        self._made: dict[date, tuple[tuple[datetime, datetime], ...]] = {}

    def is_confirmed(self, day: date) -> bool:
        """Tell whether the day rests on a notice or an import; if not, mark it “待确认”."""
        return day in self._days or self._holidays.is_confirmed(day)

    def is_trading_day(self, day: date) -> bool:
        """Tell whether there is a day session on `day`."""
        if day in self._days:
            return bool(self._days[day])
        return day.weekday() < _SATURDAY and day not in self._holidays.closed

    def has_night(self, day: date) -> bool:
        """Tell whether a night session begins on the evening of `day`."""
        if day in self._days:
            return any(one.start >= _EVENING for one in self._days[day])
        if not self._hours.night or not self.is_trading_day(day):
            return False
        return not any(
            self._is_holiday(one) for one in _days_between(day, self.next_trading_day(day))
        )

    def is_open(self, at: datetime) -> bool:
        """Tell whether the exchange trades at this moment."""
        return any(start <= at < end for start, end in self._sessions_around(at))

    def next_open(self, at: datetime) -> datetime:
        """Return the first moment from `at` on at which the exchange trades: `at` if it does."""
        for start, end in self._sessions_from(at):
            if at < end:
                return at if start <= at else start.astimezone(at.tzinfo)
        raise _no_end(self.exchange)

    def add_trading_minutes(self, at: datetime, minutes: int) -> datetime:
        """Return the first moment by which so many minutes of trading went by since `at`.

        What ends with a session is over at its end, not at the start of the next one.
        """
        if minutes < 0:
            raise InvalidInput("Trading minutes are counted forward: give 0 or more.")
        left = timedelta(minutes=minutes)
        if not left:
            return at
        now = at.astimezone(UTC)
        for start, end in self._sessions_from(at):
            begin = max(start, now)
            if end - begin >= left:
                return (begin + left).astimezone(at.tzinfo)
            left -= max(end - begin, timedelta(0))
        raise _no_end(self.exchange)

    def trading_date(self, at: datetime) -> date:
        """Return the trading day T to which a moment's business counts.

        T ends where its own night session begins, or at midnight if it has none: Friday night,
        Saturday and Sunday count to Monday.
        """
        local = at.astimezone(CHINA)
        day = local.date()
        if not self.is_trading_day(day):
            return self.next_trading_day(day)
        if self.has_night(day) and at >= self._sessions_of(day)[-1][0]:
            return self.next_trading_day(day)
        return day

    def next_trading_day(self, day: date, n: int = 1) -> date:
        """Return the n-th trading day after `day`, which itself need not be one."""
        for _ in range(_LOOK_AHEAD_DAYS):
            day += _ONE
            n -= self.is_trading_day(day)
            if n <= 0:
                return day
        raise _no_end(self.exchange)

    def by_trading_day(self, at: datetime, n: int, clock: time) -> datetime:
        """Return a clock time of T+n, for “by T+1 08:30”; T is `trading_date(at)`."""
        day = self.trading_date(at)
        day = self.next_trading_day(day, n) if n else day
        return datetime.combine(day, clock, CHINA).astimezone(at.tzinfo)

    def before(self, at: datetime, clock: time) -> datetime:
        """Return the next moment with this clock time on a trading day, for “before 14:55”."""
        day = at.astimezone(CHINA).date()
        moment = datetime.combine(day, clock, CHINA)
        if not self.is_trading_day(day) or moment < at:
            moment = datetime.combine(self.next_trading_day(day), clock, CHINA)
        return moment.astimezone(at.tzinfo)

    def list_sessions(self, day: date) -> tuple[Session, ...]:
        """Return the sessions that begin on `day`, its night session among them."""
        if day in self._days:
            return self._days[day]
        if not self.is_trading_day(day):
            return ()
        night = self._hours.night
        return (*self._hours.day, night) if night and self.has_night(day) else self._hours.day

    def _is_holiday(self, day: date) -> bool:
        """Tell whether `day` is closed for another reason than a weekend."""
        return day.weekday() < _SATURDAY and not self.is_trading_day(day)

    def _sessions_of(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        made = self._made.get(day)
        if made is None:
            midnight = datetime.combine(day, time(), CHINA).astimezone(UTC)
            made = tuple(
                (midnight + timedelta(minutes=one.start), midnight + timedelta(minutes=one.end))
                for one in self.list_sessions(day)
            )
            self._made[day] = made
        return made

    def _sessions_around(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = at.astimezone(CHINA).date()
        yield from self._sessions_of(day - _ONE)
        yield from self._sessions_of(day)

    def _sessions_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield sessions in order, from the one before `at`'s day, as far as anybody plans."""
        day = at.astimezone(CHINA).date() - _ONE
        for n in range(_LOOK_AHEAD_DAYS):
            yield from self._sessions_of(day + n * _ONE)


def _days_between(first: date, last: date) -> Iterator[date]:
    for n in range(1, (last - first).days):
        yield first + n * _ONE


def _no_end(exchange: str) -> InvalidInput:
    return InvalidInput(f"{exchange} does not trade within the next {_LOOK_AHEAD_DAYS} days.")
