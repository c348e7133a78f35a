from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.wechat.payload import MENU_RULE, MESSAGE_RULE, Origin, parse
from kernel.errors import Malformed, Untrusted
from kernel.message import Address, Inbound, InboundKind, Receipt

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ORIGIN = Origin("demo", AT, "aes")
HEAD = (
    "<ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[oUser]]></FromUserName>"
    "<CreateTime>1763863200</CreateTime>"
)


def message(kind: str, parts: str = "", msg_id: str = "77") -> bytes:
    return (
        f"<xml>{HEAD}<MsgType><![CDATA[{kind}]]></MsgType>{parts}<MsgId>{msg_id}</MsgId></xml>"
    ).encode()


def event(name: str, parts: str = "") -> bytes:
    return f"<xml>{HEAD}<MsgType>event</MsgType><Event>{name}</Event>{parts}</xml>".encode()


def read(xml: bytes) -> Inbound:
    found = parse(xml, ORIGIN)
    assert isinstance(found, Inbound)
    return found


def test_text_becomes_a_message() -> None:
    inbound = read(message("text", "<Content><![CDATA[保证金不足怎么办?😀]]></Content>"))
    assert inbound.address == Address("wechat", "demo", "oUser")
    assert inbound.content.text == "保证金不足怎么办?😀"
    assert (inbound.dedup_key, inbound.external_id) == ("77", "77")
    assert inbound.kind is InboundKind.MESSAGE
    assert inbound.window_rule == MESSAGE_RULE
    assert inbound.provider_at == datetime(2025, 11, 23, 2, 0, tzinfo=UTC)
    assert inbound.menu_payload is None


MESSAGES: list[tuple[str, str, str, str, dict[str, str]]] = [
    ("image", "<PicUrl>http://p/1</PicUrl><MediaId>m</MediaId>", "image", "", {"id": "m"}),
    ("voice", "<MediaId>v</MediaId><Format>amr</Format>", "voice", "", {"mime": "audio/amr"}),
    ("voice", "<MediaId>v</MediaId><Recognition>查余额</Recognition>", "voice", "查余额", {}),
    ("video", "<MediaId>d</MediaId><ThumbMediaId>t</ThumbMediaId>", "video", "", {"id": "d"}),
    ("shortvideo", "<MediaId>d</MediaId>", "video", "", {"id": "d"}),
    ("file", "<Title>合同.pdf</Title><FileKey>k</FileKey>", "file", "合同.pdf", {"id": "k"}),
    ("location", "<Location_X>31.2</Location_X><Label>上海</Label>", "location", "上海", {}),
    ("link", "<Title>标题</Title><Url>http://x</Url>", "link", "标题\nhttp://x", {}),
    ("miniprogrampage", "<Title>小程序</Title>", "link", "小程序", {}),
    ("hologram", "<Content>新</Content>", "file", "", {}),
]


@pytest.mark.parametrize(("kind", "parts", "ours", "text", "media"), MESSAGES)
def test_each_message_type(
    kind: str, parts: str, ours: str, text: str, media: dict[str, str]
) -> None:
    inbound = read(message(kind, parts))
    assert inbound.kind is InboundKind.MESSAGE
    assert inbound.subtype == kind
    assert (inbound.content.kind, inbound.content.text) == (ours, text)
    assert (inbound.content.media or {}).items() >= media.items()


def test_tapped_button_of_ours_names_the_message_that_showed_it() -> None:
    xml = message("text", "<Content>满意</Content><bizmsgmenuid>1702</bizmsgmenuid>")
    inbound = read(xml)
    assert inbound.content.hints == {"choice": "1702"}
    assert inbound.menu_payload is None
    assert inbound.window_rule == MENU_RULE


def test_tapped_button_with_a_payload_for_a_name_carries_it() -> None:
    xml = message("text", "<Content>是</Content><bizmsgmenuid>/affirm</bizmsgmenuid>")
    assert read(xml).menu_payload == "/affirm"


EVENTS = [
    ("subscribe", InboundKind.EVENT, MENU_RULE),
    ("SCAN", InboundKind.EVENT, MENU_RULE),
    ("CLICK", InboundKind.EVENT, MENU_RULE),
    ("scancode_push", InboundKind.EVENT, MENU_RULE),
    ("scancode_waitmsg", InboundKind.EVENT, MENU_RULE),
    ("unsubscribe", InboundKind.CONSENT, None),
    ("subscribe_msg_popup_event", InboundKind.CONSENT, None),
    ("subscribe_msg_change_event", InboundKind.CONSENT, None),
    ("user_info_modified", InboundKind.CONSENT, None),
    ("user_authorization_revoke", InboundKind.CONSENT, None),
    ("user_authorization_revoked", InboundKind.CONSENT, None),
    ("LOCATION", InboundKind.EVENT, None),
    ("VIEW", InboundKind.EVENT, None),
    ("view_miniprogram", InboundKind.EVENT, None),
    ("pic_sysphoto", InboundKind.EVENT, None),
    ("pic_photo_or_album", InboundKind.EVENT, None),
    ("pic_weixin", InboundKind.EVENT, None),
    ("location_select", InboundKind.EVENT, None),
    ("user_enter_tempsession", InboundKind.EVENT, None),
    ("kf_create_session", InboundKind.EVENT, None),
    ("kf_close_session", InboundKind.EVENT, None),
    ("kf_switch_session", InboundKind.EVENT, None),
]


@pytest.mark.parametrize(("name", "kind", "rule"), EVENTS)
def test_each_event_type(name: str, kind: InboundKind, rule: str | None) -> None:
    inbound = read(event(name, "<EventKey>K</EventKey>"))
    assert inbound.kind is kind
    assert inbound.window_rule == rule
    assert inbound.subtype == name.lower()
    assert inbound.dedup_key == f"oUser|1763863200|{name}|K"


def test_menu_click_carries_its_key() -> None:
    assert read(event("CLICK", "<EventKey>/check_balance</EventKey>")).menu_payload == (
        "/check_balance"
    )


def test_list_of_a_subscription_event_is_kept() -> None:
    parts = (
        "<SubscribeMsgPopupEvent><List><TemplateId>T1</TemplateId>"
        "<SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent>"
    )
    hints: Any = read(event("subscribe_msg_popup_event", parts)).content.hints
    assert hints["list"] == [{"TemplateId": "T1", "SubscribeStatusString": "accept"}]


@pytest.mark.parametrize(
    ("status", "ours"), [("success", "delivered"), ("failed:user block", "failed")]
)
def test_template_receipt(status: str, ours: str) -> None:
    xml = event("TEMPLATESENDJOBFINISH", f"<MsgID>200163836</MsgID><Status>{status}</Status>")
    (receipt,) = parse(xml, ORIGIN)  # type: ignore[misc]
    assert isinstance(receipt, Receipt)
    assert (receipt.provider_id, receipt.status) == ("200163836", ours)
    assert receipt.detail == status


def test_two_receipts_of_one_second_are_two() -> None:
    keys = set()
    for number in ("1", "2"):
        found = parse(event("TEMPLATESENDJOBFINISH", f"<MsgID>{number}</MsgID>"), ORIGIN)
        assert isinstance(found, tuple)
        keys.add(found[0].event_id)
    assert len(keys) == 2


def test_subscription_receipt_is_nested() -> None:
    parts = (
        "<SubscribeMsgSentEvent><List><TemplateId>T</TemplateId><MsgID>9</MsgID>"
        "<ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent>"
    )
    found = parse(event("subscribe_msg_sent_event", parts), ORIGIN)
    assert isinstance(found, tuple)
    assert (found[0].provider_id, found[0].status) == ("9", "delivered")


def test_undocumented_event_is_counted_and_acknowledged() -> None:
    with pytest.raises(Untrusted) as caught:
        parse(event("brand_new_event"), ORIGIN)
    assert caught.value.status == 200


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<xml></xml>",
        b"<xml><A>1</A></xml>",
        message("text", "<Content>x</Content>", msg_id=""),
        message("text", "<Content>x</Content>", msg_id="seven"),
        message("text", "<Content>x</Content>", msg_id="9" * 21),
        message("text").replace(b"1763863200", b"yesterday"),
        message("text").replace(b"1763863200", b"9" * 30),
        message("text").replace(b"oUser", b""),
        message("text").replace(b"oUser", b"o" * 129),
        message("text").replace(b"text", b""),
        event("TEMPLATESENDJOBFINISH", "<Status>success</Status>"),
        message("text", "<Content>\u4f60</Content>").decode().encode("utf-16"),
        message("text", "<Content>\x0b</Content>"),
    ],
)
def test_malformed_messages_say_so(xml: bytes) -> None:
    with pytest.raises(Malformed):
        parse(xml, ORIGIN)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_parser(noise: bytes) -> None:
    for body in (noise, b"<xml>" + noise + b"</xml>", message("text").replace(b"77", noise)):
        try:
            parse(body, ORIGIN)
        except Untrusted:
            continue
