"""Shows a message the way WeChat can: one text, cut by bytes, with buttons where there are any."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote as quote_url

from channels.wechat.choice import has_chinese, list_choices, name_choice
from channels.wechat.markup import Node, render
from kernel.message import TEMPLATE, Card, Content, Json, Outbound

TEXT_LIMIT = 2048
"""Bytes of UTF-8; more is answered by 45002."""

LINKS_LIMIT = 1200
"""Bytes that links may take of a passive text; beyond it the buttons become a numbered list."""

_MEDIA = {"image": "image", "voice": "voice", "video": "video"}


def render_custom(outbound: Outbound) -> dict[str, Json]:
    """Return the body for `message/custom/send`: text, msgmenu, or a media message."""
    content = outbound.content
    body: dict[str, Json] = {"touser": outbound.address.address}
    media_id = (content.media or {}).get("id", "")
    if content.kind in _MEDIA and media_id:
        kind = _MEDIA[content.kind]
        return body | {"msgtype": kind, kind: {"media_id": media_id}}
    choices = list_choices(content)
    if not choices:
        return body | {"msgtype": "text", "text": {"content": show_text(content)}}
    entries: list[Json] = [
        {"id": name_choice(outbound.seq, place, choice), "content": choice["title"]}
        for place, choice in enumerate(choices)
    ]
    spent = sum(len(choice["title"].encode()) + 24 for choice in choices)
    head = cut(show_text(content), TEXT_LIMIT - spent) + "\n"
    menu: dict[str, Json] = {"head_content": head, "list": entries, "tail_content": ""}
    return body | {"msgtype": "msgmenu", "msgmenu": menu}


def find_template(content: Content) -> tuple[str, Mapping[str, Json]] | None:
    """Return the template that a message names, and the values of its fields."""
    wanted = content.hints.get(TEMPLATE)
    if not isinstance(wanted, Mapping):
        return None
    code, values = wanted.get("code"), wanted.get("values")
    return (code, values) if isinstance(code, str) and isinstance(values, Mapping) else None


def render_passive(outbound: Outbound, *, sender: str, at: datetime) -> str:
    """Return the XML of a passive reply; buttons become links that say their title when tapped.

    Source of the link: developers.weixin.qq.com, 客服消息 msgmenu, `weixin://bizmsgmenu`.
    """
    content = outbound.content
    shared: dict[str, Node] = {
        "ToUserName": outbound.address.address,
        "FromUserName": sender,
        "CreateTime": int(at.timestamp()),
    }
    media_id = (content.media or {}).get("id", "")
    if content.kind in _MEDIA and media_id:
        inner: Mapping[str, Node] = {"MediaId": media_id}
        return render("xml", shared | {"MsgType": content.kind, content.kind.title(): inner})
    text = _with_links(show_text(content), outbound)
    return render("xml", shared | {"MsgType": "text", "Content": text})


def show_text(content: Content) -> str:
    """Return the one text of a message: its words, its card as lines, its source, cut to fit."""
    parts = [content.text.strip()]
    if content.card:
        parts.append(_show_card(content.card))
    title = (content.article or {}).get("title")
    if title:
        parts.append(f"来源：{title}" if has_chinese(content.text) else f"Source: {title}")
    return cut("\n\n".join(part for part in parts if part) or "……", TEXT_LIMIT)


def cut(text: str, limit: int) -> str:
    """Shorten a text to `limit` bytes of UTF-8 without breaking a character; `…` marks the cut."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return raw.decode("utf-8")
    mark = "…".encode()
    kept = raw[: max(0, limit - len(mark))].decode("utf-8", "ignore")
    return kept.rstrip("\u200d\ufe0f") + mark.decode()


def _with_links(text: str, outbound: Outbound) -> str:
    lines = []
    for place, choice in enumerate(list_choices(outbound.content)):
        number = quote_url(name_choice(outbound.seq, place, choice), safe="")
        title = _plain(choice["title"])
        address = f"weixin://bizmsgmenu?msgmenucontent={quote_url(title)}&msgmenuid={number}"
        lines.append(f'<a href="{address}">{title}</a>')
    tail = "\n\n" + "\n".join(lines) if lines else ""
    if len(tail.encode()) > LINKS_LIMIT:
        titles = [_plain(choice["title"]) for choice in list_choices(outbound.content)]
        tail = "\n\n" + "\n".join(f"{n}. {title}" for n, title in enumerate(titles, 1))
        tail = cut(tail, LINKS_LIMIT)
    return cut(text, TEXT_LIMIT - len(tail.encode())) + tail


def _show_card(card: Card) -> str:
    rows = [f"{row['label']}：{row['value']}" for row in card.get("rows", [])]
    parts = [card.get("title", ""), *rows, card.get("note", "")]
    return "\n".join(part for part in parts if part)


def _plain(title: str) -> str:
    return title.replace("<", "＜").replace(">", "＞").replace('"', "”")
