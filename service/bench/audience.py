"""How long a marketer waits for the size of an audience."""

from __future__ import annotations

import time
from typing import Final

from kernel.message import Json
from store import audience
from store.engine import Database

EXPRESSIONS: Final[tuple[dict[str, Json], ...]] = (
    {
        "kind": "all",
        "of": [
            {"kind": "profile", "field": "risk_level", "is": "at_least", "value": "C3"},
            {
                "kind": "tier",
                "field": "layer",
                "is": "in",
                "value": ["active_high_value", "potential"],
            },
            {"kind": "consent", "category": "marketing", "is": "yes"},
            {"kind": "channel", "channel": "wechat"},
        ],
    },
    {
        "kind": "all",
        "of": [
            {"kind": "profile", "field": "assets", "is": "above", "value": 100_000},
            {"kind": "not", "of": {"kind": "consent", "category": "marketing", "is": "no"}},
            {"kind": "profile", "field": "instruments", "is": "has_any", "value": ["IF", "rb"]},
        ],
    },
    {
        "kind": "any",
        "of": [
            {"kind": "profile", "field": "last_active_at", "is": "not_within", "value": 30},
            {"kind": "consent", "category": "marketing", "is": "unsaid"},
        ],
    },
)
"""What marketers ask for: a segment that may be written to, holders of products, the silent."""
SAMPLE: Final = 10


async def measure_counts(database: Database) -> float:
    """Return the seconds of the slowest count with a sample, each asked for the first time."""
    slowest = 0.0
    for expression in EXPRESSIONS:
        begun = time.perf_counter()
        async with database.transaction() as connection:
            await audience.count(connection, expression, sample=SAMPLE, seconds=60.0)
        slowest = max(slowest, time.perf_counter() - begun)
    return slowest
