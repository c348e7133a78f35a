"""Begins a benchmark's campaigns, runs workers for them, and waits for what comes of it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from service.settings import ROOT
from store import crowd_campaign
from store.crowd_campaign import Progress
from store.engine import Database

LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 600.0


@dataclass(slots=True)
class Sender:
    """A worker in a process of its own, and what it said."""

    process: asyncio.subprocess.Process
    report: dict[str, Any] = field(default_factory=dict)
    first: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Take what it writes."""
        assert self.process.stdout is not None  # noqa: S101  # made as a pipe
        async for line in self.process.stdout:
            self.report |= json.loads(line)
            self.first.set()


@asynccontextmanager
async def run_sender(
    url: str, roles: Sequence[str], account: dict[str, Any] | None = None
) -> AsyncIterator[Sender]:
    """Run a worker within the block; its report is there afterwards."""
    order = json.dumps({"url": url, "roles": roles, "account": account})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.bench.sender", order,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    sender = Sender(process)
    listening = asyncio.create_task(sender.listen(), name="sender")
    try:
        yield sender
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await listening


async def begin(
    database: Database,
    channels: Sequence[str],
    *,
    template: str = crowd_campaign.TEMPLATE,
    fields: Mapping[str, str] | None = None,
) -> UUID:
    """Begin a campaign to everybody, with all checks on."""
    async with database.transaction() as connection:
        return await crowd_campaign.record_campaign(
            connection, channels, template=template, fields=fields
        )


async def await_progress(
    database: Database, campaign: UUID, is_there: Callable[[Progress], bool]
) -> Progress:
    """Wait until a campaign has come so far."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with database.once() as connection:
                progress = await crowd_campaign.find_progress(connection, campaign)
            if is_there(progress):
                return progress
            await asyncio.sleep(LOOK_SECONDS)


def is_planned(progress: Progress) -> bool:
    """Tell whether all of the audience is planned."""
    return progress.planned_at is not None


def is_done(progress: Progress) -> bool:
    """Tell whether everybody was sent to or has a reason."""
    return progress.ended_at is not None
