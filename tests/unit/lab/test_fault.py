from __future__ import annotations

import pytest

from kernel.errors import InvalidInput
from lab.fault import FaultDesk
from lab.wechat.door import FAKE


def wechat_desk() -> FaultDesk:
    desk = FaultDesk()
    desk.join(FAKE)
    return desk


def test_fault_is_taken_as_often_as_it_was_asked_for() -> None:
    desk = wechat_desk()
    desk.turn_on({"mode": "http_502", "target": "custom", "times": 2})
    assert desk.take("wechat", "token") is None
    assert [desk.take("wechat", "custom") is not None for _ in range(3)] == [True, True, False]


def test_callback_faults_do_not_touch_the_api() -> None:
    desk = wechat_desk()
    desk.turn_on({"mode": "late", "seconds": 1})
    assert desk.take("wechat", "custom") is None
    assert desk.take("wechat", "callback") is not None
    desk.clear()
    desk.turn_on({"mode": "http_500"})
    assert desk.take("wechat", "callback") is None
    assert desk.take("wechat", "custom") is not None


def test_same_fault_twice_is_one() -> None:
    desk = wechat_desk()
    desk.turn_on({"mode": "half", "target": "custom"})
    desk.turn_on({"mode": "half", "target": "custom", "times": 1})
    assert [one["times"] for one in desk.show() if isinstance(one, dict)] == [1]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"mode": "earthquake"},
        {"mode": "half", "target": "moon"},
        {"mode": "half", "times": 0},
        {"mode": "half", "times": "many"},
        {"mode": "half", "seconds": 900},
        {"mode": "errcode", "errcode": 12345},
    ],
)
def test_fault_that_does_not_exist_is_explained(body: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="is"):
        wechat_desk().turn_on(body)  # type: ignore[arg-type]
