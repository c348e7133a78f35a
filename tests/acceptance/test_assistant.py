"""The assistant's own tests, in the assistant's own Python."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 580


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_talk_component_and_story_of_the_assistant() -> None:
    """Start an encoder, Rasa and fake actions; the output of a failure is pytest's own."""
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "bot/.venv/bin/python"),
        *("-W", "ignore", "-m", "pytest", "-q", "-p", "no:cacheprovider", "bot/tests"),
        *("-c", "bot/pyproject.toml", "--rootdir", str(ROOT)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    except BaseException:
        process.terminate()
        await process.wait()
        raise
    assert process.returncode == 0, output.decode("utf-8", "replace")[-6000:]
