"""What Aliyun pushes: texts of clients and delivery reports, in batches, by a token in the URL."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.contract.sms_door import Door, door, message, pushed, uplink
from tests.sms import (
    PUSH_TOKEN,
)

__all__ = ["door"]


async def test_aliyun_uplink_comes_in_once(door: Door) -> None:
    statuses = await asyncio.gather(*(door.push([uplink()]) for _ in range(20)))
    assert set(statuses) == {200}
    assert await door.push([uplink(), uplink(sequence_id=2, content="还有")]) == 200
    assert await door.count("inbox") == 2


async def test_aliyun_pushes_need_the_token_of_this_account(door: Door) -> None:
    for token in ("x", PUSH_TOKEN[:-1], PUSH_TOKEN + "a", "%00", "é"):
        assert await door.push([uplink()], f"/channels/sms/aliyun/aliyun/{token}") == 403
    assert await door.push([uplink()], f"/channels/sms/aliyun/twilio/{PUSH_TOKEN}") == 404
    assert await door.form(message(), "/channels/sms/twilio/aliyun") == 404
    assert await door.form(message(), "/channels/sms/twilio/nobody") == 404
    assert await door.count("inbox") == 0


async def test_uplink_to_a_number_that_is_not_ours_is_acknowledged_and_left(door: Door) -> None:
    assert await door.push([uplink(dest_code="10655555")]) == 200
    assert await door.count("inbox") == 0


@pytest.mark.parametrize(
    "rows",
    [
        {},
        "text",
        [1],
        [{}],
        [[]],
        [uplink(phone_number="85251234567")],
        [uplink(phone_number=None)],
        [uplink(content=7)],
        [uplink(content="长" * 1001)],
        [uplink(content="a\x00")],
        [uplink(sequence_id=True)],
        [uplink(sequence_id="")],
        [uplink(send_time="yesterday")],
        [uplink(send_time="0001-01-01 00:00:00")],
        [pushed(success="true")],
        [pushed(biz_id="")],
        [pushed(biz_id="a" * 65)],
        [pushed(report_time="9999-99-99 00:00:00")],
        [uplink()] * 1001,
        [uplink(), {"content": None}],
        b"not json",
        b'[{"content": "\xff"}]',
    ],
)
async def test_aliyun_nonsense_is_refused_whole(door: Door, rows: Any) -> None:
    assert await door.push(rows) == 400
    assert await door.count("inbox") == 0
    assert await door.count("receipt") == 0
