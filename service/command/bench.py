"""Measure ourselves and our peers in one run, on the same work and the same cores."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from service.bench.report import Report
from service.parser import make_parser
from service.settings import ROOT

STOCK = ROOT / "var" / "bench" / "stock"
PEERS = ROOT / "var" / "bench" / "peers"


def run(words: Sequence[str]) -> int:
    """Run one benchmark and print its figures."""
    parser = make_parser("bench", __doc__)
    parser.add_argument("name", choices=tuple(_BENCHES), help="what to measure")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--n", type=int, default=600, help="chat: questions asked (default 600)")
    parser.add_argument(
        "--clients",
        type=int,
        default=1_000_000,
        help="campaign, delivery: clients (default 1000000)",
    )
    options = parser.parse_args(words)
    report = asyncio.run(_BENCHES[options.name](options))
    report.print(as_json=options.json)
    return 0


async def _chat(options: argparse.Namespace) -> Report:
    from service.bench.chat import measure

    return await measure(options.n, STOCK)


async def _campaign(options: argparse.Namespace) -> Report:
    from service.bench.campaign import measure

    return await measure(options.clients, PEERS)


async def _delivery(options: argparse.Namespace) -> Report:
    from service.bench.delivery import measure

    return await measure(options.clients)


_BENCHES: Mapping[str, Callable[[argparse.Namespace], Coroutine[Any, Any, Report]]] = {
    "campaign": _campaign,
    "chat": _chat,
    "delivery": _delivery,
}
