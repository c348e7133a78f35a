"""A month of an exchange's calendar, day by day, each with what it rests on."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from kernel.errors import InvalidInput
from orchestrator.holiday import load_holidays
from orchestrator.trading import make_calendars
from store.trading_day import TradingDay

Ground = Literal["import", "notice", "none"]
_FORM: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day: its sessions as “09:00-10:15”, and whether a notice or an import says so.

    `source` names the import of the day, `holiday` the feast for which it is closed.
    """

    day: date
    sessions: tuple[str, ...]
    is_trading: bool
    has_night: bool
    ground: Ground
    source: str | None
    holiday: str | None


def parse_month(text: str) -> date:
    """Read “2026-11” as its first day.

    Raises:
        InvalidInput: it is no month of this century.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise InvalidInput("A month is written as 2026-11.", zh="月份应写作 2026-11。")
    return date(int(found[1]), int(found[2]), 1)


def list_month(exchange: str, first: date, imported: Iterable[TradingDay]) -> list[MonthDay]:
    """Return the days of the month that begins on `first`.

    `imported` are the imported days from `first` on: whether there is a night session depends on
    days that follow.
    """
    mine = [one for one in imported if one.exchange == exchange]
    own = {one.day: one.source for one in mine}
    trading = make_calendars(mine)[exchange]
    holidays = load_holidays()
    found: list[MonthDay] = []
    for n in range(calendar.monthrange(first.year, first.month)[1]):
        day = first.replace(day=n + 1)
        ground: Ground = (
            "import" if day in own else "notice" if holidays.is_confirmed(day) else "none"
        )
        found.append(
            MonthDay(
                day,
                tuple(str(one) for one in trading.list_sessions(day)),
                trading.is_trading_day(day),
                trading.has_night(day),
                ground,
                own.get(day),
                None if day in own else holidays.names.get(day),
            )
        )
    return found
