"""Conditions: what they hold for, and what is said of those that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from orchestrator.condition import Facts, parse_condition, parse_operand
from orchestrator.journey import list_fields

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FIELDS = list_fields("drawdown")
FACTS: Facts = {
    "event": {"ratio": 0.25},
    "figure": {"assets": 120_000.0, "first_deposit_at": NOW - timedelta(days=3)},
    "tier": {"layer": "流失风险客户"},
    "client": {"instruments": ["IF", "rb"], "tags": [], "risk_level": "C3"},
}


@pytest.mark.parametrize(
    "text",
    [
        "event.ratio > 20%",
        "event.ratio >= 0.25 and event.ratio <= 25%",
        "tier.layer = '流失风险客户'",
        'tier.layer != "普通客户"',
        "client.risk_level in ['C1', 'C2', 'C3']",
        "client.instruments has 'IF'",
        "not client.instruments has 'cu'",
        "client.tags is not set",
        "event.days is not set or event.days <= 1",
        "days_since(figure.first_deposit_at) >= 3",
        "event.ratio > 90% or (figure.assets > 1 and not tier.layer = 'x')",
        # and binds stronger than or
        "event.ratio > 20% or event.ratio > 90% and event.ratio > 95%",
    ],
)
def test_holds(text: str) -> None:
    assert parse_condition(text, FIELDS).holds(FACTS, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "event.ratio > 25%",
        "event.days > 0",
        "event.days <= 0",
        "event.days != 3",
        "figure.margin_usage < 1",
        "days_since(figure.last_trade_at) > 0",
        "client.tags has 'vip'",
        "tier.stage in ['new']",
        "not (event.ratio > 20%)",
    ],
)
def test_does_not_hold_and_what_is_unknown_is_neither_more_nor_less(text: str) -> None:
    assert not parse_condition(text, FIELDS).holds(FACTS, NOW)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("event.amount_fen > 3", "There is no field event.amount_fen; there are event.ratio"),
        ("event.ratio > 'much'", "should be a number, not a text"),
        ("tier.layer > 'a'", "should be a number, not a text"),
        ("tier.layer has 'a'", "should be a list"),
        ("event.ratio", "should be a comparison where the end is"),
        ("event.ratio > 1 event.ratio", "should be and, or, or the end"),
        ("(event.ratio > 1", r"should be \)"),
        ("event.ratio > 1 and", "should be a field"),
        ("days_since(tier.layer) > 3", "should be a moment"),
        ("client.risk_level in ['C1' 'C2']", "should be ,"),
        ("__import__('os')", "should be a field"),
        ("event.ratio > 1; drop", "cannot be read"),
        ("", "1 to 500 characters"),
        ("x" * 501, "1 to 500 characters"),
        ("(" * 30 + "event.ratio > 1" + ")" * 30, "too deeply"),
        ("not " * 60 + "event.ratio > 1", "too deeply"),
    ],
)
def test_what_cannot_be_read_is_said_with_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        parse_condition(text, FIELDS)
    assert caught.value.zh != InvalidInput.message_zh


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_condition(text, FIELDS).holds(FACTS, NOW)
    except InvalidInput:
        return


numbers = st.integers(0, 100)


@given(a=numbers, b=numbers, sign=st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_comparisons_are_those_of_numbers(a: int, b: int, sign: str) -> None:
    facts = {"event": {"ratio": a}}
    wanted = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b, "!=": a != b}
    assert parse_condition(f"event.ratio {sign} {b}", FIELDS).holds(facts, NOW) == wanted[sign]


def test_it_says_at_what_it_looks() -> None:
    condition = parse_condition("event.ratio > 1 or tier.layer = 'x'", FIELDS)
    assert condition.spaces == {"event", "tier"}


def test_an_operand_fills_a_place() -> None:
    assert parse_operand("client.instruments", FIELDS).evaluate(FACTS, NOW) == ["IF", "rb"]
    with pytest.raises(InvalidInput, match="no field"):
        parse_operand("client.phone", FIELDS)
