"""What a mail says, as lines of plain text."""

from __future__ import annotations

from kernel.message import Card, Content

EMPTY = "……"


def list_lines(content: Content) -> list[str]:
    """Return the paragraphs of a message: its words, its card, its choices, its source."""
    parts = [content.text.strip()]
    if content.card:
        parts.append(_show_card(content.card))
    if content.choices:
        parts.append(_show_choices(content))
    source = show_source(content)
    if source:
        parts.append(source)
    link = (content.media or {}).get("url", "")
    if link:
        parts.append(link)
    return [part for part in parts if part] or [EMPTY]


def ask_to_choose(content: Content) -> str:
    """Return the sentence over the choices, in the language of the message."""
    if has_chinese(content.text):
        return "请点击或直接回复序号："
    return "Click, or reply with a number:"


def show_source(content: Content) -> str:
    """Return the line that names the article, empty without one."""
    title = (content.article or {}).get("title", "")
    if not title:
        return ""
    return f"来源：{title}" if has_chinese(content.text) else f"Source: {title}"


def has_chinese(text: str) -> bool:
    """Tell whether a text holds a Chinese character; an empty one counts as Chinese."""
    return not text or any("\u4e00" <= one <= "\u9fff" for one in text)


def _show_card(card: Card) -> str:
    rows = [f"{row['label']}：{row['value']}" for row in card.get("rows", [])]
    parts = [card.get("title", ""), *rows, card.get("note", "")]
    return "\n".join(part for part in parts if part)


def _show_choices(content: Content) -> str:
    titles = [f"{n}. {choice['title']}" for n, choice in enumerate(content.choices, 1)]
    return "\n".join([ask_to_choose(content), *titles])
