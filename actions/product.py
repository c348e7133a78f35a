"""The seven permissions: their names in both languages, and the words by which they are known."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import cast

from clients.account import Product

NAMES: Mapping[Product, tuple[str, str]] = {
    "gem": ("创业板", "ChiNext"),
    "star": ("科创板", "STAR Market"),
    "bse": ("北交所", "Beijing Stock Exchange"),
    "hk": ("港股通", "Stock Connect"),
    "option": ("股票期权", "stock options"),
    "margin": ("融资融券", "margin trading"),
    "futures_special": ("期货特殊品种", "special futures products"),
}

_WORDS: Mapping[Product, tuple[str, ...]] = {
    "futures_special": (
        "特殊品种", "特定品种", "原油期货", "股指期货", "special futures", "crude oil",
    ),
    "gem": ("创业板", "創業板", "chinext", "gem"),
    "star": ("科创", "科創", "star"),
    "bse": ("北交所", "北證", "北证", "北京证券", "beijing", "bse"),
    "hk": ("港股", "深港通", "沪港通", "stock connect", "hong kong"),
    "margin": ("两融", "兩融", "融资", "融券", "融資", "信用账户", "margin"),
    "option": ("期权", "期權", "option"),
}  # fmt: skip


def parse_product(value: object) -> Product | None:
    """Read a product from its code or from a client's words; None if it is none of the seven."""
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip().lower()
    if text in NAMES:
        return cast("Product", text)
    return next(
        (product for product, words in _WORDS.items() if any(word in text for word in words)), None
    )


def show_product(product: Product, language: str) -> str:
    """Return the product's name."""
    return NAMES[product][language == "en"]
