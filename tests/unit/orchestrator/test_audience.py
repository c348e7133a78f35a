"""What an audience is, said in two sentences; and audiences that are surely a slip."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.errors import InvalidInput
from orchestrator.audience import check_size, describe_language, explain
from orchestrator.audience_word import name_shipped
from store.audience import Counted
from store.expression import parse_expression

WHOLE: dict[str, Any] = {
    "kind": "all",
    "of": [
        {"kind": "profile", "field": "margin_usage", "is": "above", "value": 0.8},
        {
            "kind": "any",
            "of": [
                {"kind": "tag", "any": ["黄金", "期权"]},
                {"kind": "event", "type": "deposit_settled", "days": 30, "count": 2},
            ],
        },
        {"kind": "not", "of": {"kind": "consent", "is": "no", "channel": "sms"}},
        {"kind": "channel", "channel": "wechat"},
    ],
}


def test_an_audience_is_said_in_both_languages() -> None:
    said = explain(WHOLE)
    assert said.zh == (
        "保证金占用比例高于80%，且（标签含“黄金”、“期权”，或近30天入金到账次数不低于2），"
        "且非（在短信上拒收营销消息），且可通过微信联系的客户"
    )
    assert said.en.startswith("Clients for whom margin in use is above 80%, and (tags include")
    assert "not (the client refused marketing by SMS)" in said.en


@pytest.mark.parametrize(
    ("node", "zh"),
    [
        ({"kind": "profile", "field": "opened_at", "is": "within", "value": 7}, "在最近7天内"),
        ({"kind": "profile", "field": "manager", "is": "unknown"}, "客户经理无记录"),
        (
            {"kind": "tier", "field": "layer", "is": "in", "value": ["potential", "own"]},
            "RFM 分层是“潜力增长”、“own”",
        ),
        ({"kind": "event", "type": "login", "days": 9, "is": "at_most", "count": 0}, "没有"),
        ({"kind": "event", "type": "new_type", "days": 9}, "new_type"),
    ],
)
def test_every_kind_has_words(node: dict[str, Any], zh: str) -> None:
    assert zh in explain(node).zh


def test_what_the_builder_is_offered_is_what_the_language_takes() -> None:
    offered: Any = describe_language(name_shipped())
    for kind in ("profile", "tier"):
        for one in offered[kind]:
            for operator in one["is"]:
                assert operator in offered["operators"]
                if operator in {"known", "unknown"}:
                    parse_expression({"kind": kind, "field": one["field"], "is": operator})


def test_nobody_and_everybody_are_refused() -> None:
    check_size(Counted(1, 2))
    for counted in (Counted(0, 5), Counted(5, 5)):
        with pytest.raises(InvalidInput) as caught:
            check_size(counted)
        assert caught.value.zh
