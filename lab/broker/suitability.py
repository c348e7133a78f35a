"""Who may open what: the demo core's reading of the exchanges' suitability rules.

The figures are those of the named rules as commonly published; a broker's own core decides
with its own table, this one only has to be plausible and complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lab.broker.account import Account

_WAN = 10_000_00


@dataclass(frozen=True, slots=True)
class Condition:
    """One rule held against one client; texts are Chinese, ready to be shown."""

    rule: str
    required: str
    actual: str
    met: bool
    source: str


Check = Callable[[Account, str], Condition]


def _assets(minimum_wan: int) -> Check:
    def check(account: Account, source: str) -> Condition:
        actual = account.record.assets_20d_fen
        return Condition(
            "前20个交易日日均资产", f"不低于{minimum_wan}万元", f"{actual / _WAN:.1f}万元",
            actual >= minimum_wan * _WAN, source,
        )  # fmt: skip

    return check


def _free_funds(minimum_wan: int) -> Check:
    def check(account: Account, source: str) -> Condition:
        actual = account.record.free_funds_5d_fen
        return Condition(
            "前5个交易日每日可用资金", f"不低于{minimum_wan}万元", f"{actual / _WAN:.1f}万元",
            actual >= minimum_wan * _WAN, source,
        )  # fmt: skip

    return check


def _experience(months: int) -> Check:
    def check(account: Account, source: str) -> Condition:
        actual = account.record.months_trading
        return Condition(
            "参与证券交易时间", f"满{months}个月", f"{actual}个月", actual >= months, source
        )

    return check


def _risk(minimum: str) -> Check:
    def check(account: Account, source: str) -> Condition:
        valid = account.record.risk_test_valid
        actual = account.risk_level if valid else f"{account.risk_level}（测评已过期）"
        return Condition(
            "风险承受能力等级", f"{minimum}及以上且在有效期内", actual,
            valid and account.risk_level >= minimum, source,
        )  # fmt: skip

    return check


def _knowledge(minimum: int) -> Check:
    def check(account: Account, source: str) -> Condition:
        actual = account.record.test_score
        return Condition(
            "知识测试", f"{minimum}分及以上", f"{actual}分" if actual else "未参加",
            actual >= minimum, source,
        )  # fmt: skip

    return check


def _simulation(days: int) -> Check:
    def check(account: Account, source: str) -> Condition:
        actual = account.record.simulated_days
        return Condition(
            "仿真交易经历", f"累计{days}个交易日", f"{actual}个交易日", actual >= days, source
        )

    return check


_RULES: Mapping[str, tuple[str, tuple[Check, ...]]] = {
    "gem": (
        "深圳证券交易所创业板投资者适当性管理实施办法（2020年修订）",
        (_assets(10), _experience(24), _risk("C3")),
    ),
    "star": (
        "上海证券交易所科创板股票交易特别规定",
        (_assets(50), _experience(24), _risk("C4")),
    ),
    "bse": (
        "北京证券交易所投资者适当性管理办法",
        (_assets(50), _experience(24), _risk("C4")),
    ),
    "hk": (
        "上海证券交易所港股通投资者适当性管理指引",
        (_assets(50), _risk("C4"), _knowledge(80)),
    ),
    "option": (
        "上海证券交易所股票期权试点投资者适当性管理指引",
        (_assets(50), _experience(6), _knowledge(80), _simulation(10), _risk("C4")),
    ),
    "margin": (
        "证券公司融资融券业务管理办法",
        (_assets(50), _experience(6), _risk("C4")),
    ),
    "futures_special": (
        "期货交易所交易者适当性制度",
        (_free_funds(10), _knowledge(80), _simulation(10)),
    ),
}


def check_conditions(account: Account, product: str) -> tuple[Condition, ...]:
    """Hold the client against each condition of the product, met or not."""
    source, checks = _RULES[product]
    return tuple(check(account, source) for check in checks)
