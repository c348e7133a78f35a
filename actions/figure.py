"""How figures are shown: 元 with two decimals, percent, and moments in China's time."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.clock import CHINA

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def show_money(fen: int, language: str) -> str:
    """Show fen as `268,431.55元`, in English as `CNY 268,431.55`."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    amount = f"{sign}{fen // 100:,}.{fen % 100:02d}"
    return f"CNY {amount}" if language == "en" else f"{amount}元"


def show_percent(ratio: Decimal, language: str) -> str:
    """Show a ratio as percent with two decimals: 0.96 is `96.00%`."""
    del language  # the sign is the same in both
    return f"{(ratio * 100).quantize(Decimal('0.01'))}%"


def show_moment(at: datetime, language: str) -> str:
    """Show a moment in China's time, to the minute: `2026年11月22日 14:03`."""
    local = at.astimezone(CHINA)
    if language == "en":
        day = f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
        return f"{day} {local:%H:%M} (Beijing time)"
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def show_day(at: datetime, language: str) -> str:
    """Show a day in China's time: `2026年11月22日`."""
    local = at.astimezone(CHINA)
    if language == "en":
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{local.year}年{local.month}月{local.day}日"
