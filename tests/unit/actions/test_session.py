"""The session that an action reads out of Rasa's tracker."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from rasa_sdk import Tracker

from actions.session import find_reference, find_token, read_session
from kernel.errors import Malformed
from kernel.ids import new_id

TURN = new_id()


def make_tracker(**metadata: Any) -> Tracker:
    return Tracker.from_dict(
        {
            "sender_id": str(new_id()),
            "slots": {"language": "en", "bank": " 招商银行 ", "apply_confirm": False},
            "latest_message": {
                "text": "hi",
                "intent": {"name": "inform"},
                "metadata": {"turn": str(TURN), **metadata},
            },
            "events": [],
        }
    )


def test_the_message_wins_over_the_slot() -> None:
    assert read_session(make_tracker()).language == "en"
    assert read_session(make_tracker(language="zh")).language == "zh"
    assert read_session(make_tracker(language="fr")).language == "zh"


def test_slots_are_read_by_kind() -> None:
    session = read_session(make_tracker())
    assert session.get_text("bank") == "招商银行"
    assert session.get_text("apply_confirm") is None
    assert session.get_answer("apply_confirm") is False
    assert session.get_answer("bank") is None


@pytest.mark.parametrize("turn", [None, "", "x", "123"])
def test_without_a_turn_there_is_no_session(turn: object) -> None:
    with pytest.raises(Malformed):
        read_session(make_tracker(turn=turn))


def test_the_metadata_of_the_event_will_do() -> None:
    tracker = make_tracker()
    metadata = {"turn": str(TURN), "channel": "wechat"}
    tracker.latest_message["metadata"] = None
    tracker.events = [{"event": "user", "metadata": metadata}, {"event": "slot"}]
    assert read_session(tracker).channel == "wechat"


@pytest.mark.parametrize("vector", ["", "%%%", "AAA", 7, None])
def test_a_vector_that_cannot_be_read_is_none(vector: object) -> None:
    assert read_session(make_tracker(vector=vector)).vector is None


def test_a_vector_is_read_and_one_of_nonsense_is_not() -> None:
    good = np.array([0.6, 0.8], dtype="<f4")
    coded = base64.b64encode(good.tobytes()).decode()
    read = read_session(make_tracker(vector=coded)).vector
    assert read is not None
    assert read.tolist() == good.tolist()
    bad = base64.b64encode(np.array([np.nan], dtype="<f4").tobytes()).decode()
    assert read_session(make_tracker(vector=bad)).vector is None


def test_tokens_and_references() -> None:
    session = read_session(make_tracker())
    assert find_token("不是[手机号1]，是[手机号2]", "手机号") == "[手机号2]"
    assert find_token("[银行卡1]", "手机号") is None
    here = find_reference(session, "我的号码[手机号1]", "手机号")
    assert here
    assert (here.turn_id, here.token) == (TURN, "[手机号1]")
    earlier = UUID("01a201d6-dde0-7fc6-85c8-cd5948223afd")
    there = find_reference(session, f"{earlier}#[手机号1]", "手机号")
    assert there
    assert there.turn_id == earlier
    assert find_reference(session, None, "手机号") is None
