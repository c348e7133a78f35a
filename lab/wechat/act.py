"""What a client does on the phone, as the XML that WeChat would send for it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from kernel.errors import InvalidInput
from kernel.message import Json
from lab.wechat.account import ORIGINAL_ID

_numbers = itertools.count(time.time_ns() // 1000)
"""MsgIds: 64 bits, growing, and never twice even when the lab starts anew."""

_MENU_EVENTS = frozenset({"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg"})
_NAMES: Mapping[str, Mapping[str, str]] = {
    "text": {"text": "Content", "menu_id": "bizmsgmenuid"},
    "image": {"url": "PicUrl", "media_id": "MediaId"},
    "voice": {"media_id": "MediaId", "format": "Format", "text": "Recognition"},
    "video": {"media_id": "MediaId", "thumb_media_id": "ThumbMediaId"},
    "shortvideo": {"media_id": "MediaId", "thumb_media_id": "ThumbMediaId"},
    "location": {
        "latitude": "Location_X",
        "longitude": "Location_Y",
        "scale": "Scale",
        "label": "Label",
    },
    "link": {"title": "Title", "description": "Description", "url": "Url"},
    "miniprogrampage": {"title": "Title", "appid": "AppId", "path": "PagePath"},
}


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a client does: its XML, its MsgId (None for an event), the window it opens."""

    openid: str
    msg_id: str | None
    xml: str
    rule: str | None
    shown: Mapping[str, Json]
    event: str = ""


def parse_act(body: Mapping[str, Json], now: int) -> Act:
    """Read what a tester asks the phone to do.

    `{"openid", "text"}`, `{"openid", "type": "image", …}`, `{"openid", "event", "event_key"}` or
    `{"openid", "xml"}`; `msg_id` and `create_time` may be given to play a repeat.

    Raises:
        InvalidInput: with what would be right.
    """
    openid = body.get("openid")
    if not isinstance(openid, str) or not 1 <= len(openid) <= 64:
        raise InvalidInput("openid is missing.")
    when = body.get("create_time", now)
    if not isinstance(when, int):
        raise InvalidInput("create_time is a whole number of seconds.")
    xml = body.get("xml")
    if isinstance(xml, str):
        return Act(openid, None, xml, "message", {"msgtype": "xml"})
    if body.get("event"):
        return _build_event(body, openid, when)
    return _build_message(body, openid, when)


def _build_message(body: Mapping[str, Json], openid: str, when: int) -> Act:
    kind = str(body.get("type") or "text")
    names = _NAMES.get(kind)
    if names is None:
        raise InvalidInput(f"type is one of {', '.join(_NAMES)}.")
    if kind == "text" and not isinstance(body.get("text"), str):
        raise InvalidInput("text is missing.")
    msg_id = str(body.get("msg_id") or next(_numbers))
    parts: dict[str, Json] = {"MsgType": kind}
    parts |= {theirs: body[ours] for ours, theirs in names.items() if ours in body}
    shown: dict[str, Json] = {"msgtype": kind, "msg_id": msg_id}
    shown |= {name: body[name] for name in names if name in body}
    xml = _write(openid, when, parts, f"<MsgId>{escape(msg_id)}</MsgId>")
    return Act(openid, msg_id, xml, "menu" if body.get("menu_id") else "message", shown)


def _build_event(body: Mapping[str, Json], openid: str, when: int) -> Act:
    event = str(body["event"])
    parts: dict[str, Json] = {"MsgType": "event", "Event": event}
    if "event_key" in body:
        parts["EventKey"] = body["event_key"]
    extra = body.get("extra")
    if isinstance(extra, Mapping):
        parts |= {str(name): value for name, value in extra.items()}
    shown: dict[str, Json] = {"msgtype": "event", "event": event}
    shown["event_key"] = body.get("event_key", "")
    rule = "menu" if event.lower() in _MENU_EVENTS else None
    return Act(openid, None, _write(openid, when, parts), rule, shown, event.lower())


def _write(openid: str, when: int, parts: Mapping[str, Json], tail: str = "") -> str:
    head = {"ToUserName": ORIGINAL_ID, "FromUserName": openid}
    texts = "".join(_element(name, value) for name, value in (head | dict(parts)).items())
    return f"<xml>{texts}<CreateTime>{when}</CreateTime>{tail}</xml>"


def _element(name: str, value: Json) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(str(key), one) for key, one in value.items())
        return f"<{name}>{inner}</{name}>"
    if isinstance(value, str):
        quoted = value.replace("]]>", "]]]]><![CDATA[>")
        return f"<{name}><![CDATA[{quoted}]]></{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
