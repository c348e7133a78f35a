"""Everything that 微信客服 hands out, in the house's words; nonsense never stops the reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.kf.payload import MESSAGE_RULE, Origin, parse
from kernel.errors import Malformed, UnknownEvent, Untrusted
from kernel.message import REPLY_CODE, TEXT_LIMIT, Inbound, InboundKind, Receipt

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ORIGIN = Origin("demo", "wk1", NOW)


def item(msgtype: str, part: Any, **more: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    head = {"msgid": "m1", "open_kfid": "wk1", "external_userid": "wm1", "send_time": at}
    return head | {"origin": 3, "msgtype": msgtype, msgtype: part} | more


def event(kind: str, **more: Any) -> dict[str, Any]:
    return item("event", {"event_type": kind, "external_userid": "wm1"} | more, origin=4)


def read(one: dict[str, Any]) -> Inbound:
    found = parse(one, ORIGIN)
    assert isinstance(found, Inbound)
    return found


def test_text_is_a_message_that_opens_a_window() -> None:
    found = read(item("text", {"content": "怎么出金"}))
    assert (found.content.text, found.kind) == ("怎么出金", InboundKind.MESSAGE)
    assert (found.dedup_key, found.external_id, found.window_rule) == ("m1", "m1", MESSAGE_RULE)
    assert (found.address.channel, found.address.address) == ("kf", "wm1")
    assert found.provider_at == NOW


@pytest.mark.parametrize(
    ("msgtype", "part", "kind", "text"),
    [
        ("image", {"media_id": "x"}, "image", ""),
        ("voice", {"media_id": "x"}, "voice", ""),
        ("video", {"media_id": "x"}, "video", ""),
        ("file", {"media_id": "x"}, "file", ""),
        ("location", {"name": "甲", "address": "乙", "latitude": 1.5}, "location", "甲\n乙"),
        ("link", {"title": "题", "desc": "述", "url": "http://x"}, "link", "题\n述\nhttp://x"),
        ("miniprogram", {"title": "题", "pagepath": "p"}, "link", "题\np"),
        ("merged_msg", {"item": []}, "file", ""),
    ],
)
def test_types_are_told_apart(msgtype: str, part: Any, kind: str, text: str) -> None:
    found = read(item(msgtype, part))
    assert (found.content.kind, found.content.text, found.subtype) == (kind, text, msgtype)
    if "media_id" in part:
        assert (found.content.media or {})["id"] == "x"


def test_tapped_entry_of_ours_is_a_choice_and_any_other_a_payload() -> None:
    ours = read(item("text", {"content": "转人工", "menu_id": "200"}))
    assert (ours.content.hints["choice"], ours.menu_payload) == ("200", None)
    other = read(item("text", {"content": "转人工", "menu_id": "/human"}))
    assert (dict(other.content.hints), other.menu_payload) == ({}, "/human")


def test_fresh_welcome_code_travels_and_an_old_one_does_not() -> None:
    found = read(event("enter_session", welcome_code="c", scene="s"))
    assert (found.kind, found.content.hints[REPLY_CODE]) == (InboundKind.EVENT, "c")
    old = int((NOW - timedelta(seconds=21)).timestamp())
    late = read(event("enter_session", welcome_code="c") | {"send_time": old})
    assert REPLY_CODE not in late.content.hints
    assert late.window_rule is None


def test_failed_message_is_a_receipt_by_our_own_id() -> None:
    ours = uuid4()
    found = parse(event("msg_send_fail", fail_msgid=ours.hex, fail_type=10), ORIGIN)
    assert isinstance(found, Receipt)
    assert (found.status, found.outbox_id, found.provider_id) == ("failed", ours, ours.hex)
    assert "refuses" in found.detail
    other = parse(event("msg_send_fail", fail_msgid="not-ours", fail_type=99), ORIGIN)
    assert isinstance(other, Receipt)
    assert other.outbox_id is None


@pytest.mark.parametrize("kind", ["servicer_status_change", "reject_customer_msg_switch_change"])
def test_what_is_about_staff_is_not_the_clients(kind: str) -> None:
    assert parse(event(kind), ORIGIN) is None


def test_message_of_a_person_inside_wecom_is_not_the_clients() -> None:
    assert parse(item("text", {"content": "x"}, origin=5), ORIGIN) is None


def test_event_that_nobody_documented_is_told_so() -> None:
    with pytest.raises(UnknownEvent):
        parse(event("brand_new"), ORIGIN)


@pytest.mark.parametrize(
    "change",
    [{"msgid": ""}, {"msgid": 7}, {"external_userid": None}, {"external_userid": "x" * 129},
     {"send_time": "now"}, {"send_time": True}, {"send_time": 1 << 60}, {"open_kfid": "wk2"}],
)  # fmt: skip
def test_what_every_entry_has_must_be_there(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse(item("text", {"content": "x"}) | change, ORIGIN)


WORDS = st.text() | st.text(st.characters(categories=["Cs", "Lo", "Cc"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["msgid", "open_kfid", "external_userid", "send_time", "origin", "msgtype", "text", "event",
     "image", "location", "link"]
)  # fmt: skip


@given(st.dictionaries(NAMES, JSON), st.sampled_from(["text", "image", "location", "event"]))
def test_any_entry_is_read_or_refused(changes: dict[str, Any], msgtype: str) -> None:
    part = {"event_type": "enter_session"} if msgtype == "event" else {"content": "x"}
    try:
        found = parse(item(msgtype, part) | changes, ORIGIN)
    except Untrusted:
        return
    if isinstance(found, Inbound):
        assert len(found.content.text) <= TEXT_LIMIT
        kept = orjson.dumps([found.content.to_json(inside=True), found.subtype, found.dedup_key])
        assert b"\\u0000" not in kept
        assert 1 <= len(found.dedup_key) <= 128


@given(st.text())
def test_any_failed_id_is_ours_or_nobodys(failed: str) -> None:
    try:
        found = parse(event("msg_send_fail", fail_msgid=failed, fail_type=0), ORIGIN)
    except Malformed:
        return
    assert isinstance(found, Receipt)
    assert found.outbox_id is None or found.outbox_id == UUID(hex=failed)
