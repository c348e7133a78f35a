"""Checks messages as WeCom does: types, lengths, menus.

Source: developer.work.weixin.qq.com/document/path/94677 (微信客服), 90236 (应用消息), 91770
(群机器人).
"""

from __future__ import annotations

from collections.abc import Mapping

from kernel.message import Json
from lab.wecom.code import Wrong

TEXT_LIMIT = 2048
MARKDOWN_LIMIT = 4096
HEAD_LIMIT = 1024
ENTRY_LIMIT = 128
MOST_ENTRIES = 50
_MEDIA = frozenset({"image", "voice", "video", "file"})
_OTHER = frozenset({"link", "miniprogram", "location"})


def check_message(body: Mapping[str, Json]) -> None:
    """Raise Wrong unless `body` holds a message that a kf account may send."""
    msgtype = str(body.get("msgtype", ""))
    part = body.get(msgtype)
    if not isinstance(part, Mapping) or not part:
        raise Wrong(40008)
    if msgtype == "text":
        _check_words(part.get("content"), TEXT_LIMIT)
    elif msgtype == "msgmenu":
        _check_menu(part)
    elif msgtype in _MEDIA:
        if not str(part.get("media_id", "")).startswith("lab-media-"):
            raise Wrong(40058, "media_id")
    elif msgtype not in _OTHER:
        raise Wrong(40008)


def check_text(body: Mapping[str, Json]) -> None:
    """Raise Wrong unless `body` holds a text or markdown for employees."""
    msgtype = str(body.get("msgtype", ""))
    part = body.get(msgtype)
    if msgtype not in {"text", "markdown"} or not isinstance(part, Mapping):
        raise Wrong(40008)
    _check_words(part.get("content"), TEXT_LIMIT if msgtype == "text" else MARKDOWN_LIMIT)


def _check_words(content: Json, limit: int) -> None:
    if not isinstance(content, str) or not content.strip():
        raise Wrong(44004)
    if len(content.encode()) > limit:
        raise Wrong(45002)


def _check_menu(menu: Mapping[str, Json]) -> None:
    for name in ("head_content", "tail_content"):
        if len(str(menu.get(name, "")).encode()) > HEAD_LIMIT:
            raise Wrong(45002)
    entries = menu.get("list")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_ENTRIES:
        raise Wrong(95008)
    for entry in entries:
        kind = entry.get("type") if isinstance(entry, Mapping) else None
        click = entry.get(str(kind)) if isinstance(entry, Mapping) else None
        if kind not in {"click", "view", "miniprogram", "text"} or not isinstance(click, Mapping):
            raise Wrong(95009)
        if kind == "click" and not all(
            0 < len(str(click.get(name, "")).encode()) <= ENTRY_LIMIT for name in ("id", "content")
        ):
            raise Wrong(40058, "click")
