"""Turns WeChat's XML of every message and event type into the house's words.

Source: developers.weixin.qq.com, 接收普通消息 and 接收事件推送. A type that nobody documented
is kept as a message that we cannot read; an event that nobody documented is UnknownEvent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from xml.etree.ElementTree import Element

from channels.wechat.choice import parse_choice_id
from channels.wechat.markup import flatten, parse_root
from kernel.errors import Malformed, UnknownEvent
from kernel.message import Address, Content, Inbound, InboundKind, Json, Media, Receipt

MESSAGE_RULE = "wechat_message"
MENU_RULE = "wechat_menu"
"""A click counts as the menu rule: 3 messages within 1 minute instead of 5 within 48 hours."""

Fields: TypeAlias = Mapping[str, str]

_OPENING = frozenset({"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg"})
_CONSENT = frozenset(
    {
        "unsubscribe",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "user_info_modified",
        "user_authorization_revoke",
        "user_authorization_revoked",
        "user_authorization_cancellation",
    }
)
_RECEIPTS = frozenset({"templatesendjobfinish", "masssendjobfinish", "subscribe_msg_sent_event"})
_PLAIN = frozenset(
    {
        "location",
        "view",
        "view_miniprogram",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "user_enter_tempsession",
        "kf_create_session",
        "kf_close_session",
        "kf_switch_session",
        "publishjobfinish",
        "qualification_verify_success",
        "qualification_verify_fail",
        "naming_verify_success",
        "naming_verify_fail",
        "annual_renew",
        "verify_expired",
        "wxa_media_check",
    }
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a callback came in: our name of the account, when, and by which proof."""

    account: str
    received_at: datetime
    verified_by: str


def parse(xml: bytes, origin: Origin) -> Inbound | tuple[Receipt, ...]:
    """Read one callback.

    Raises:
        Malformed: a field that every message has is missing or is not what it must be.
        UnknownEvent: an event that nobody documented.
    """
    root = parse_root(xml)
    fields = flatten(root)
    for name in ("FromUserName", "ToUserName", "CreateTime", "MsgType"):
        if not fields.get(name):
            raise Malformed(f"The message lacks {name}.")
    if len(fields["FromUserName"]) > 128:
        raise Malformed("FromUserName is longer than any openid.")
    if fields["MsgType"].lower() == "event":
        return _parse_event(root, fields, xml, origin)
    return _parse_message(fields, xml, origin)


def _parse_message(fields: Fields, xml: bytes, origin: Origin) -> Inbound:
    number = fields.get("MsgId", "")
    if not (number.isascii() and number.isdigit() and len(number) <= 20):
        raise Malformed("MsgId is missing or not a number.")
    subtype = fields["MsgType"].lower()
    menu_id = fields.get("bizmsgmenuid")
    picked = parse_choice_id(menu_id) if menu_id else None
    return Inbound(
        address=Address("wechat", origin.account, fields["FromUserName"]),
        dedup_key=number,
        kind=InboundKind.MESSAGE,
        content=_READERS.get(subtype, _read_unknown)(fields),
        received_at=origin.received_at,
        subtype=subtype,
        external_id=number,
        provider_at=_read_time(fields),
        menu_payload=menu_id if menu_id and picked is None else None,
        window_rule=MENU_RULE if menu_id else MESSAGE_RULE,
        verified_by=origin.verified_by,
        raw=xml,
    )


def _parse_event(
    root: Element, fields: Fields, xml: bytes, origin: Origin
) -> Inbound | tuple[Receipt, ...]:
    name = fields.get("Event", "")
    event = name.lower()
    if event in _RECEIPTS:
        return _parse_receipts(root, fields, origin)
    if event not in _OPENING | _CONSENT | _PLAIN:
        raise UnknownEvent(f"The event {name[:64]!r} is not one that we know; it was counted.")
    event_key = fields.get("EventKey", "")
    return Inbound(
        address=Address("wechat", origin.account, fields["FromUserName"]),
        dedup_key=_event_key(fields),
        kind=InboundKind.CONSENT if event in _CONSENT else InboundKind.EVENT,
        content=Content(kind="event", text="", hints=_event_hints(root, fields)),
        received_at=origin.received_at,
        subtype=event,
        provider_at=_read_time(fields),
        menu_payload=event_key if event == "click" and event_key else None,
        window_rule=MENU_RULE if event in _OPENING else None,
        verified_by=origin.verified_by,
        raw=xml,
    )


def _event_key(fields: Fields) -> str:
    """Events have no MsgId; the job's number tells apart two receipts of one second."""
    parts = [fields["FromUserName"], fields["CreateTime"], fields["Event"]]
    parts += [fields.get("EventKey", ""), fields.get("MsgID", "") or fields.get("MsgId", "")]
    return "|".join(parts).rstrip("|")[:512]


def _event_hints(root: Element, fields: Fields) -> dict[str, Json]:
    hints: dict[str, Json] = {"event": fields["Event"].lower()}
    for name in ("EventKey", "Ticket", "Latitude", "Longitude", "MenuId", "KfAccount"):
        if fields.get(name):
            hints[name] = fields[name]
    listed: list[Json] = [dict(one) for one in _find_list(root)]
    if listed:
        hints["list"] = listed
    return hints


def _parse_receipts(root: Element, fields: Fields, origin: Origin) -> tuple[Receipt, ...]:
    rows = _find_list(root) or [dict(fields)]
    at = _read_time(fields)
    return tuple(_parse_receipt(row, fields, origin.account, at) for row in rows)


def _parse_receipt(row: Fields, fields: Fields, account: str, at: datetime) -> Receipt:
    provider_id = row.get("MsgID") or row.get("MsgId") or ""
    if not provider_id:
        raise Malformed("The receipt names no message (MsgID).")
    told = row.get("Status") or row.get("ErrorStatus") or row.get("status") or ""
    is_good = told.lower() in {"success", "send success", "sendsuccess"}
    return Receipt(
        channel="wechat",
        account=account,
        provider_id=provider_id,
        status="delivered" if is_good else "failed",
        event_id=f"{_event_key(fields)}|{provider_id}",
        at=at,
        detail=told[:200],
    )


def _find_list(root: Element) -> list[dict[str, str]]:
    return [flatten(item) for node in root.iter("List") for item in _items_of(node)]


def _items_of(node: Element) -> list[Element]:
    """`<List>` holds either its fields, or one node for each entry."""
    return [node] if any(not len(child) for child in node) else list(node)


def _read_time(fields: Fields) -> datetime:
    seconds = fields["CreateTime"]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise Malformed("CreateTime is not a number of seconds.")
    return datetime.fromtimestamp(int(seconds), UTC)


def _read_text(fields: Fields) -> Content:
    text = fields.get("Content", "")
    menu_id = fields.get("bizmsgmenuid", "")
    picked = parse_choice_id(menu_id)
    hints: dict[str, Json] = {"choice": menu_id} if picked else {}
    return Content(text=text, hints=hints)


def _read_image(fields: Fields) -> Content:
    media = Media(id=fields.get("MediaId", ""), url=fields.get("PicUrl", ""), mime="image/*")
    return Content(kind="image", media=media)


def _read_voice(fields: Fields) -> Content:
    """The platform's own speech recognition, where the account has it switched on."""
    media = Media(id=fields.get("MediaId", ""), mime=f"audio/{fields.get('Format', 'amr')}")
    return Content(kind="voice", text=fields.get("Recognition", ""), media=media)


def _read_video(fields: Fields) -> Content:
    return Content(kind="video", media=Media(id=fields.get("MediaId", ""), mime="video/mp4"))


def _read_file(fields: Fields) -> Content:
    media = Media(id=fields.get("FileKey", ""), name=fields.get("Title", ""))
    return Content(kind="file", text=fields.get("Title", ""), media=media)


def _read_location(fields: Fields) -> Content:
    names = {"latitude": "Location_X", "longitude": "Location_Y", "scale": "Scale"}
    hints: dict[str, Json] = {ours: fields.get(theirs, "") for ours, theirs in names.items()}
    return Content(kind="location", text=fields.get("Label", ""), hints=hints)


def _read_link(fields: Fields) -> Content:
    parts = (fields.get("Title", ""), fields.get("Description", ""), fields.get("Url", ""))
    return Content(kind="link", text="\n".join(part for part in parts if part))


def _read_unknown(fields: Fields) -> Content:
    return Content(kind="file", text="", hints={"unknown_type": fields["MsgType"][:64]})


_READERS: Mapping[str, Callable[[Fields], Content]] = {
    "text": _read_text,
    "image": _read_image,
    "voice": _read_voice,
    "video": _read_video,
    "shortvideo": _read_video,
    "file": _read_file,
    "location": _read_location,
    "link": _read_link,
    "miniprogrampage": _read_link,
}
