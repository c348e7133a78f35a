"""The urgency table: what ships is what the design says, and what is wrong is said where."""

from __future__ import annotations

import pytest

from kernel.errors import InvalidInput
from orchestrator.urgency import CHANNELS, DEFAULTS, parse_policy
from store.notice_draft import URGENCIES


def test_what_ships_is_the_table_of_the_design() -> None:
    assert tuple(DEFAULTS) == URGENCIES
    critical = DEFAULTS["critical"]
    assert [set(rung.channels) for rung in critical.rungs] == [{"push", "sms"}, {"voice"}]
    assert critical.rungs[0].wait_minutes == 5
    assert critical.quiet is None
    assert critical.cap_per_day is None
    assert critical.consent == "none"
    assert critical.escalate is not None
    assert DEFAULTS["high"].quiet is None
    assert DEFAULTS["high"].cap_per_day
    assert {rung.wait_minutes for rung in DEFAULTS["high"].rungs} == {15}
    assert {rung.pick for rung in DEFAULTS["normal"].rungs} == {"active"}
    assert {rung.wait_minutes for rung in DEFAULTS["normal"].rungs} == {240}
    assert DEFAULTS["normal"].quiet
    assert [rung.pick for rung in DEFAULTS["low"].rungs] == ["cheapest"]
    assert DEFAULTS["low"].gather_minutes > 0


@pytest.mark.parametrize("urgency", URGENCIES)
def test_a_policy_is_read_as_it_was_written(urgency: str) -> None:
    policy = DEFAULTS[urgency]
    assert parse_policy(policy.model_dump(mode="json")) == policy


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rungs": []}, "rungs"),
        ({"quiet": "late"}, "policy"),
        ({"cap_per_day": 0}, "cap_per_day"),
        ({"unknown": 1}, "unknown"),
        ({"escalate": {"priority": "urgent", "due_minutes": 5}}, "escalate.priority"),
    ],
)
def test_what_is_wrong_is_said_where(change: dict[str, object], place: str) -> None:
    right = DEFAULTS["critical"].model_dump(mode="json")
    with pytest.raises(InvalidInput, match=place) as caught:
        parse_policy({**right, **change})
    assert caught.value.zh


def test_a_rung_names_channels_that_there_are_once_each() -> None:
    for channels in (["fax"], ["sms", "sms"], []):
        rung = {"channels": channels, "pick": "all", "wait_minutes": 1, "reached_by": ["read"]}
        with pytest.raises(InvalidInput, match="rungs"):
            parse_policy({"rungs": [rung]})
    assert len(set(CHANNELS)) == len(CHANNELS)
