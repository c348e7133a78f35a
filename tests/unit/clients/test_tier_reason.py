"""Why a client is in their tiers: each says the rule that led there, and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clients.tier import STAGES, load_shipped
from clients.tier_reason import explain, explain_churn
from store.tier import TierRow

RULES = load_shipped()
ROW = TierRow(
    recency=5,
    frequency=4,
    monetary=5,
    layer="active_high_value",
    asset_band="core",
    frequency_band="medium",
    risk_band="unknown",
    loyalty_band="steady",
    credit_risk="high",
    credit_term="short",
    credit_size="medium",
    credit_style="active",
    stage="growing",
    churn_risk=0.35,
    churn_reasons=("large_loss", "margin_strain"),
    computed_at=datetime(2026, 11, 22, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("tier", "rule", "figures"),
    [
        ("layer", "近度 4–5 分，频度 4–5 分，额度 4–5 分", ("recency", "frequency", "monetary")),
        ("asset_band", "资产不低于 1,000,000 元", ("assets",)),
        ("frequency_band", "近 90 天交易不低于 10 次，低于 60 次", ("trades_90d",)),
        (
            "risk_band",
            "问卷等级、保证金占用与回撤合计低于 0.5 分",
            ("risk_level", "margin_usage", "drawdown"),
        ),
        ("credit_risk", "融资比例不低于 70%", ("financing_ratio",)),
        ("credit_size", "资产不低于 500,000 元，低于 5,000,000 元", ("assets",)),
        ("credit_term", "平均持仓不足 30 天", ("holding_days",)),
        ("credit_style", "近 90 天交易不少于 20 次", ("trades_90d",)),
    ],
)
def test_a_tier_says_its_own_rule(tier: str, rule: str, figures: tuple[str, ...]) -> None:
    why = explain(ROW, RULES)[tier]
    assert (why.rule[0], why.figures) == (rule, figures)


def test_layers_say_the_risk_that_leads_there_or_that_no_other_fits() -> None:
    said = {
        layer: explain(replace(ROW, layer=layer), RULES)["layer"].rule[0]
        for layer in ("churn_risk", "ordinary")
    }
    assert said == {"churn_risk": "流失风险不低于 50%", "ordinary": "不符合其他各层"}


def test_every_stage_has_a_rule() -> None:
    rules = {explain(replace(ROW, stage=stage), RULES)["stage"].rule for stage in STAGES}
    assert len(rules) == len(STAGES)
    assert explain(ROW, RULES)["stage"].rule[0] == "入金或开户 90 至 730 天"


def test_without_margin_trading_nothing_is_said_of_it() -> None:
    none = replace(ROW, credit_risk=None, credit_term=None, credit_size=None, credit_style=None)
    assert not [name for name in explain(none, RULES) if name.startswith("credit")]


def test_what_the_rules_no_longer_know_has_no_reason() -> None:
    assert "asset_band" not in explain(replace(ROW, asset_band="gone"), RULES)
    assert "layer" not in explain(replace(ROW, layer="gone"), RULES)


def test_reasons_to_leave_weigh_what_the_rules_say() -> None:
    assert explain_churn(ROW, RULES) == {
        "large_loss": ("drawdown", 0.25),
        "margin_strain": ("margin_usage", 0.1),
    }
    silent = replace(ROW, churn_reasons=("silent", "unfunded"))
    assert {one for one, _ in explain_churn(silent, RULES).values()} == {
        "last_active_at",
        "opened_at",
    }
