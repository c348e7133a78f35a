"""`zhida bench delivery`: what must arrive does, while everything else goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from statistics import quantiles
from typing import Any

import psutil

from kernel.errors import ServiceError
from service.bench.cluster import Url, open_database, run_cluster
from service.bench.instance import run_instance
from service.bench.journey import measure_entries, measure_timers
from service.bench.report import Report
from service.bench.sending import PATIENCE_SECONDS, begin, run_sender
from service.bench.tiers import measure_tiers
from service.settings import ROOT
from store.cipher import Cipher
from store.crowd import PLACES
from store.engine import Database

ALARMS = 400
PER_SECOND = 20.0
ENTRIES = 200_000
TIMERS = 400
IDLE_SECONDS = 30.0
SETTLE_SECONDS = 15.0
ALARM_SECONDS = 300.0


class NoAlarm(ServiceError):
    """The process that measures margin calls failed; its log is above."""

    code = "no_alarm"
    message_zh = "测量追保通知的进程出错，原因见上。"


async def measure(n: int, *, with_idle: bool = True) -> Report:
    """Measure on `n` clients: critical notices beside a campaign to all, tiers, journey entries.

    `idle_cpu_percent` is that of the whole product with nobody there, in percent of one core.
    """
    async with run_cluster() as url, open_database(url("postgres")) as database:
        ours = {f"tiers_{_short(n)}_s": await measure_tiers(database, n)}
        entries = min(n, ENTRIES)
        cipher = Cipher(keys={1: os.urandom(32)}, index_key=os.urandom(32))
        found = await measure_entries(entries, database, cipher)
        ours[f"journey_entries_{_short(entries)}_s"] = found["entries_s"]
        ours |= await measure_timers(min(n, TIMERS), database, cipher)
        ours = await _measure_critical(url, database) | ours
    if with_idle:
        ours["idle_cpu_percent"] = await measure_idle()
    return Report("delivery", n, ours, {})


async def _measure_critical(url: Url, database: Database) -> dict[str, float]:
    """Return how long critical notices take, alone and while a campaign to everybody runs."""
    alone = await _run_alarms(url("postgres"))
    await begin(database, tuple(one.channel for one in PLACES))
    async with run_sender(url("postgres"), ("plan", "bulk")) as sender:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await sender.first.wait()
        busy = await _run_alarms(url("postgres"))
    return {
        "critical_p50_ms": _percentile(busy, 50),
        "critical_p99_ms": _percentile(busy, 99),
        "critical_max_ms": max(busy),
        "critical_alone_p50_ms": _percentile(alone, 50),
        "critical_alone_p99_ms": _percentile(alone, 99),
        "campaign_calls": float(sender.report["calls"]),
    }


async def measure_idle() -> float:
    """Return the processor time of all parts while nobody is there, in percent of one core."""
    async with run_instance() as instance:
        await asyncio.sleep(SETTLE_SECONDS)
        before = _spent(instance.family())
        await asyncio.sleep(IDLE_SECONDS)
        after = _spent(instance.family())
    used = sum(after[pid] - before.get(pid, 0.0) for pid in after)
    return used / IDLE_SECONDS * 100


async def _run_alarms(url: str) -> list[float]:
    order = json.dumps({"url": url, "count": ALARMS, "per_s": PER_SECOND})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.bench.alarm", order,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    try:
        async with asyncio.timeout(ALARM_SECONDS):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise NoAlarm
    found: Any = json.loads(told)
    return [float(one) for one in found]


def _spent(family: list[psutil.Process]) -> dict[int, float]:
    """Return the seconds of processor time of each process that is there."""
    spent = {}
    for one in family:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent[one.pid] = times.user + times.system
    return spent


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _short(n: int) -> str:
    """Return a number as the keys of DESIGN §8 have it: 1m, 200k."""
    return f"{n // 1_000_000}m" if n % 1_000_000 == 0 else f"{n // 1000}k"
