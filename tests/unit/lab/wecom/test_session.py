"""The fake's sessions keep WeCom's rules: five messages in 48 hours, states, codes."""

from __future__ import annotations

import pytest

from kernel.clock import FakeClock
from lab.wecom.code import Wrong
from lab.wecom.session import ASSISTANT, ENDED, NEW, PERSON, WAITING, SessionDesk


@pytest.fixture
def desk(clock: FakeClock) -> SessionDesk:
    desk = SessionDesk(clock)
    desk.speak("wk", "wm")
    return desk


def refused(desk: SessionDesk) -> int:
    with pytest.raises(Wrong) as wrong:
        desk.check_send("wk", "wm")
    return wrong.value.errcode


def test_five_messages_follow_each_word_of_the_client(desk: SessionDesk) -> None:
    for _ in range(5):
        desk.check_send("wk", "wm").left -= 1
    assert refused(desk) == 95001
    desk.speak("wk", "wm")
    assert desk.check_send("wk", "wm").left == 5


def test_window_closes_after_48_hours(desk: SessionDesk, clock: FakeClock) -> None:
    clock.advance(hours=48, seconds=1)
    assert refused(desk) == 95002


@pytest.mark.parametrize("state", [WAITING, PERSON, ENDED])
def test_api_sends_in_two_states_only(desk: SessionDesk, state: int) -> None:
    desk.get("wk", "wm").state = state
    assert refused(desk) == 95018


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [(NEW, ASSISTANT, True), (WAITING, ASSISTANT, True), (PERSON, ASSISTANT, False),
     (ENDED, ASSISTANT, False), (ASSISTANT, PERSON, True)],
)  # fmt: skip
def test_states_move_as_the_page_allows(
    desk: SessionDesk, before: int, after: int, may: bool
) -> None:
    desk.get("wk", "wm").state = before
    if may:
        desk.move("wk", "wm", after)
        assert desk.get("wk", "wm").state == after
    else:
        with pytest.raises(Wrong):
            desk.move("wk", "wm", after)


def test_word_of_the_client_begins_a_session_anew(desk: SessionDesk) -> None:
    desk.get("wk", "wm").state = ENDED
    desk.speak("wk", "wm")
    assert desk.get("wk", "wm").state == NEW


def test_welcome_code_is_good_once_within_twenty_seconds(
    desk: SessionDesk, clock: FakeClock
) -> None:
    code = desk.enter("wk", "new")
    assert desk.check_code(code) == ("wk", "new")
    with pytest.raises(Wrong):
        desk.check_code(code)
    late = desk.enter("wk", "new")
    clock.advance(seconds=20)
    with pytest.raises(Wrong):
        desk.check_code(late)
    assert desk.enter("wk", "wm") == ""
