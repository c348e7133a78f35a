"""Measure ourselves and our peers in one run, on the same work and the same cores."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from service.parser import make_parser
from service.settings import ROOT

STOCK = ROOT / "var" / "bench" / "stock"


def run(words: Sequence[str]) -> int:
    """Run one benchmark and print its figures."""
    parser = make_parser("bench", __doc__)
    parser.add_argument("name", choices=("chat",), help="what to measure")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--n", type=int, default=600, help="questions asked (default 600)")
    options = parser.parse_args(words)
    from service.bench.chat import measure

    report = asyncio.run(measure(options.n, STOCK))
    report.print(as_json=options.json)
    return 0
