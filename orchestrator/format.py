"""How a value of a client is written in a text: figures, ratios, days and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from liquid import Undefined

from kernel.message import Json

ZONE: Final = ZoneInfo("Asia/Shanghai")
_LONGEST: Final = 30


def show(value: Json) -> str:
    """Return a value as a text shows it: 12,345.6 for figures, a list joined with 、."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return "、".join(show(one) for one in value.values())
    return "、".join(show(one) for one in value)


def show_money(value: object, decimals: object = 2) -> str:
    """Return 12,345.60."""
    places = int(str(decimals)) if str(decimals) in {"0", "1", "2", "3", "4"} else 2
    return f"{_number(value):,.{places}f}"


def show_percent(value: object, decimals: object = 1) -> str:
    """Return 85.3% for 0.853."""
    places = int(str(decimals)) if str(decimals) in {"0", "1", "2"} else 1
    return f"{_number(value) * 100:.{places}f}%"


def show_day(value: object, language: object = "zh") -> str:
    """Return 11月22日, or 22 Nov, of an ISO date or moment, in the exchange's time."""
    day = _moment(value)
    return f"{day:%d %b}".lstrip("0") if language == "en" else f"{day.month}月{day.day}日"


def show_minute(value: object, language: object = "zh") -> str:
    """Return 11月22日14:30, or 22 Nov 14:30, of an ISO moment, in the exchange's time."""
    at = _moment(value)
    gap = " " if language == "en" else ""
    return f"{show_day(value, language)}{gap}{at:%H:%M}"


def show_stamp(value: object) -> str:
    """Return 2026年11月22日 14:30, as WeChat's time fields want it; now, where nothing is given."""
    at = datetime.now(ZONE) if value is None or isinstance(value, Undefined) else _moment(value)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def show_each(value: object, separator: object = "、") -> str:
    """Return the entries of a list, with something between them."""
    if isinstance(value, list | tuple):
        return str(separator)[:8].join(show(one) for one in value)
    return str(value)


FORMATS: Final[Mapping[str, Callable[..., Any]]] = {
    "money": show_money,
    "percent": show_percent,
    "day": show_day,
    "minute": show_minute,
    "stamp": show_stamp,
    "each": show_each,
}
"""Our own filters, beside those of Liquid."""


def _number(value: object) -> Decimal:
    text = str(value)
    try:
        number = Decimal(text[:_LONGEST])
    except InvalidOperation:
        raise ValueError(f"{text[:_LONGEST]} is not a number") from None
    if not number.is_finite() or len(text) > _LONGEST or abs(number) >= 10**18:
        raise ValueError(f"{text[:_LONGEST]} is not a figure")
    return number


def _moment(value: object) -> datetime:
    text = str(value)
    try:
        if len(text) == len("2026-11-22"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=ZONE)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:_LONGEST]} is not a date") from None
    return at.astimezone(ZONE) if at.tzinfo else at.replace(tzinfo=ZONE)
