"""The calendars of all exchanges, with the days that operators imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from kernel.clock import CHINA
from kernel.errors import InvalidInput
from orchestrator.calendar import TradingCalendar
from orchestrator.session import EXCHANGES, Session, parse_sessions
from store import trading_day
from store.engine import Connection
from store.trading_day import TradingDay

HOME: Final = "SSE"
"""The exchange by whose calendar days of rest have quiet hours of their own."""
REREAD: Final = timedelta(minutes=1)
_BACK: Final = timedelta(days=30)
_COLUMNS: Final = ("exchange", "day", "sessions", "source")
_ROWS: Final = 20_000
_LENGTH: Final = 200


def make_calendars(days: Iterable[TradingDay] = ()) -> dict[str, TradingCalendar]:
    """Make the calendar of each exchange; imported days win over notices and usual weeks."""
    own: dict[str, dict[date, tuple[Session, ...]]] = {name: {} for name in EXCHANGES}
    for one in days:
        own.setdefault(one.exchange, {})[one.day] = parse_sessions(one.sessions)
    return {name: TradingCalendar(name, own[name]) for name in EXCHANGES}


@dataclass(slots=True)
class CalendarShelf:
    """Keeps the calendars of this process, and reads them anew once a minute."""

    _read_at: datetime | None = None
    _calendars: Mapping[str, TradingCalendar] = field(default_factory=dict)

    async def open(self, connection: Connection, now: datetime) -> Mapping[str, TradingCalendar]:
        """Return the calendars as of a minute ago at most."""
        if self._read_at is None or abs(now - self._read_at) > REREAD:
            since = (now - _BACK).astimezone(CHINA).date()
            self._calendars = make_calendars(await trading_day.find_all(connection, since))
            self._read_at = now
        return self._calendars


def parse_days(text: str, source: str) -> list[TradingDay]:
    """Read a CSV of trading days: exchange, day, sessions, source.

    `sessions` are apart by spaces, like `09:00-10:15 10:30-11:30 13:30-15:00 21:00-02:30`, and
    empty on a holiday; `source` names the notice and may be left to the file's.

    Raises:
        InvalidInput: with the line that is wrong and what would be right.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restval="")
    if "\0" in text + source:
        raise InvalidInput("A text file has no zero bytes.", zh="文件应为纯文本。")
    try:
        if not set(_COLUMNS[:3]) <= set(reader.fieldnames or ()):
            raise InvalidInput(
                f"The first line names the columns: {','.join(_COLUMNS)}.",
                zh=f"首行应为列名：{','.join(_COLUMNS)}。",
            )
        lines = [(reader.line_num, _parse_row(row, reader.line_num, source)) for row in reader]
    except csv.Error as error:
        raise InvalidInput(f"This is no CSV: {error}.", zh=f"不是 CSV 文件：{error}。") from error
    if not 0 < len(lines) <= _ROWS:
        raise InvalidInput(f"A file has 1 to {_ROWS} days.", zh=f"文件应有1到{_ROWS}行。")
    _check_once(lines)
    return [one for _, one in lines]


def _check_once(lines: Iterable[tuple[int, TradingDay]]) -> None:
    first: dict[tuple[str, date], int] = {}
    for line, one in lines:
        before = first.setdefault((one.exchange, one.day), line)
        if before != line:
            raise InvalidInput(
                f"Line {line}: {one.exchange} {one.day} was in line {before} already.",
                zh=f"第{line}行有误：{one.exchange} {one.day} 与第{before}行重复。",
            )


def _parse_row(row: Mapping[str, str | None], line: int, source: str) -> TradingDay:
    exchange = (row["exchange"] or "").strip()
    try:
        if exchange not in EXCHANGES:
            raise InvalidInput(
                f"exchange is one of {', '.join(EXCHANGES)}.",
                zh=f"exchange 应为 {'、'.join(EXCHANGES)} 之一。",
            )
        day = _parse_day((row["day"] or "").strip())
        sessions = parse_sessions((row["sessions"] or "").split())
    except InvalidInput as error:
        raise InvalidInput(
            f"Line {line}: {error.message}", zh=f"第{line}行有误：{error.zh}"
        ) from error
    said = (row.get("source") or "").strip()[:_LENGTH] or source
    return TradingDay(exchange, day, tuple(str(one) for one in sessions), said)


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"day is a date such as 2027-01-04, not {text!r}.",
            zh=f"day 应为日期，如 2027-01-04，而不是“{text}”。",
        ) from error
