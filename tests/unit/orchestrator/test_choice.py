"""Which channel carries a notice: what a client said first, what they like next, then the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kernel.message import Address
from orchestrator.choice import Wish, choose, may_write
from orchestrator.urgency import DEFAULTS, Policy, Rung
from store.reach import Place

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HIGH = DEFAULTS["high"]
ANY = ("chat", "push", "wechat", "email", "sms", "voice")


def place(channel: str, **more: object) -> Place:
    plain = Place(
        client_id=UUID(int=1),
        identity_id=UUID(int=2),
        address=Address(channel, "demo", f"{channel}-address"),
        language=None,
        is_open=True,
        said={},
        weights={},
        sent=0.0,
        answered=0.0,
        failed=0.0,
        last_inbound_at=None,
        window_left=0,
        is_tripped=False,
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def wish(pick: str, *, policy: Policy = HIGH, category: str = "risk", tried: str = "") -> Wish:
    rung = Rung(channels=ANY, pick=pick, wait_minutes=5, reached_by=("read",))  # type: ignore[arg-type]
    return Wish(policy, rung, category, set(tried.split()))


def pick(places: list[Place], wanted: Wish) -> list[str]:
    return [one.address.channel for one in choose(places, wanted, lambda _: True)]


def test_all_takes_each_channel_once_and_others_one() -> None:
    places = [place("sms"), place("sms", failed=9.0, sent=9.0), place("push")]
    chosen = choose(places, wish("all"), lambda _: True)
    assert sorted(one.address.channel for one in chosen) == ["push", "sms"]
    assert all(one.failed == 0 for one in chosen)
    for one in ("best", "active", "cheapest"):
        assert len(pick(places, wish(one))) == 1


def test_what_was_tried_is_not_tried_again() -> None:
    places = [place("sms"), place("push")]
    assert pick(places, wish("best", tried="push")) == ["sms"]
    assert pick(places, wish("best", tried="push sms")) == []


def test_the_cheapest_costs_least_unless_the_client_prefers_another() -> None:
    places = [place("sms"), place("email"), place("push")]
    assert pick(places, wish("cheapest")) == ["push"]
    liked = [place("sms"), place("email", weights={"risk": 5}), place("push")]
    assert pick(liked, wish("cheapest")) == ["email"]
    in_general = [place("sms", weights={"all": 1}), place("push")]
    assert pick(in_general, wish("cheapest")) == ["sms"]


def test_the_active_one_is_where_the_client_wrote_last() -> None:
    places = [
        place("push", last_inbound_at=AT - timedelta(days=9)),
        place("wechat", last_inbound_at=AT),
        place("sms"),
    ]
    assert pick(places, wish("active")) == ["wechat"]


def test_the_best_one_answers_and_does_not_fail() -> None:
    places = [
        place("push", sent=10.0, failed=6.0),
        place("email", sent=10.0, answered=1.0),
        place("sms", sent=10.0, answered=7.0),
    ]
    assert pick(places, wish("best")) == ["sms"]


def test_a_tripped_circuit_comes_last_but_before_nothing() -> None:
    places = [place("push", is_tripped=True, weights={"risk": 9}), place("sms")]
    assert pick(places, wish("best")) == ["sms"]
    assert pick(places[:1], wish("best")) == ["push"]


@pytest.mark.parametrize(
    ("said", "category", "policy", "may"),
    [
        ({}, "risk", "high", True),
        ({"risk": "no"}, "risk", "high", False),
        ({"all": "no"}, "risk", "high", False),
        ({"marketing": "no"}, "risk", "high", True),
        ({"all": "no", "risk": "no"}, "risk", "critical", True),
        ({}, "marketing", "low", False),
        ({"marketing": "yes"}, "marketing", "low", True),
        ({"marketing": "yes", "all": "no"}, "marketing", "low", False),
        ({}, "marketing", "critical", False),
    ],
)
def test_consent(said: dict[str, str], category: str, policy: str, may: bool) -> None:
    wanted = wish("best", policy=DEFAULTS[policy], category=category)
    assert may_write(place("sms", said=said), wanted) is may


def test_what_is_not_wanted_or_closed_is_left() -> None:
    unwanted = place("sms", weights={"risk": -1})
    assert pick([unwanted], wish("best")) == []
    assert pick([unwanted], wish("best", policy=DEFAULTS["critical"])) == ["sms"]
    assert pick([place("wechat", is_open=False)], wish("best")) == []
    assert choose([place("sms")], wish("best"), lambda _: False) == []
