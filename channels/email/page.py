"""What a mail says, as HTML that every mail program shows: tables and inline styles, no picture."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from channels.email.words import EMPTY, ask_to_choose, show_source
from kernel.message import Card, Content

_FONT = "font:15px/1.7 -apple-system,'PingFang SC','Microsoft YaHei',Arial,sans-serif;color:#1f2329"
_FRAME = (
    '<!doctype html><html><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"></head>'
    f'<body style="margin:0;padding:16px;background:#ffffff"><div style="max-width:600px;{_FONT}">'
    "{inside}</div></body></html>"
)
_CELL = "padding:6px 12px;border-bottom:1px solid #e5e6eb"
_GREY = "color:#8f959e;font-size:13px"


def draw_page(content: Content, name: str, *, reply_to: str | None, unsubscribe: str | None) -> str:
    """Return the HTML of a message; everything that somebody wrote is escaped."""
    parts = [_draw_text(content)]
    if content.card:
        parts.append(_draw_card(content.card))
    if content.choices:
        parts.append(_draw_choices(content, reply_to))
    source = show_source(content)
    if source:
        parts.append(f'<p style="{_GREY}">{escape(source)}</p>')
    link = (content.media or {}).get("url", "")
    if link.startswith(("https://", "http://")):
        parts.append(f'<p><a href="{escape(link)}">{escape(link)}</a></p>')
    foot = escape(name)
    if unsubscribe:
        foot += f' · <a href="{escape(unsubscribe)}" style="{_GREY}">退订此类邮件 · Unsubscribe</a>'
    parts.append(f'<p style="{_GREY};border-top:1px solid #e5e6eb;padding-top:8px">{foot}</p>')
    return _FRAME.replace("{inside}", "".join(parts))


def _draw_text(content: Content) -> str:
    has_more = content.card or content.choices or content.media
    text = content.text.strip() or ("" if has_more else EMPTY)
    paragraphs = [escape(one).replace("\n", "<br>") for one in text.split("\n\n") if one.strip()]
    return "".join(f"<p>{one}</p>" for one in paragraphs)


def _draw_card(card: Card) -> str:
    title = card.get("title", "")
    head = f'<tr><th colspan="2" align="left" style="{_CELL}">{escape(title)}</th></tr>'
    rows = "".join(
        f'<tr><td style="{_CELL};{_GREY}">{escape(row["label"])}</td>'
        f'<td align="right" style="{_CELL}">{escape(row["value"])}</td></tr>'
        for row in card.get("rows", [])
    )
    note = card.get("note", "")
    tail = f'<p style="{_GREY}">{escape(note)}</p>' if note else ""
    style = "border-collapse:collapse;border:1px solid #e5e6eb"
    return f'<table style="{style}">{head if title else ""}{rows}</table>{tail}'


def _draw_choices(content: Content, reply_to: str | None) -> str:
    """List the choices; a click opens a reply with the choice's number in it."""
    entries = []
    for number, choice in enumerate(content.choices, 1):
        title = escape(choice["title"])
        if reply_to:
            link = f"mailto:{quote(reply_to, safe='@+.')}?body={number}"
            title = f'<a href="{escape(link)}">{title}</a>'
        entries.append(f"<li>{title}</li>")
    return f"<p>{escape(ask_to_choose(content))}</p><ol>{''.join(entries)}</ol>"
