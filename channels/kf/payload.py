"""Turns what 微信客服 hands out into the house's words.

Source: developer.work.weixin.qq.com/document/path/94670 (接收消息). A message type that nobody
documented is kept as a message that we cannot read; such an event is UnknownEvent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from channels.wechat.choice import parse_choice_id
from kernel.errors import Malformed, UnknownEvent
from kernel.message import (
    REPLY_CODE,
    TEXT_LIMIT,
    Address,
    Content,
    Inbound,
    InboundKind,
    Json,
    Media,
    Receipt,
)

MESSAGE_RULE: Final = "kf_message"
"""Whatever a client says opens five messages within 48 hours."""

Fields: TypeAlias = Mapping[str, Json]

WELCOME_WITHIN: Final = timedelta(seconds=20)
"""How long a welcome_code lives (path/95122)."""
_CLIENT, _SYSTEM = 3, 4
"""Values of `origin`; 5 is a person inside WeCom."""
_ABOUT_CLIENTS: Final = frozenset({"enter_session", "session_status_change", "user_recall_msg"})
_ABOUT_STAFF: Final = frozenset(
    {"servicer_status_change", "servicer_recall_msg", "reject_customer_msg_switch_change"}
)
_FAILURES: Final = {
    0: "unknown reason",
    1: "the kf account was deleted",
    2: "the application was closed",
    4: "the session is older than 48 hours",
    5: "the session was closed",
    6: "more than five messages",
    7: "the video channel is not bound",
    8: "the corporation is not verified",
    10: "the client refuses messages",
    11: "nobody of the corporation has signed in to WeCom",
    12: "a type that a kf component may not send",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a page was pulled: our name of the account, its id there, and when."""

    account: str
    open_kfid: str
    received_at: datetime


def parse(item: Fields, origin: Origin) -> Inbound | Receipt | None:
    """Read one entry of a page; None for what is about the broker's own people.

    Raises:
        Malformed: a field that every entry has is missing or is not what it must be.
        UnknownEvent: an event that nobody documented.
    """
    msgid = _read_id(item, "msgid")
    if item.get("open_kfid", origin.open_kfid) not in (origin.open_kfid, ""):
        raise Malformed("The message is of another kf account.")
    if item.get("msgtype") == "event":
        return _parse_event(item, _part(item, "event"), msgid, origin)
    if item.get("origin") != _CLIENT:
        return None
    return _parse_message(item, msgid, origin)


def _parse_message(item: Fields, msgid: str, origin: Origin) -> Inbound:
    subtype = _clean(str(item.get("msgtype", "")))[:64]
    content = _READERS.get(subtype, _read_unknown)(_part(item, subtype), subtype)
    menu_id = _say(_part(item, "text"), "menu_id") if subtype == "text" else ""
    picked = parse_choice_id(menu_id)
    return Inbound(
        address=_read_address(item, origin),
        dedup_key=msgid,
        kind=InboundKind.MESSAGE,
        content=replace(content, hints={"choice": menu_id}) if picked else content,
        received_at=origin.received_at,
        subtype=subtype,
        external_id=msgid,
        provider_at=_read_time(item),
        menu_payload=menu_id if menu_id and picked is None else None,
        window_rule=MESSAGE_RULE,
        verified_by="pull",
        raw=json.dumps(item).encode(),
    )


def _parse_event(
    item: Fields, event: Fields, msgid: str, origin: Origin
) -> Inbound | Receipt | None:
    name = str(event.get("event_type", ""))
    if name == "msg_send_fail":
        return _parse_failure(event, msgid, origin, _read_time(item))
    if name in _ABOUT_STAFF:
        return None
    if name not in _ABOUT_CLIENTS:
        raise UnknownEvent(f"The event {name[:64]!r} is not one that we know; it was counted.")
    at = _read_time(item)
    return Inbound(
        address=_read_address({**item, **event}, origin),
        dedup_key=msgid,
        kind=InboundKind.EVENT,
        content=Content(kind="event", hints=_read_hints(name, event, origin.received_at - at)),
        received_at=origin.received_at,
        subtype=name,
        external_id=msgid,
        provider_at=at,
        verified_by="pull",
        raw=json.dumps(item).encode(),
    )


def _read_hints(name: str, event: Fields, age: timedelta) -> dict[str, Json]:
    hints: dict[str, Json] = {"event": name}
    for part in ("scene", "scene_param", "change_type", "recall_msgid"):
        value = event.get(part)
        if isinstance(value, str) and value:
            hints[part] = _clean(value)[:256]
        elif isinstance(value, int) and abs(value) < 1 << 53:
            hints[part] = value
    code = event.get("welcome_code")
    if isinstance(code, str) and code and age < WELCOME_WITHIN:
        hints[REPLY_CODE] = _clean(code)
    return hints


def _parse_failure(event: Fields, msgid: str, origin: Origin, at: datetime) -> Receipt:
    failed = _read_id(event, "fail_msgid")
    why = event.get("fail_type")
    known = _FAILURES.get(why, "") if isinstance(why, int) else ""
    return Receipt(
        channel="kf",
        account=origin.account,
        provider_id=failed,
        status="failed",
        event_id=msgid,
        at=at,
        detail=f"fail_type {why}: {known}"[:200],
        outbox_id=_parse_outbox_id(failed),
    )


def _parse_outbox_id(msgid: str) -> UUID | None:
    """Our messages carry the outbox's id in 32 hexadecimal digits."""
    try:
        return UUID(hex=msgid) if len(msgid) == 32 else None
    except ValueError:
        return None


def _read_id(item: Fields, name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 128 or value != _clean(value):
        raise Malformed(f"The message lacks {name}.")
    return value


def _read_address(item: Fields, origin: Origin) -> Address:
    return Address("kf", origin.account, _read_id(item, "external_userid"))


def _read_time(item: Fields) -> datetime:
    seconds = item.get("send_time")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < 1 << 33:
        raise Malformed("send_time is not a number of seconds.")
    return datetime.fromtimestamp(seconds, UTC)


def _part(item: Fields, name: str) -> Fields:
    part = item.get(name)
    return part if isinstance(part, Mapping) else {}


def _say(part: Fields, *names: str) -> str:
    """Join the texts of some fields, a line each; what no text can carry is left out."""
    texts = [value for name in names if isinstance(value := part.get(name), str) and value]
    return _clean("\n".join(texts))[:TEXT_LIMIT]


def _clean(text: str) -> str:
    """Leave out what no database and no UTF-8 can carry: NUL and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def _read_text(part: Fields, _: str) -> Content:
    return Content(text=_say(part, "content"))


def _read_media(part: Fields, subtype: str) -> Content:
    mimes = {"image": "image/*", "voice": "audio/amr", "video": "video/mp4"}
    media = Media(id=_say(part, "media_id"))
    if subtype in mimes:
        media["mime"] = mimes[subtype]
    return Content(kind=subtype, media=media)


def _read_location(part: Fields, _: str) -> Content:
    hints: dict[str, Json] = {
        name: part[name] for name in ("latitude", "longitude") if isinstance(part.get(name), float)
    }
    return Content(kind="location", text=_say(part, "name", "address"), hints=hints)


def _read_link(part: Fields, _: str) -> Content:
    return Content(kind="link", text=_say(part, "title", "desc", "url"))


def _read_program(part: Fields, _: str) -> Content:
    return Content(kind="link", text=_say(part, "title", "pagepath"))


def _read_unknown(_: Fields, subtype: str) -> Content:
    return Content(kind="file", hints={"unknown_type": subtype})


_READERS: Mapping[str, Callable[[Fields, str], Content]] = {
    "text": _read_text,
    "image": _read_media,
    "voice": _read_media,
    "video": _read_media,
    "file": _read_media,
    "location": _read_location,
    "link": _read_link,
    "miniprogram": _read_program,
}
