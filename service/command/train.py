"""Train the assistant from bot/ and knowledge/; starts an encoder of its own where none runs."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from kernel.errors import ServiceError
from service.crew import BOT_PYTHON, bot_environment, encoder_child
from service.journal import Journal
from service.parser import make_parser
from service.probe import find_free_port, get_status
from service.settings import ROOT, Settings
from service.source import load_settings
from service.supervise import Supervisor

_LONGEST_S = 1800.0


class TrainingFailed(ServiceError):
    """The assistant could not be trained."""

    code = "training_failed"
    message_zh = "助手训练失败。"


def run(words: Sequence[str]) -> int:
    """Train and return 0 when there is a new model."""
    make_parser("train", __doc__).parse_args(words)
    settings = load_settings()
    if not BOT_PYTHON.exists():
        raise TrainingFailed(f"{BOT_PYTHON} is missing: run `make setup`.")
    return asyncio.run(_train(settings))


async def _train(settings: Settings) -> int:
    async with _encoder_for(settings) as reachable:
        process = await asyncio.create_subprocess_exec(
            str(BOT_PYTHON),
            "-m",
            "bot.train",
            cwd=ROOT,
            env={**os.environ, **bot_environment(reachable)},
            stdin=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(_LONGEST_S):
                status = await process.wait()
        except TimeoutError as error:
            raise TrainingFailed(f"Training took longer than {_LONGEST_S:.0f} s.") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if status != 0:
        raise TrainingFailed(f"Training ended with status {status}; the lines above say why.")
    return 0


@asynccontextmanager
async def _encoder_for(settings: Settings) -> AsyncIterator[Settings]:
    """Give settings whose encoder answers: the one that runs, or one for this training alone."""
    running = await get_status(settings.encoder_port, "/healthz") == 200
    if running or not settings.has_own_encoder:
        yield settings
        return
    own = replace(settings, encoder_port=find_free_port())
    journal = Journal(sys.stderr, lambda: datetime.now(UTC), level="warning")
    supervisor = Supervisor([replace(encoder_child(own), essential=True)], journal)
    keeping = asyncio.create_task(supervisor.run(), name="encoder")
    ready = asyncio.create_task(supervisor.wait_ready(), name="ready")
    try:
        await asyncio.wait([keeping, ready], return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():
            await keeping
        yield own
    finally:
        ready.cancel()
        supervisor.stop()
        await keeping
