from __future__ import annotations

import pytest

from kernel.clock import FakeClock
from lab.wechat.code import Wrong
from lab.wechat.window import WindowDesk

ME = ("demo", "lab_o1")


@pytest.fixture
def desk(clock: FakeClock) -> WindowDesk:
    return WindowDesk(clock)


def refused(desk: WindowDesk) -> int:
    with pytest.raises(Wrong) as caught:
        desk.spend(*ME)
    return caught.value.errcode


def test_five_within_48_hours_of_a_message(desk: WindowDesk, clock: FakeClock) -> None:
    desk.open(*ME, "message")
    for _ in range(5):
        desk.spend(*ME)
    assert refused(desk) == 45047
    desk.open(*ME, "message")
    clock.advance(hours=48, seconds=1)
    assert refused(desk) == 45015


def test_three_within_a_minute_of_a_click(desk: WindowDesk, clock: FakeClock) -> None:
    desk.open(*ME, "menu")
    for _ in range(3):
        desk.spend(*ME)
    assert refused(desk) == 45047
    desk.open(*ME, "menu")
    clock.advance(seconds=61)
    assert refused(desk) == 45015


def test_window_that_ends_first_is_spent_first(desk: WindowDesk, clock: FakeClock) -> None:
    desk.open(*ME, "message")
    desk.open(*ME, "menu")
    for _ in range(3):
        desk.spend(*ME)
    clock.advance(minutes=2)
    for _ in range(5):
        desk.spend(*ME)
    assert refused(desk) == 45047


def test_stranger_leaver_and_blocker(desk: WindowDesk) -> None:
    assert refused(desk) == 40003
    desk.open(*ME, "message")
    follower = desk.follower(*ME)
    follower.is_followed = False
    assert refused(desk) == 45015
    follower.is_followed, follower.has_blocked = True, True
    assert refused(desk) == 48002
    assert desk.followers("demo") == [ME[1]]
    assert desk.followers("other") == []
