"""The words that fields of an audience may hold, with their names, from the rules of tiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from clients.tier import CREDIT_WORDS, STAGES, load_shipped
from store.tier_rule import Band, Layer, Rules


class Said(NamedTuple):
    """A sentence or a word in both languages."""

    zh: str
    en: str


Words: TypeAlias = Mapping[str, Mapping[str, Said]]
"""The known words by the field's name (`layer`, `risk_level` …)."""

_PLAIN: Final[Words] = {
    "risk_level": {name: Said(name, name) for name in ("C1", "C2", "C3", "C4", "C5")},
    "investor_class": {
        "ordinary": Said("普通投资者", "ordinary investor"),
        "professional": Said("专业投资者", "professional investor"),
    },
}


def name_words(rules: Rules) -> Words:
    """Return the words of every field that has a known set of them, by these rules."""
    style = {name: CREDIT_WORDS[name] for name in ("active", "passive")}
    term = {name: CREDIT_WORDS[name] for name in ("short", "long")}
    return {
        **_PLAIN,
        "layer": _name(rules.layers),
        "asset_band": _name(rules.assets),
        "frequency_band": _name(rules.frequency),
        "risk_band": _name(rules.risk.bands),
        "loyalty_band": _name(rules.loyalty.bands),
        "credit_risk": _name(rules.credit.risk),
        "credit_size": _name(rules.credit.size),
        "credit_term": {name: Said(*said) for name, said in term.items()},
        "credit_style": {name: Said(*said) for name, said in style.items()},
        "stage": {name: Said(*said) for name, said in STAGES.items()},
    }


@cache
def name_shipped() -> Words:
    """Return the words by the rules as they were shipped."""
    return name_words(load_shipped())


def _name(bands: Iterable[Band | Layer]) -> Mapping[str, Said]:
    return {one.name: Said(one.zh, one.en) for one in bands}
