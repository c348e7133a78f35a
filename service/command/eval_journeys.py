"""Play a generated year of clients through the shipped journeys, beside an oracle that counts.

A database of its own is started for it and thrown away; nobody is told anything.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from service.parser import make_parser

if TYPE_CHECKING:
    from service.journey_eval import Verdict


def run(words: Sequence[str]) -> int:
    """Play, print the counts, and return 0 if the engine and the oracle agree; 1 if not."""
    parser = make_parser("eval journeys", __doc__)
    parser.add_argument("--clients", type=int, default=10_000, help="default 10,000")
    parser.add_argument("--days", type=int, default=365, help="default 365")
    parser.add_argument("--seed", type=int, default=20261122, help="another year")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(words)
    verdict = asyncio.run(_play(chosen.clients, chosen.days, chosen.seed))
    text = orjson.dumps(verdict.to_json()).decode() if chosen.json else verdict.to_text()
    sys.stdout.write(text + "\n")
    return 0 if verdict.is_equal else 1


async def _play(clients: int, days: int, seed: int) -> Verdict:
    from service.journey_eval import play_year
    from service.throwaway import open_throwaway

    async with open_throwaway() as (database, cipher):
        return await play_year(database, cipher, clients=clients, days=days, seed=seed)
