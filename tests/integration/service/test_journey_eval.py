"""A generated year through the real engine and database equals the oracle, at a small size."""

from __future__ import annotations

from collections import Counter

import pytest

from service.journey_eval import play_year
from service.year import FIRST, HOURS, make_year
from service.year_oracle import count_year
from store.cipher import Cipher
from store.engine import Database

STEPS = {
    ("new-client", "await-deposit", "came"),
    ("new-client", "guide", "sent"),
    ("new-client", "call", "opened"),
    ("margin-warning", "settle", "goal:margin_usage"),
    ("margin-warning", "warn", "sent"),
    ("drawdown-care", "care", "opened"),
    ("silent-client", "topics", "sent"),
    ("silent-client", "week-one", "waited"),
}


@pytest.mark.slow
async def test_the_engine_counts_what_the_oracle_counts(database: Database, cipher: Cipher) -> None:
    verdict = await play_year(database, cipher, clients=60, days=90, seed=7)
    assert verdict.differences == {}
    assert verdict.writes == verdict.wanted
    assert verdict.is_equal
    assert verdict.ours.keys() >= STEPS, "the year is too quiet to say anything"
    assert "一致 · equal" in verdict.to_text()
    assert verdict.to_json()["differences"] == 0


def test_a_year_follows_from_its_seed_and_has_one_event_a_client_and_hour() -> None:
    facts = make_year(200, 365, 1)
    assert facts == make_year(200, 365, 1)
    assert facts != make_year(200, 365, 2)
    assert max(Counter((one.client, one.at) for one in facts).values()) == 1
    assert {one.at.hour for one in facts} == set(HOURS)
    assert len({one.type for one in facts}) == 8


def test_the_oracle_sees_what_is_missing() -> None:
    """Without the deposits nobody's wait is answered: the oracle is no echo of the engine."""
    facts = make_year(200, 365, 1)
    dry = [one for one in facts if one.type != "first_deposit"]
    full, less = count_year(facts, FIRST, 365), count_year(dry, FIRST, 365)
    assert full["new-client", "call", "opened"] > 0
    assert less["new-client", "call", "opened"] == 0
    assert less["new-client", "start", "entered"] == full["new-client", "start", "entered"]
