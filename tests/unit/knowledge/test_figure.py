"""The broker's figures: filled in where known, shown as missing where not."""

from __future__ import annotations

from knowledge.figure import fill_figures, find_figures, find_misspelt

BODY = "致电 {{broker.hotline|客服电话}}，限额 {{ broker.daily_limit | 单日限额 }}。"


def test_known_figures_are_filled_and_missing_ones_are_shown() -> None:
    assert fill_figures(BODY, {"hotline": "95555"}) == "致电 95555，限额 【单日限额】。"
    assert fill_figures(BODY, {"hotline": ""}) == "致电 【客服电话】，限额 【单日限额】。"


def test_placeholders_are_listed_with_their_labels() -> None:
    assert find_figures([BODY, "{{broker.hotline|hotline}}"]) == {
        "hotline": "客服电话",
        "daily_limit": "单日限额",
    }


def test_misspelt_placeholders_are_found() -> None:
    assert find_misspelt(BODY) == []
    assert find_misspelt("{{hotline|电话}} {{broker.a}} {{broker.A|x}}") == [
        "{{hotline|电话}}",
        "{{broker.a}}",
        "{{broker.A|x}}",
    ]
