"""Many notices as one message, and what an account listens to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.account import Account, Accounts
from channels.contract import Channels
from channels.staff.notice import BREACH, PROVIDER, TICKET, compose, find_listeners, read_topics
from channels.staff.provider import WECOM_ROBOT
from kernel.errors import InvalidInput
from store.staff_notice import Notice


def robot(name: str, topics: str) -> Account:
    return Account("staff", "wecom_robot", name, {"topics": topics}, {"key": "k"})


def test_one_notice_is_said_as_it_is() -> None:
    assert compose([Notice(TICKET, "【新工单】T-1")], 2048) == "【新工单】T-1"


def test_what_waited_is_counted_and_shown_in_part() -> None:
    text = compose([Notice(TICKET, f"T-{n}") for n in range(12)], 2048)
    assert text.splitlines()[0] == "12 条新工单 · 12 new tickets"
    assert "· T-7" in text
    assert "T-8" not in text
    assert text.endswith("…… 另有 4 条 · 4 more")


def test_topics_have_headings_of_their_own() -> None:
    text = compose([Notice(TICKET, "a"), Notice(BREACH, "b"), Notice(TICKET, "c")], 2048)
    assert text.index("2 条新工单") < text.index("1 条工单超时")
    assert text.index("· c") < text.index("· b")


@given(st.lists(st.builds(Notice, st.sampled_from([TICKET, BREACH, "x"]), st.text()), min_size=1))
def test_no_message_is_longer_than_allowed(notices: list[Notice]) -> None:
    assert len(compose(notices, 300).encode()) <= 300


def test_accounts_hear_what_they_listen_to() -> None:
    accounts = Accounts([WECOM_ROBOT], Channels())
    accounts.put(robot("all", ""))
    accounts.put(robot("ops", "provider, breach"))
    assert find_listeners(accounts, TICKET) == ["all"]
    assert find_listeners(accounts, PROVIDER) == ["all", "ops"]


@pytest.mark.parametrize("topics", ["tickets", "ticket;breach", ",", "ticket,weather"])
def test_topic_that_there_is_not_is_refused(topics: str) -> None:
    with pytest.raises(InvalidInput, match="ticket, breach, provider"):
        read_topics(robot("x", topics))
