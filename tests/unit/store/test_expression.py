"""What an audience may say; what is wrong is named by its place, with what would be right."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from store.audience_sql import compile_where
from store.expression import MOST_NODES, parse_expression, walk
from store.expression_field import OPERATORS, PROFILE, TIER

LEAF = {"kind": "channel", "channel": "sms"}


def _deep(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = LEAF
    for _ in range(levels):
        node = {"kind": "not", "of": node}
    return node


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({}, "kind"),
        ({"kind": "sql", "sql": "true"}, "kind"),
        ({"kind": "all", "of": []}, "of"),
        ({"kind": "all", "of": [LEAF, {"kind": "tag"}]}, "all.of.1.tag.any"),
        ({"kind": "profile", "field": "phone", "is": "in", "value": ["1"]}, "it has risk_level"),
        ({"kind": "profile", "field": "assets", "is": "within", "value": 3}, "takes above"),
        ({"kind": "profile", "field": "assets", "is": "above", "value": "many"}, "a number"),
        ({"kind": "profile", "field": "assets", "is": "above", "value": True}, "a number"),
        ({"kind": "profile", "field": "assets", "is": "above", "value": 1e300}, "a number"),
        ({"kind": "profile", "field": "assets", "is": "known", "value": 1}, "no value"),
        ({"kind": "profile", "field": "manager", "is": "in", "value": "甲"}, "a list"),
        ({"kind": "profile", "field": "manager", "is": "in", "value": []}, "a list"),
        ({"kind": "profile", "field": "manager", "is": "in", "value": ["a\0"]}, "a list"),
        ({"kind": "profile", "field": "opened_at", "is": "within", "value": 0}, "3650"),
        (
            {"kind": "profile", "field": "suitability_valid_until", "is": "from", "value": "soon"},
            "2026-12-31",
        ),
        ({"kind": "tier", "field": "assets", "is": "known"}, "it has layer"),
        ({"kind": "event", "type": "login", "days": 0}, "days"),
        ({"kind": "event", "type": "login", "days": 9, "count": 0}, "everybody"),
        ({"kind": "campaign", "campaign_id": "x"}, "campaign_id"),
        ({"kind": "channel", "channel": "sms", "more": 1}, "more"),
        (_deep(9), "deep"),
        ({"kind": "all", "of": [{"kind": "all", "of": [LEAF] * 19}] * 6}, str(MOST_NODES)),
    ],
)
def test_what_is_wrong_is_said(node: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_expression(node)
    assert said in caught.value.message
    assert caught.value.zh


def test_every_field_compiles_with_every_comparison_it_takes() -> None:
    values: dict[str, Any] = {
        **{name: ["C3"] for name in ("in", "not_in", "has_any", "has_none")},
        **dict.fromkeys(("within", "not_within", "within_next"), 3),
        **dict.fromkeys(("from", "until"), "2026-12-31"),
    }
    for kind, table in (("profile", PROFILE), ("tier", TIER)):
        for name, known in table.items():
            for operator in OPERATORS[known.type]:
                node: dict[str, Any] = {"kind": kind, "field": name, "is": operator}
                if operator not in {"known", "unknown"}:
                    node["value"] = values.get(operator, "C3" if known.type == "level" else 3)
                where = compile_where(node)
                alias = known.column.partition(".")[0]
                assert known.column in where.sql
                assert where.uses == (set() if alias == "client" else {alias})


def test_words_of_a_person_never_stand_in_the_sql() -> None:
    word = "x'; DROP TABLE client; --"
    for node in (
        {"kind": "tag", "any": [word]},
        {"kind": "event", "type": word, "days": 3},
        {"kind": "profile", "field": "manager", "is": "in", "value": [word]},
        {"kind": "consent", "category": word, "channel": word},
        {"kind": "channel", "channel": word},
    ):
        where = compile_where(node)
        assert "DROP" not in where.sql
        assert all(name.startswith("a_") for name in where.parameters)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(
                ["all", "any", "not", "profile", "tier", "tag", "event", "consent"]
            )
        },
        optional={
            **dict.fromkeys(("of", "value", "any", "days", "count", "type", "is"), _JSON),
            "field": st.sampled_from([*PROFILE, *TIER]),
        },
    )
)
def test_any_json_is_an_audience_or_is_refused(node: dict[str, Any]) -> None:
    try:
        found = list(walk(parse_expression(node)))
    except InvalidInput:
        return
    assert 1 <= len(found) <= MOST_NODES
