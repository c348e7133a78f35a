from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from channels.sms.aliyun.payload import Origin, Report, Uplink, parse_push
from channels.wish import Wish
from kernel.errors import Malformed
from kernel.message import InboundKind

ORIGIN = Origin("cn", datetime(2026, 11, 22, tzinfo=UTC), "token")
OURS = "019de7a4-0000-7000-8000-000000000001"
REPORT = {
    "phone_number": "13800138000",
    "send_time": "2026-11-22 10:00:00",
    "report_time": "2026-11-22 10:00:03",
    "success": True,
    "err_code": "DELIVERED",
    "err_msg": "用户接收成功",
    "sms_size": "1",
    "biz_id": "932702304080415357^0",
    "out_id": OURS,
}
UPLINK = {
    "phone_number": "13800138000",
    "send_time": "2026-11-22 10:00:00",
    "content": "怎么出金",
    "sign_name": "智达期货",
    "dest_code": "106900010042",
    "sequence_id": 1234567890,
}


def push(*rows: object) -> list[Report | Uplink]:
    return parse_push(json.dumps(rows).encode(), ORIGIN)


def test_a_report_is_about_a_number_and_an_id_of_ours() -> None:
    (one,) = push(REPORT)
    assert isinstance(one, Report)
    assert (one.number, str(one.receipt.outbox_id)) == ("+8613800138000", OURS)
    assert (one.receipt.status, one.receipt.provider_id) == ("delivered", REPORT["biz_id"])
    assert one.receipt.at == datetime(2026, 11, 22, 2, 0, 3, tzinfo=UTC)
    (other,) = push(REPORT | {"success": False, "err_code": "MK:0010", "out_id": "not ours"})
    assert isinstance(other, Report)
    assert (other.receipt.status, other.receipt.detail) == ("failed", "MK:0010")
    assert other.receipt.outbox_id is None
    assert other.receipt.event_id != one.receipt.event_id


def test_an_uplink_message_is_a_message_or_a_wish() -> None:
    asked, stopped = push(UPLINK, UPLINK | {"content": "T", "sequence_id": "78"})
    assert isinstance(asked, Uplink)
    assert isinstance(stopped, Uplink)
    assert (asked.inbound.address.address, asked.to) == ("+8613800138000", "106900010042")
    assert (asked.inbound.kind, asked.wish) == (InboundKind.MESSAGE, None)
    assert (stopped.inbound.kind, stopped.wish) == (InboundKind.CONSENT, Wish.STOP)
    assert asked.inbound.dedup_key != stopped.inbound.dedup_key


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ROWS = st.sampled_from([REPORT, UPLINK]).flatmap(
    lambda row: st.dictionaries(st.sampled_from(sorted(row)), JSON).map(lambda more: row | more)
)


@given(st.lists(ROWS, max_size=3) | JSON)
def test_any_json_is_read_or_malformed(rows: object) -> None:
    with contextlib.suppress(Malformed):
        parse_push(json.dumps(rows).encode(), ORIGIN)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse_push(body, ORIGIN)
