"""What a call says and how it is signed; how long it waits for the next one."""

from __future__ import annotations

import json
import time
from uuid import UUID

import pytest

from channels.system.call import make_headers, write_body
from channels.system.pause import LONGEST_SECONDS, find_pause
from kernel.clock import SystemClock
from kernel.errors import BadSignature
from kernel.signature import check_signature
from store.webhook_delivery import TRY_SECONDS, Delivery
from tests.receiver import is_signed

ID = UUID("01890000-0000-7000-8000-000000000001")
ONE = Delivery(ID, ID, "https://crm.example", ["s"], "ticket.closed", "8600", {"at": "now"}, 1)


def test_the_body_says_what_happened_to_whom_and_is_the_same_each_time() -> None:
    body = write_body(ONE)
    assert json.loads(body) == {
        "id": str(ID),
        "kind": "ticket.closed",
        "client_no": "8600",
        "at": "now",
    }
    again = Delivery(ID, ID, ONE.url, ["new"], ONE.kind, "8600", dict(ONE.body), 7)
    assert write_body(again) == body


def test_a_call_is_signed_like_what_systems_post_to_us() -> None:
    body = write_body(ONE)
    headers = make_headers(ID, body, ["new"], now=time.time())
    assert headers["X-Zhida-Delivery"] == str(ID)
    check_signature(headers, body, keys=["new"], clock=SystemClock())
    with pytest.raises(BadSignature):
        check_signature(headers, body + b" ", keys=["new"], clock=SystemClock())
    with pytest.raises(BadSignature):
        check_signature(headers, body, keys=["other"], clock=SystemClock())


def test_after_a_rotation_both_secrets_sign() -> None:
    body = write_body(ONE)
    headers = make_headers(ID, body, ["new", "old"], now=time.time())
    assert is_signed(headers, body, "new")
    assert is_signed(headers, body, "old")
    assert not is_signed(headers, body, "older")


def test_pauses_double_up_to_the_longest_and_differ() -> None:
    assert [find_pause(n, dice=lambda: 1.0) for n in (1, 2, 3, 4)] == [5.0, 10.0, 20.0, 40.0]
    assert find_pause(1, dice=lambda: 0.0) == 2.5
    assert find_pause(1000, dice=lambda: 1.0) == LONGEST_SECONDS
    assert len({find_pause(5) for _ in range(50)}) > 1


def test_what_a_system_asks_for_is_granted() -> None:
    assert find_pause(1, asked=60.0) == 60.0
    assert find_pause(1000, asked=60.0, dice=lambda: 1.0) == LONGEST_SECONDS


def test_a_day_has_some_twenty_calls() -> None:
    passed, calls = 0.0, 0
    while passed < TRY_SECONDS:
        calls += 1
        passed += find_pause(calls, dice=lambda: 0.5)
    assert 15 <= calls <= 30
