"""`zhida bench chat`: from callback to reply, everything persisted, beside stock Rasa."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from knowledge.article import read_articles
from service.bench.instance import Instance, run_instance
from service.bench.load import Measured, Work, make_questions, run_closed, run_open
from service.bench.report import Report
from service.bench.stock import ask, run_stock
from service.bench.wechat import Callback, Caller

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 8
WARM_UP = 40


async def measure(count: int, folder: Path) -> Report:
    """Measure us, then stock Rasa, on the same `count` questions, eight at once."""
    groups = _question_groups()
    questions = make_questions([text for group in groups for text in group], count + WARM_UP)
    async with run_instance() as instance:
        ours = await _measure_ours(instance, questions)
    peer = await _measure_stock(groups, questions, folder)
    return Report("chat", count, ours, {"stock_rasa": peer})


async def _measure_ours(instance: Instance, questions: Sequence[str]) -> dict[str, float]:
    settings = instance.settings
    account, url = settings.wechat_accounts["demo"], f"{settings.site_url}/channels/wechat/demo"
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        caller = Caller(session, url, settings.lab_url, account)
        watch = asyncio.create_task(caller.watch(), name="ledger-watch")
        try:
            await _post_all(caller, questions[:WARM_UP])
            fresh = await _post_all(caller, questions[WARM_UP:])
            again = await _post_all(caller, [*questions[WARM_UP : WARM_UP + 20]] * 15)
            share = await _passive_share(caller, questions[WARM_UP:], fresh.per_s / 2)
        finally:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
    return _figures(fresh) | {
        "start_s": instance.start_s,
        "passive_in_time_share": share,
        "repeated_per_s": again.per_s,
    }


async def _post_all(caller: Caller, texts: Sequence[str]) -> Measured:
    callbacks = caller.prepare(list(texts))
    return await run_closed(_poster(caller, callbacks), len(callbacks), at_once=AT_ONCE)


async def _passive_share(caller: Caller, texts: Sequence[str], per_s: float) -> float:
    """Return the share answered on the callback at half of the peak, other words than before."""
    callbacks = caller.prepare([f"{text}（再问）" for text in texts])
    caller.passive = caller.later = 0
    measured = await run_open(_poster(caller, callbacks), len(callbacks), per_s=max(1.0, per_s))
    total = caller.passive + caller.later + measured.failed
    return caller.passive / total if total else 0.0


def _poster(caller: Caller, callbacks: Sequence[Callback]) -> Work:
    async def work(number: int) -> bool:
        return await caller.post(callbacks[number])

    return work


async def _measure_stock(
    groups: Sequence[Sequence[str]], questions: Sequence[str], folder: Path
) -> dict[str, float]:
    async with run_stock(groups, folder) as stock, aiohttp.ClientSession() as session:

        async def work(number: int) -> bool:
            return await ask(session, stock.url, f"bench-{number}", questions[number])

        await run_closed(work, WARM_UP, at_once=AT_ONCE)

        async def measured_work(number: int) -> bool:
            return await work(number + WARM_UP)

        count = len(questions) - WARM_UP
        measured = await run_closed(measured_work, count, at_once=AT_ONCE)
        return _figures(measured) | {"start_s": stock.start_s, "train_s": stock.train_s}


def _figures(measured: Measured) -> dict[str, float]:
    return {
        "per_s": measured.per_s,
        "p50_ms": measured.percentile(0.50),
        "p99_ms": measured.percentile(0.99),
        "failed": float(measured.failed),
    }


def _question_groups() -> list[list[str]]:
    articles = read_articles(ROOT / "knowledge" / "articles")
    asked = [list(edition.questions) for one in articles for edition in one.editions[:1]]
    return [questions for questions in asked if len(questions) >= 6]
