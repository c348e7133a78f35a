"""A rehearsal on a generated year counts what the oracle counts, without a database."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid5

import pytest

from orchestrator.journey_lint import parse_journey
from orchestrator.journey_shipped import read_journeys
from orchestrator.rehearsal import Rehearsal, replay, walk_quietly
from orchestrator.trading import make_calendars
from service.year import FIRST, make_year
from service.year_oracle import count_year
from store.client_event import ClientEvent

DAYS = 365
FACTS = make_year(150, DAYS, 3)
SPACE = UUID(int=7)
EVENTS = [
    ClientEvent(
        uuid5(SPACE, f"{one.client}:{one.at}"),
        uuid5(SPACE, str(one.client)),
        one.type,
        one.figures,
        one.at,
        "year",
        "",
    )
    for one in sorted(FACTS, key=lambda one: (one.client, one.at))
]
CALENDARS = make_calendars()


@pytest.mark.parametrize("key", ["new-client", "margin-warning", "drawdown-care"])
def test_history_is_played_as_the_oracle_says(key: str) -> None:
    journey = parse_journey(read_journeys()[key])
    now = FIRST + timedelta(days=DAYS)
    tried = replay(journey, EVENTS, now=now, facts={}, calendars=CALENDARS)
    wanted = {
        (step, result): n
        for (one, step, result), n in count_year(FACTS, FIRST, DAYS).items()
        if one == key and step != "start"
    }
    assert dict(tried.results) == wanted
    assert tried.entered == count_year(FACTS, FIRST, DAYS)[key, "start", "entered"]
    ended = sum(n for (_, result), n in tried.results.items() if ":" in result)
    assert sum(tried.waiting.values()) == tried.entered - ended
    assert tried.to_json()["basis"] == "history"


def test_todays_audience_is_walked_to_its_end() -> None:
    journey = parse_journey(read_journeys()["silent-client"])
    tried = Rehearsal("today")
    ids = [UUID(int=n) for n in range(5)]
    walk_quietly(tried, journey, ids, now=FIRST, facts={}, calendars=CALENDARS)
    steps = Counter({step: n for (step, _), n in tried.results.items()})
    assert steps == Counter(dict.fromkeys(journey.steps, 5))
