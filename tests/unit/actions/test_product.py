"""The permissions by the words that clients use."""

from __future__ import annotations

import pytest

from actions.product import NAMES, parse_product, show_product
from lab.broker.account import PRODUCTS


@pytest.mark.parametrize(
    ("words", "product"),
    [
        ("gem", "gem"),
        ("创业板", "gem"),
        ("科创板", "star"),
        ("北京证券交易所", "bse"),
        ("深港通", "hk"),
        ("股票期权", "option"),
        ("两融", "margin"),
        ("ＭＡＲＧＩＮ", "margin"),
        ("原油期货", "futures_special"),
        ("special futures products", "futures_special"),
        ("月球板", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_words(words: object, product: str | None) -> None:
    assert parse_product(words) == product


def test_every_product_of_the_core_has_both_names() -> None:
    assert set(NAMES) == set(PRODUCTS)
    for product, names in NAMES.items():
        assert (show_product(product, "zh"), show_product(product, "en")) == names
        assert parse_product(names[0]) == product
        assert parse_product(names[1]) == product
