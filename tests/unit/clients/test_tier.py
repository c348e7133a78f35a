"""The rules of tiers as a document: what makes no sense in them is refused with its place."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from clients.tier import load_shipped, parse_rules, show_rules
from kernel.errors import InvalidInput
from store.tier_rule import Rules


def put(path: str, value: object) -> dict[str, Any]:
    rules: Any = show_rules(load_shipped())
    *parts, last = path.split(".")
    place = rules
    for part in parts:
        place = place[int(part)] if part.isdigit() else place[part]
    place[int(last) if last.isdigit() else last] = value
    return dict(rules)


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        ("layers.0.recency", [0, 5], "1 to 5"),
        ("layers.0.recency", [4, 3], "1 to 5"),
        ("layers.0.name", "x'; DROP TABLE client; --", "no name"),
        ("layers.0.name", "ordinary", "name of its own"),
        ("layers.4.churn_from", 0.2, "last layer"),
        ("layers", [], "1 to 30|last"),
        ("assets.0.at_least", 5, "beginning below"),
        ("assets.0.at_least", float("nan"), "number|below"),
        ("assets", [], "name"),
        ("churn.0.figure", "age", "churn.0.figure"),
        ("churn.0.weight", 1.5, "0 to 1"),
        ("churn.0.wieght", 0.5, "not known"),
        ("stage.new_days", "soon", "stage.new_days"),
        ("stage.new_days", -1, "0 to"),
        ("scores.recency", "assets", "scores.recency"),
        ("risk.levels", {"C1'": 1}, "no name"),
    ],
)
def test_rules_that_make_no_sense_are_refused_with_their_place(
    path: str, value: object, word: str
) -> None:
    with pytest.raises(InvalidInput, match=word):
        parse_rules(put(path, value))
    with pytest.raises(InvalidInput):
        parse_rules([])


def test_what_is_shown_is_what_is_read() -> None:
    assert parse_rules(show_rules(load_shipped())) == load_shipped()
    assert {one.name for one in fields(Rules)} == set(put("scores.recency", "last_trade_at"))
