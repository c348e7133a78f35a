"""What the broker's systems may tell of a client: every type and the bounds of its figures.

A figure is a number or a code, never a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from kernel.errors import InvalidInput
from kernel.message import Json

Unit = Literal["part", "fen", "count", "day", "minute", "lot", "code"]

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}")
_WHOLE: Final = frozenset({"fen", "count", "day", "minute"})
_FEN = 10**15


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an event; a `part` is a ratio as part of one (0.8 is 80 %), money is fen."""

    unit: Unit
    zh: str
    en: str
    high: float = 0
    low: float = 0
    is_needed: bool = False

    def check(self, name: str, value: Json) -> Json:
        """Return the value as it is kept.

        Raises:
            InvalidInput: it has another kind, or is out of bounds.
        """
        if self.unit == "code":
            if isinstance(value, str) and CODE.fullmatch(value):
                return value
            raise InvalidInput(
                f"{name} is a code of 1 to 40 letters, digits, '_', '.', ':' or '-'.",
                zh=f"{name}（{self.zh}）应为1到40位的代码。",
            )
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.low <= float(str(value)) <= self.high:
            raise InvalidInput(
                f"{name} is a number from {self.low:g} to {self.high:g} ({self.unit}).",
                zh=f"{name}（{self.zh}）应为{self.low:g}到{self.high:g}之间的数字。",
            )
        if self.unit in _WHOLE and value != int(float(str(value))):
            raise InvalidInput(f"{name} is a whole number.", zh=f"{name}（{self.zh}）应为整数。")
        return value


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of happening in a client's business."""

    name: str
    zh: str
    en: str
    figures: Mapping[str, Figure]


def _fen(zh: str, en: str, *, needed: bool = False) -> Figure:
    return Figure("fen", zh, en, high=_FEN, is_needed=needed)


def _part(zh: str, en: str, *, needed: bool = False, high: float = 100) -> Figure:
    return Figure("part", zh, en, high=high, is_needed=needed)


def _code(zh: str, en: str, *, needed: bool = False) -> Figure:
    return Figure("code", zh, en, is_needed=needed)


def _days(zh: str, en: str) -> Figure:
    return Figure("day", zh, en, high=36_500, low=-36_500, is_needed=True)


_ACCOUNT = _code("账户代码", "which account: futures, credit, option …")
_ASSETS = _fen("总资产（分）", "all assets after it, in fen")
_AMOUNT = _fen("金额（分）", "the amount in fen", needed=True)

_TYPES = (
    EventType(
        "account_opened",
        "开户",
        "account opened",
        {
            "origin": _code("来源渠道", "where the client came from"),
            "experience_years": Figure("count", "投资年限", "years of experience", high=80),
            "intended_fen": _fen("意向资金（分）", "funds meant to be brought, in fen"),
        },
    ),
    EventType(
        "first_deposit", "首次入金", "first deposit", {"amount_fen": _AMOUNT, "assets_fen": _ASSETS}
    ),
    EventType(
        "deposit_settled",
        "入金到账",
        "deposit settled",
        {"amount_fen": _AMOUNT, "assets_fen": _ASSETS, "bank": _code("银行", "the bank")},
    ),
    EventType(
        "withdrawal_settled",
        "出金到账",
        "withdrawal settled",
        {"amount_fen": _AMOUNT, "assets_fen": _ASSETS, "bank": _code("银行", "the bank")},
    ),
    EventType(
        "order_filled",
        "委托成交",
        "order filled",
        {
            "amount_fen": _fen("成交额（分）", "turnover in fen", needed=True),
            "instrument": _code("品种", "the instrument"),
            "side": _code("方向", "buy, sell, open or close"),
            "lots": Figure("lot", "手数", "lots or shares", high=1e12),
            "holding_days": Figure("lot", "持有天数", "days held, of a close", high=36_500),
            "assets_fen": _ASSETS,
        },
    ),
    EventType(
        "margin_usage",
        "保证金占用",
        "margin in use",
        {
            "ratio": _part("占用比例", "margin over equity", needed=True),
            "financing_ratio": _part("融资比例", "debt over assets, of 两融", high=10),
            "account": _ACCOUNT,
        },
    ),
    EventType(
        "risk_ratio",
        "风险率",
        "risk ratio",
        {
            "ratio": _part("风险率", "above one: money must be added", needed=True),
            "shortfall_fen": _fen("应追加金额（分）", "what must be added, in fen"),
            "minutes_left": Figure("minute", "距强平分钟", "minutes to liquidation", high=100_000),
            "account": _ACCOUNT,
        },
    ),
    EventType(
        "drawdown",
        "回撤",
        "drawdown",
        {
            "ratio": _part("回撤比例", "loss over the assets before", needed=True, high=1),
            "days": Figure("day", "区间天数", "over how many days", high=3650),
            "assets_fen": _ASSETS,
        },
    ),
    EventType(
        "forced_liquidation",
        "强行平仓",
        "forced liquidation",
        {
            "amount_fen": _fen("平仓金额（分）", "what was closed, in fen"),
            "instrument": _code("品种", "the instrument"),
            "account": _ACCOUNT,
        },
    ),
    EventType(
        "permission_granted",
        "权限开通",
        "permission granted",
        {"product": _code("权限", "the permission", needed=True)},
    ),
    EventType(
        "permission_expiring",
        "权限即将到期",
        "permission expiring",
        {
            "product": _code("权限", "the permission", needed=True),
            "days_left": _days("剩余天数", "days left"),
        },
    ),
    EventType(
        "suitability_expiring",
        "适当性即将到期",
        "suitability expiring",
        {"days_left": _days("剩余天数", "days left")},
    ),
    EventType("login", "登录", "login", {"device": _code("终端", "app, web, desktop …")}),
    EventType(
        "complaint",
        "投诉",
        "complaint",
        {"topic": _code("主题", "what about"), "case": _code("编号", "the case's number")},
    ),
)

EVENT_TYPES: Final[Mapping[str, EventType]] = {one.name: one for one in _TYPES}
"""Every type that is known, by name."""


def check_figures(type_: EventType, figures: Mapping[str, Json]) -> dict[str, Json]:
    """Return the figures of an event as they are kept.

    Raises:
        InvalidInput: one is unknown, missing, of another kind, or out of bounds.
    """
    for name in figures:
        if name not in type_.figures:
            raise InvalidInput(
                f"{type_.name} has no figure {name!r}; it has {', '.join(type_.figures)}.",
                zh=f"{type_.zh}没有 {name} 这一项，可用：{'、'.join(type_.figures)}。",
            )
    for name, figure in type_.figures.items():
        if figure.is_needed and figures.get(name) is None:
            raise InvalidInput(
                f"{type_.name} needs {name} ({figure.en}).",
                zh=f"{type_.zh}缺少 {name}（{figure.zh}）。",
            )
    given = {name: value for name, value in figures.items() if value is not None}
    return {name: type_.figures[name].check(name, value) for name, value in given.items()}
