"""Says why a client is in each of their tiers: the rule that led there, and which figures it reads.

The rules are those that hold now. What a rule no longer knows has no reason until the tiers are
computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from store.tier import TierRow
from store.tier_rule import Band, Layer, Rules, Stage

Words = tuple[str, str]

_SCORES: Final[Mapping[str, Words]] = {
    "recency": ("近度", "recency"),
    "frequency": ("频度", "frequency"),
    "monetary": ("额度", "value"),
}
_STAGE: Final = ("opened_at", "first_deposit_at", "last_trade_at", "last_active_at")
_CHURN: Final[Mapping[str, str]] = {
    "silent_days": "last_active_at",
    "unfunded_days": "opened_at",
}
"""What a reason counts in days is shown as the moment from which it counts."""


@dataclass(frozen=True, slots=True)
class Why:
    """A rule in words, Chinese and English, and the names of the figures that it reads."""

    rule: Words
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a ladder of bands measures, how its steps are said, and the figures in it."""

    what: Words
    say: Callable[[float], Words]
    figures: tuple[str, ...]


def explain(row: TierRow, rules: Rules) -> dict[str, Why]:
    """Return for each tier of a client why it is theirs."""
    risk, loyalty, credit = rules.risk.bands, rules.loyalty.bands, rules.credit
    found = {
        "layer": _explain_layer(row.layer, rules),
        "asset_band": _explain_band(row.asset_band, rules.assets, _ASSETS),
        "frequency_band": _explain_band(row.frequency_band, rules.frequency, _TRADES),
        "risk_band": _explain_band(row.risk_band, risk, _RISK),
        "loyalty_band": _explain_band(row.loyalty_band, loyalty, _LOYALTY),
        "credit_risk": _explain_band(row.credit_risk, credit.risk, _FINANCING),
        "credit_size": _explain_band(row.credit_size, credit.size, _ASSETS),
        "credit_term": _explain_term(row.credit_term, rules.credit.short_below_days),
        "credit_style": _explain_style(row.credit_style, rules.credit.active_from),
        "stage": _explain_stage(row.stage, rules.stage),
    }
    return {name: why for name, why in found.items() if why}


def explain_churn(row: TierRow, rules: Rules) -> dict[str, tuple[str, float]]:
    """Return for each reason to leave the figure that it reads, and how much it weighs."""
    return {
        one.name: (_CHURN.get(one.figure, one.figure), one.weight)
        for one in rules.churn
        if one.name in row.churn_reasons
    }


def _explain_layer(name: str, rules: Rules) -> Why | None:
    found = next((one for one in rules.layers if one.name == name), None)
    if found is None:
        return None
    parts = list(_score_parts(found))
    if found.churn_from > 0:
        part = f"{100 * found.churn_from:g}%"
        parts.append((f"流失风险不低于 {part}", f"churn risk at least {part}"))
    rule = _join(parts) if parts else ("不符合其他各层", "fits no other layer")
    return Why(rule, tuple(_SCORES))


def _score_parts(layer: Layer) -> Sequence[Words]:
    spans = {name: getattr(layer, name) for name in _SCORES}
    return [
        (f"{_SCORES[name][0]} {low}–{high} 分", f"{_SCORES[name][1]} {low}–{high}")
        for name, (low, high) in spans.items()
        if (low, high) != (1, 5)
    ]


def _explain_band(name: str | None, bands: Sequence[Band], measure: Measure) -> Why | None:
    """Return where a band begins, and where the one above it does."""
    place = next((n for n, one in enumerate(bands) if one.name == name), None)
    if place is None:
        return None
    parts: list[Words] = []
    if place < len(bands) - 1:
        zh, en = measure.say(bands[place].at_least)
        parts.append((f"不低于 {zh}", f"at least {en}"))
    if place > 0:
        zh, en = measure.say(bands[place - 1].at_least)
        parts.append((f"低于 {zh}", f"below {en}"))
    zh, en = _join(parts)
    return Why((f"{measure.what[0]}{zh}", f"{measure.what[1]} {en}"), measure.figures)


def _explain_term(name: str | None, days: float) -> Why | None:
    rules = {
        "short": (f"平均持仓不足 {days:g} 天", f"holds for less than {days:g} days"),
        "long": (f"平均持仓 {days:g} 天以上", f"holds for {days:g} days or more"),
    }
    return Why(rules[name], ("holding_days",)) if name in rules else None


def _explain_style(name: str | None, trades: float) -> Why | None:
    rules = {
        "active": (f"近 90 天交易不少于 {trades:g} 次", f"{trades:g} trades or more in 90 days"),
        "passive": (f"近 90 天交易少于 {trades:g} 次", f"fewer than {trades:g} trades in 90 days"),
    }
    return Why(rules[name], ("trades_90d",)) if name in rules else None


def _explain_stage(name: str, stage: Stage) -> Why | None:
    new, mature = f"{stage.new_days:g}", f"{stage.mature_days:g}"
    silent, lost = f"{stage.silent_days:g}", f"{stage.lost_days:g}"
    rules = {
        "prospect": ("没有开户、入金与交易", "no account, no deposit, no trade"),
        "opened": ("已开户，没有入金与交易", "an account, no deposit, no trade"),
        "new": (f"入金或开户不足 {new} 天", f"funded or opened less than {new} days ago"),
        "growing": (f"入金或开户 {new} 至 {mature} 天", f"funded {new} to {mature} days ago"),
        "mature": (f"入金或开户满 {mature} 天", f"funded {mature} days ago or earlier"),
        "silent": (f"{silent} 至 {lost} 天未活跃", f"not seen for {silent} to {lost} days"),
        "lost": (f"{lost} 天以上未活跃", f"not seen for {lost} days or more"),
    }
    return Why(rules[name], _STAGE) if name in rules else None


def _join(parts: Sequence[Words]) -> Words:
    return "，".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)


def _count(unit: str) -> Callable[[float], Words]:
    return lambda value: (f"{value:.12g} {unit}", f"{value:.12g}")


_ASSETS: Final = Measure(
    ("资产", "assets"), lambda value: (f"{value:,.0f} 元", f"¥{value:,.0f}"), ("assets",)
)
_TRADES: Final = Measure(("近 90 天交易", "trades in 90 days"), _count("次"), ("trades_90d",))
_RISK: Final = Measure(
    ("问卷等级、保证金占用与回撤合计", "points for answers, margin and drawdown"),
    _count("分"),
    ("risk_level", "margin_usage", "drawdown"),
)
_LOYALTY: Final = Measure(
    ("开户年限、活跃与投诉合计", "points for years, activity and complaints"),
    _count("分"),
    ("opened_at", "last_active_at", "complaints_90d"),
)
_FINANCING: Final = Measure(
    ("融资比例", "financing ratio"),
    lambda value: (f"{100 * value:g}%", f"{100 * value:g}%"),
    ("financing_ratio",),
)
