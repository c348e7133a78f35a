"""The broker's own figures in an article: `{{broker.hotline|客服电话}}`.

What the broker has filled in (ZHIDA_FIGURES) replaces the placeholder; what is still
missing shows as 【客服电话】, so that nobody mistakes an invented figure for a promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_FIGURE = re.compile(r"\{\{ *broker\.([a-z0-9_]+) *\| *([^{}|]+?) *\}\}")


def fill_figures(body: str, figures: Mapping[str, str]) -> str:
    """Return the text with the broker's figures, or their labels in 【】 where there is none."""
    return _FIGURE.sub(lambda found: figures.get(found[1]) or f"【{found[2]}】", body)


def find_figures(bodies: Iterable[str]) -> dict[str, str]:
    """Return the names of all placeholders in some texts, each with the first label it has."""
    found: dict[str, str] = {}
    for body in bodies:
        for name, label in _FIGURE.findall(body):
            found.setdefault(name, label)
    return found


def find_misspelt(body: str) -> list[str]:
    """Return whatever stands between double braces and is not a placeholder as above."""
    braces = re.findall(r"\{\{.*?\}\}", body, re.DOTALL)
    return [text for text in braces if not _FIGURE.fullmatch(text)]
