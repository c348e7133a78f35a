"""The measuring of journeys, at a small size: it counts what it says."""

from __future__ import annotations

from service.bench.crowd import make_crowd
from service.bench.journey import measure_entries, measure_timers
from store.cipher import Cipher
from store.engine import Database


async def test_entries_and_timers_are_measured(database: Database, cipher: Cipher) -> None:
    await make_crowd(database, 400)
    figures = await measure_entries(250, database, cipher, with_steps=True)
    assert figures["entries"] == 250
    assert 30 < figures["swept"] < 150
    assert figures["walked"] == figures["entries"] + figures["swept"]
    timers = await measure_timers(40, database, cipher)
    assert timers["timers"] == 40
    assert 0 <= timers["timer_late_p50_ms"] <= timers["timer_late_max_ms"]
