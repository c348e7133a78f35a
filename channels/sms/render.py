"""Shows a message as one SMS can: plain text, a card as lines, choices with numbers to type."""

from __future__ import annotations

from collections.abc import Mapping

from channels.sms.carrier import Template
from channels.sms.segment import count_parts, cut, measure
from kernel.message import TEMPLATE, Card, Content, Json

MOST_PARTS = 10
"""Handsets and carriers put ten parts together reliably; more may arrive torn."""


def render_text(content: Content) -> str:
    """Return the text of an SMS, cut to ten parts; empty if there is nothing to say.

    The choices keep their place at the end, numbered from 1: the assistant takes a typed
    number for the choice of that number.
    """
    parts = [content.text.strip(), _show_card(content.card) if content.card else ""]
    body = "\n".join(part for part in parts if part)
    lines = [f"{n}. {one['title']}" for n, one in enumerate(content.choices, 1)]
    tail = "\n" + "\n".join(lines) if lines else ""
    if measure(body + tail).count <= MOST_PARTS:
        return (body + tail).strip()
    room = MOST_PARTS - measure(tail).count
    return (cut(body, max(1, room)) + tail).strip() if room > 0 else cut(body, MOST_PARTS)


def count_render(content: Content) -> int:
    """Return how many parts the SMS takes; a template is taken for as long as our words."""
    if content.card or content.choices:
        return count_parts(render_text(content))
    return min(MOST_PARTS, count_parts(content.text.strip()))


def find_template(content: Content) -> Template | None:
    """Return the template that a message asks for, if it does."""
    wanted = content.hints.get(TEMPLATE)
    if not isinstance(wanted, Mapping):
        return None
    code, values = wanted.get("code"), wanted.get("values", {})
    if not isinstance(code, str) or not isinstance(values, Mapping):
        return None
    return Template(code, {str(name): _say(value) for name, value in values.items()})


def _say(value: Json) -> str:
    return value if isinstance(value, str) else str(value)


def _show_card(card: Card) -> str:
    rows = [f"{row['label']}：{row['value']}" for row in card.get("rows", [])]
    parts = [card.get("title", ""), *rows, card.get("note", "")]
    return "\n".join(part for part in parts if part)
