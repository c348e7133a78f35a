"""Shows a message the way 微信客服 can: one text, a menu of buttons, or a media file.

Source: developer.work.weixin.qq.com/document/path/94677 (发送消息): text up to 2048 bytes, a
menu's head up to 1024, an entry's id and title up to 128 each.
"""

from __future__ import annotations

from channels.wechat.choice import list_choices, name_choice
from channels.wechat.render import TEXT_LIMIT, cut, show_text
from kernel.message import Choice, Content, Json, Outbound

HEAD_LIMIT = 1024
TITLE_LIMIT = 128
_MEDIA = frozenset({"image", "voice", "video", "file"})


def render(outbound: Outbound) -> dict[str, Json]:
    """Return `msgtype` and its part of the body for `kf/send_msg`.

    A text that is too long for a menu's head is sent whole, with its buttons as numbered lines:
    the assistant takes a number typed under a list for that choice.
    """
    content = outbound.content
    media_id = (content.media or {}).get("id", "")
    if content.kind in _MEDIA and media_id:
        return {"msgtype": content.kind, content.kind: {"media_id": media_id}}
    words, choices = show_text(content), list_choices(content)
    if not choices:
        return _text(words)
    if len(words.encode()) > HEAD_LIMIT:
        return _text(_with_numbers(words, content))
    entries: list[Json] = [
        _entry(name_choice(outbound.seq, place, choice), choice)
        for place, choice in enumerate(choices)
    ]
    menu: dict[str, Json] = {"head_content": words, "list": entries}
    return {"msgtype": "msgmenu", "msgmenu": menu}


def _text(words: str) -> dict[str, Json]:
    return {"msgtype": "text", "text": {"content": words}}


def _entry(name: str, choice: Choice) -> dict[str, Json]:
    click: dict[str, Json] = {
        "id": cut(name, TITLE_LIMIT),
        "content": cut(choice["title"], TITLE_LIMIT),
    }
    return {"type": "click", "click": click}


def _with_numbers(words: str, content: Content) -> str:
    lines = [f"{n}. {choice['title']}" for n, choice in enumerate(content.choices, 1)]
    tail = "\n\n" + cut("\n".join(lines), TEXT_LIMIT // 2) if lines else ""
    return cut(words, TEXT_LIMIT - len(tail.encode())) + tail
