"""What may be asked of a client in an audience: the fields, what they hold, how they compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias, cast

Type: TypeAlias = Literal["word", "level", "words", "number", "real", "day", "moment"]
"""What a field holds: a word, a word with an order, a list of words, figures, a day, a moment."""


@dataclass(frozen=True, slots=True)
class Known:
    """A field that may be asked for: its column, what it holds, and its name in both languages."""

    column: str
    type: Type
    zh: str
    en: str
    unit: str = ""


PROFILE: Final[Mapping[str, Known]] = {
    "risk_level": Known("client.risk_level", "level", "风险等级", "risk level"),
    "suitability_valid_until": Known(
        "client.suitability_valid_until", "day", "风险测评有效期", "risk assessment valid until"
    ),
    "investor_class": Known("client.investor_class", "word", "投资者类别", "investor class"),
    "client_stage": Known("client.stage", "word", "客户阶段", "stage as the core has it"),
    "manager": Known("client.manager", "word", "客户经理", "client manager"),
    "instruments": Known("client.instruments", "words", "交易品种", "instruments"),
    "timezone": Known("client.timezone", "word", "时区", "time zone"),
    "assets": Known("figure.assets", "number", "资产", "assets", "CNY"),
    "margin_usage": Known("figure.margin_usage", "real", "保证金占用比例", "margin in use", "%"),
    "risk_ratio": Known("figure.risk_ratio", "real", "风险率", "risk ratio", "%"),
    "drawdown": Known("figure.drawdown", "real", "单日回撤", "one-day drawdown", "%"),
    "financing_ratio": Known("figure.financing_ratio", "real", "融资比例", "financing ratio", "%"),
    "trades_90d": Known("figure.trades_90d", "number", "近90天成交笔数", "trades in 90 days"),
    "turnover_90d": Known(
        "figure.turnover_90d", "number", "近90天成交额", "turnover in 90 days", "CNY"
    ),
    "holding_days": Known("figure.holding_days", "real", "平均持仓天数", "days that it is held"),
    "deposits": Known("figure.deposits", "number", "入金次数", "deposits"),
    "complaints_90d": Known(
        "figure.complaints_90d", "number", "近90天投诉数", "complaints, 90 days"
    ),
    "opened_at": Known("figure.opened_at", "moment", "开户时间", "account opened"),
    "first_deposit_at": Known("figure.first_deposit_at", "moment", "首次入金时间", "first deposit"),
    "last_trade_at": Known("figure.last_trade_at", "moment", "最近成交时间", "last trade"),
    "last_active_at": Known("figure.last_active_at", "moment", "最近活跃时间", "last active"),
}
"""What a `profile` node may ask for."""

TIER: Final[Mapping[str, Known]] = {
    "layer": Known("tier.layer", "word", "RFM 分层", "RFM layer"),
    "asset_band": Known("tier.asset_band", "word", "资产规模", "asset size"),
    "frequency_band": Known("tier.frequency_band", "word", "交易频率", "trading frequency"),
    "risk_band": Known("tier.risk_band", "word", "风险偏好", "risk preference"),
    "loyalty_band": Known("tier.loyalty_band", "word", "忠诚度", "loyalty"),
    "credit_risk": Known("tier.credit_risk", "word", "两融风险", "margin-trading risk"),
    "credit_term": Known("tier.credit_term", "word", "两融期限", "margin-trading term"),
    "credit_size": Known("tier.credit_size", "word", "两融规模", "margin-trading size"),
    "credit_style": Known("tier.credit_style", "word", "两融风格", "margin-trading style"),
    "stage": Known("tier.stage", "word", "生命周期", "lifecycle stage"),
    "recency": Known("tier.recency", "number", "最近交易得分 R", "recency score"),
    "frequency": Known("tier.frequency", "number", "交易频率得分 F", "frequency score"),
    "monetary": Known("tier.monetary", "number", "交易金额得分 M", "monetary score"),
    "churn_risk": Known("tier.churn_risk", "real", "流失风险", "churn risk", "%"),
}
"""What a `tier` node may ask for."""

OPERATORS: Final[Mapping[Type, frozenset[str]]] = {
    "word": frozenset(("in", "not_in", "known", "unknown")),
    "level": frozenset(("in", "not_in", "at_least", "at_most", "known", "unknown")),
    "words": frozenset(("has_any", "has_none", "known", "unknown")),
    "number": frozenset(("at_least", "at_most", "above", "below", "equals", "known", "unknown")),
    "real": frozenset(("at_least", "at_most", "above", "below", "known", "unknown")),
    "day": frozenset(("from", "until", "within_next", "known", "unknown")),
    "moment": frozenset(("within", "not_within", "known", "unknown")),
}
"""Which comparisons a field takes. `within` and `not_within` count the last days; what never was
is neither. `within_next` counts the coming days."""


def fits(type_: Type, operator: str, value: object) -> bool:
    """Tell whether a value is one that a comparison with such a field takes."""
    if operator in {"within", "not_within", "within_next"}:
        return isinstance(value, int) and value is not True and 1 <= value <= 3650
    if operator in {"in", "not_in", "has_any", "has_none"}:
        return isinstance(value, list) and 1 <= len(value) <= 50 and all(map(_is_word, value))
    if type_ == "level":
        return _is_word(value)
    if type_ == "day":
        return isinstance(value, str) and _is_day(value)
    return type(value) in {int, float} and -1e15 < cast("float", value) < 1e15


WANTED: Final[Mapping[Type, str]] = {
    "word": "a list of 1 to 50 words",
    "level": "a list of words, or one such as C3",
    "words": "a list of 1 to 50 words",
    "number": "a number",
    "real": "a number; a ratio is part of one, 0.8 for 80 %",
    "day": "a day such as 2026-12-31, or a whole number of days",
    "moment": "a whole number of days from 1 to 3650",
}
"""What a comparison takes, for whoever gave it something else."""


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 60 and "\0" not in value


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
