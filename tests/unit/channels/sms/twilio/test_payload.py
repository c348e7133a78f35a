from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.twilio.payload import Origin, parse_message, parse_status
from channels.wish import Wish
from kernel.errors import Malformed, UnknownEvent
from kernel.message import InboundKind

SID = "AC" + "a" * 32
ORIGIN = Origin("hk", SID, datetime(2026, 11, 22, tzinfo=UTC), "token")
ONE = UUID(int=1)


def form(**more: str) -> dict[str, list[str]]:
    base = {
        "MessageSid": "SM" + "1" * 32,
        "AccountSid": SID,
        "From": "+85251234567",
        "Body": "怎么出金",
        "MessageStatus": "delivered",
    }
    return {name: [value] for name, value in (base | more).items()}


def test_a_message_keeps_its_words_as_they_came() -> None:
    said = parse_message(form(Body=" 怎么出金\n"), ORIGIN, b"raw")
    one = said.inbound
    assert said.wish is None
    assert (one.address.channel, one.address.account) == ("sms", "hk")
    assert (one.address.address, one.dedup_key) == ("+85251234567", "SM" + "1" * 32)
    assert (one.content.text, one.kind) == (" 怎么出金\n", InboundKind.MESSAGE)


@pytest.mark.parametrize(
    ("more", "wish", "kind"),
    [
        ({"Body": "STOP"}, Wish.STOP, InboundKind.CONSENT),
        ({"Body": "随便", "OptOutType": "STOP"}, Wish.STOP, InboundKind.CONSENT),
        ({"Body": "help"}, Wish.HELP, InboundKind.EVENT),
        ({"Body": "1"}, None, InboundKind.MESSAGE),
    ],
)
def test_wishes_are_no_questions(more: dict[str, str], wish: Wish | None, kind: str) -> None:
    said = parse_message(form(**more), ORIGIN, b"")
    assert (said.wish, said.inbound.kind) == (wish, kind)


@pytest.mark.parametrize(
    ("status", "known"),
    [("sent", "accepted"), ("delivered", "delivered"), ("undelivered", "failed"), ("read", "read")],
)
def test_statuses_become_ours(status: str, known: str) -> None:
    receipt = parse_status(form(MessageStatus=status, ErrorCode="30003"), ORIGIN, ONE)
    assert (receipt.status, receipt.outbox_id, receipt.detail) == (known, ONE, "30003")
    assert receipt.event_id.endswith(f":{status}")


def test_a_status_that_nobody_documented_is_counted() -> None:
    with pytest.raises(UnknownEvent):
        parse_status(form(MessageStatus="melted"), ORIGIN, ONE)


NAMES = st.sampled_from(["MessageSid", "AccountSid", "From", "Body", "OptOutType", "MediaUrl0"])


@given(st.dictionaries(NAMES, st.lists(st.text(), max_size=2)))
def test_any_form_is_read_or_malformed(more: dict[str, list[str]]) -> None:
    with contextlib.suppress(Malformed):
        parse_message(form() | more, ORIGIN, b"")
