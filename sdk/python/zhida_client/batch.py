"""Cuts many events into batches that one call takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from zhida_client.codec import write
from zhida_client.schemas import Event

COUNT: Final = 1000
BYTES: Final = 1_000_000
"""Zhida takes 1 MiB; the rest is for what stands around the events."""


def cut(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield the events in their order, at most 1,000 and 1 MB at once."""
    batch: list[Event] = []
    size = 0
    for event in events:
        more = len(write(event)) + 1
        if batch and (len(batch) == COUNT or size + more > BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += more
    if batch:
        yield batch
