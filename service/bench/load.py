"""Puts load on something and measures what it takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

Work = Callable[[int], Awaitable[bool]]


@dataclass(slots=True)
class Measured:
    """What a load gave: milliseconds of what went well, how much did not, seconds of it all."""

    ms: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    @property
    def per_s(self) -> float:
        """Things done well per second of wall time."""
        return len(self.ms) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return the time that `share` (0 to 1) of the things did not exceed; the nearest rank."""
        ranked = sorted(self.ms)
        if not ranked:
            return float("nan")
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


async def run_closed(work: Work, count: int, *, at_once: int) -> Measured:
    """Do `count` things, `at_once` at a time: what the thing under load can carry."""
    measured, numbers = Measured(), iter(range(count))

    async def drive() -> None:
        for number in numbers:
            await _do(work, number, measured)

    started = time.perf_counter()
    await asyncio.gather(*(drive() for _ in range(at_once)))
    measured.seconds = time.perf_counter() - started
    return measured


async def run_open(work: Work, count: int, *, per_s: float) -> Measured:
    """Do `count` things, one every 1/`per_s` seconds, whether the last is done or not.

    Times count from when a thing was due, so that a queue shows (no coordinated omission).
    """
    measured, started = Measured(), time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    for number in range(count):
        due = started + number / per_s
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_do(work, number, measured, due=due)))
    await asyncio.gather(*tasks)
    measured.seconds = time.perf_counter() - started
    return measured


async def _do(work: Work, number: int, measured: Measured, *, due: float | None = None) -> None:
    started = time.perf_counter() if due is None else due
    if await work(number):
        measured.ms.append((time.perf_counter() - started) * 1000)
    else:
        measured.failed += 1


def make_questions(texts: Sequence[str], count: int) -> list[str]:
    """Return `count` questions, no two alike, made of real ones and of how people begin and end."""
    begin = ("", "请问", "你好，", "我想问下", "麻烦问一下", "想了解", "请教一下，", "那个，")
    end = ("", "？", "呢", "，谢谢", "啊", "，急", "，在线等", "吗？")
    made = dict.fromkeys(f"{a}{text}{b}" for b in end for a in begin for text in texts)
    if len(made) < count:
        raise ValueError(f"{len(texts)} texts give {len(made)} questions, {count} are wanted.")
    return list(made)[:count]
