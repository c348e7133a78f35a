"""`zhida bench campaign`: a plan with every check on, and its messages, beside job queues."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from service.bench.audience import measure_counts
from service.bench.cluster import Url, open_database, run_cluster
from service.bench.crowd import make_crowd
from service.bench.gateway import measure_http
from service.bench.queue import measure_peers
from service.bench.report import Report
from service.bench.sending import (
    PATIENCE_SECONDS,
    await_progress,
    begin,
    is_done,
    is_planned,
    run_sender,
)
from store import crowd_campaign
from store.crowd import PLACES
from store.engine import Database

BUSY_SECONDS, CALM_SECONDS = 2.0, 4.0
"""How long the campaign that is paused was under way, and how long nothing may come after."""
CHANNELS = tuple(one.channel for one in PLACES)


async def measure(n: int, folder: Path) -> Report:
    """Measure us on `n` clients, then the peers on fewer, on the same server one after another."""
    async with run_cluster() as url:
        async with open_database(url("postgres")) as database:
            await make_crowd(database, n)
            ours = await _measure_ours(url, database)
        ours |= await measure_http(url, n)
        peers = await measure_peers(url, folder)
    return Report("campaign", n, ours, peers, compared=("null_per_s",))


async def _measure_ours(url: Url, database: Database) -> dict[str, float]:
    counts_s = await measure_counts(database)
    first_s, pause_s = await _measure_first(url, database)
    campaign = await begin(database, CHANNELS)
    async with run_sender(url("postgres"), ("plan",)):
        done = await await_progress(database, campaign, is_planned)
    plan_s = ((done.planned_at or done.started_at) - done.started_at).total_seconds()
    async with run_sender(url("postgres"), ("bulk",)) as sender:
        done = await await_progress(database, campaign, is_done)
    assert done.ended_at is not None  # noqa: S101  # is_done() looked
    seconds = done.ended_at.timestamp() - sender.report["first_at"]
    return {
        "plan_s": plan_s,
        "planned": float(done.planned),
        "first_message_s": first_s,
        "pause_s": pause_s,
        "audience_count_s": counts_s,
        "null_per_s": sender.report["calls"] / seconds,
        "worker_rss_mb": sender.report["rss_mb"],
        "worker_cpu_us": sender.report["cpu_s"] / sender.report["calls"] * 1e6,
    }


async def _measure_first(url: Url, database: Database) -> tuple[float, float]:
    """Return the seconds from a start to the first call, and from a pause to the last one."""
    async with run_sender(url("postgres"), ("plan", "bulk")) as sender:
        await asyncio.sleep(3.0)  # the worker has been there for long
        campaign = await begin(database, CHANNELS)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await sender.first.wait()
        await asyncio.sleep(BUSY_SECONDS)
        async with database.transaction() as connection:
            await crowd_campaign.pause(connection, campaign)
        paused = time.time()
        await asyncio.sleep(CALM_SECONDS)
    async with database.transaction() as connection:
        await crowd_campaign.stop(connection, campaign)
        started = (await crowd_campaign.find_progress(connection, campaign)).started_at
    first = float(sender.report["first_at"]) - started.timestamp()
    return first, max(0.0, float(sender.report["last_at"]) - paused)
